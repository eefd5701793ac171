import type { FileSystem, Pyodide } from './pyodide.js';

/** A path below `site/`, `lib/` or `home/`, and what is there. */
export type PlacedFile = readonly [path: string, bytes: Uint8Array<ArrayBuffer>];

/** Where files go: packages, the libraries that several packages share, and the folder in which Python runs. */
export interface Places {
  readonly site: string;
  readonly lib: string;
  readonly home: string;
}

/** `python`: its version. */
export function placesOf(python: string): Places {
  const [major = '', minor = ''] = python.split('.');
  return { site: `/lib/python${major}.${minor}/site-packages`, lib: '/usr/lib', home: '/home/pyodide' };
}

export function placesIn(pyodide: Pyodide): Places {
  return placesOf(pyodide.runPython('import sys; sys.version') as string);
}

/** The place's own folder instead of its name. */
export function pathOf(path: string, places: Places): string {
  return path.replace(/^\w+/, (name) => places[name as keyof Places]);
}

/** Writes a file into the interpreter's memory, and makes the folders that it lies in. */
export function writeFile({ FS }: Pyodide, path: string, bytes: Uint8Array): void {
  FS.mkdirTree(folderOf(path));
  FS.writeFile(path, bytes);
}

/** Writes many files, whose bytes are nobody else's: they are not copied. */
export function placeFiles({ FS }: Pyodide, files: readonly PlacedFile[], places: Places): void {
  const folders = new Set<string>();
  for (const [placed, bytes] of files) {
    const path = pathOf(placed, places);
    const folder = folderOf(path);
    if (!folders.has(folder)) FS.mkdirTree(folder);
    folders.add(folder);
    FS.writeFile(path, bytes, { canOwn: true });
  }
}

/** All files in a folder, and in those below it; `as` stands for the folder. */
export function filesIn(FS: FileSystem, folder: string, as: string): PlacedFile[] {
  if (!FS.analyzePath(folder).exists) return [];
  const names = FS.readdir(folder).filter((name) => !['.', '..', '__pycache__'].includes(name));
  return names.flatMap((name): PlacedFile[] => {
    const path = `${folder}/${name}`;
    const { mode } = FS.stat(path);
    if (FS.isDir(mode)) return filesIn(FS, path, `${as}/${name}`);
    return [[`${as}/${name}`, new Uint8Array(FS.readFile(path))]];
  });
}

const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/'));
