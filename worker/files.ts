import type { Pyodide } from './pyodide.js';

/** Writes a file into the interpreter's memory, and makes the folders that it lies in. */
export function writeFile({ FS }: Pyodide, path: string, bytes: Uint8Array): void {
  FS.mkdirTree(path.slice(0, path.lastIndexOf('/')));
  FS.writeFile(path, bytes);
}

/** Where a baked image's files go: packages, and the folder in which Python runs. */
export function folders(pyodide: Pyodide): { site: string; home: string } {
  const site = pyodide.runPython("import sys; '/lib/python%d.%d/site-packages' % sys.version_info[:2]") as string;
  return { site, home: '/home/pyodide' };
}
