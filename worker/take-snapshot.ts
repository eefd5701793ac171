import { encodeBakedImage, type BakedEnv, type BakedImage, type Manifest } from './baked-image.js';
import { filesIn, placesIn } from './files.js';
import { xor, type InitialData } from './initial-data.js';
import type { Loaded } from './load.js';
import type { Pyodide } from './pyodide.js';
import { bootFailure } from './remote-failure.js';
import { zeroFreeMemory } from './zero-free-memory.js';

export interface SnapshotFacts extends Pick<Manifest, 'packages'> {
  /** The version of rxgym. */
  readonly rxgym: string;
  readonly env: BakedEnv | null;
  /** Whether what lies where Python runs belongs to it. */
  readonly home: boolean;
  /** Whether it may lack what Pyodide's main module brings along: it is to be downloaded. */
  readonly isLean: boolean;
}

/** The interpreter's memory, with what it lacks, as an image. */
export async function takeSnapshot(
  { pyodide, links, initialData }: Loaded,
  { rxgym, env, home, isLean, packages }: SnapshotFacts,
): Promise<{ manifest: Manifest; bytes: Uint8Array<ArrayBuffer> }> {
  if (!pyodide.makeMemorySnapshot) {
    throw bootFailure('boot', 'pyodide', 'this version of Pyodide takes no memory snapshots');
  }
  const places = placesIn(pyodide);
  const python = pyodide.runPython('import gc, sys; gc.collect(); sys.version.split()[0]') as string;
  const files: BakedImage['files'] = [
    ...filesIn(pyodide.FS, places.site, 'site'),
    ...filesIn(pyodide.FS, places.lib, 'lib'),
    ...(home ? filesIn(pyodide.FS, places.home, 'home') : []),
  ];
  const linked = links?.() ?? null;
  if (pyodide._module) zeroFreeMemory(pyodide._module);
  const memory = pyodide.makeMemorySnapshot() as Uint8Array<ArrayBuffer>;
  const data = isLean ? takeOut(memory, pyodide, initialData?.()) : null;
  const facts = { rxgym, bridge: __BRIDGE__, pyodide: pyodide.version, python, env, packages, links: linked, data };
  return encodeBakedImage(facts, files, memory);
}

function takeOut(
  snapshot: Uint8Array<ArrayBuffer>,
  { _module }: Pyodide,
  data: Uint8Array | undefined,
): InitialData | null {
  if (!data || !_module?.HEAPU8) return null;
  const at = snapshot.length - _module.HEAPU8.length; // Pyodide's own head comes before the memory
  return { at, length: data.length, sum: xor(snapshot, at, data) };
}
