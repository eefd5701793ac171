import { writeFile, type Places } from './files.js';
import type { Namespace, Pyodide } from './pyodide.js';

/** A package's file, and where its contents go. */
export interface Archive {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly place: 'site' | 'lib';
}

const unpacking = `
import os, zipfile
with zipfile.ZipFile(path) as archive:
    names = archive.namelist()
    elsewhere = [name for name in names if name.split("/", 1)[0].endswith(".data")]
    if not elsewhere:
        archive.extractall(folder)
os.remove(path)
elsewhere[0] if elsewhere else sum(name.endswith(".so") for name in names)
`;

/**
 * Unpacks a package without Pyodide's `loadPackage`, after which no snapshot could be taken. Its libraries are loaded when
 * Python imports them. Returns how many it has.
 */
export function unpack(pyodide: Pyodide, { name, bytes, place }: Archive, places: Places): number {
  if (!/\.(whl|zip)$/.test(name)) throw new Error(`${name} is no zip file`);
  const path = `/tmp/${name}`;
  writeFile(pyodide, path, bytes);
  const globals = pyodide.toPy({ path, folder: places[place] }) as Namespace;
  const found = pyodide.runPython(unpacking, { globals }) as number | string;
  globals.destroy();
  if (typeof found === 'string') throw new Error(`${name} has files for other folders (${found})`);
  return found;
}

/** A lock file's `install_dir` as a place. */
export const placeFor = (installDir: string): Archive['place'] => (installDir === 'dynlib' ? 'lib' : 'site');
