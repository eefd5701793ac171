import { encodeBakedImage, type BakedEnv, type BakedImage, type Manifest } from './baked-image.js';
import { filesIn, placesIn } from './files.js';
import type { Loaded } from './load.js';
import { bootFailure } from './remote-failure.js';

export interface SnapshotFacts extends Pick<Manifest, 'packages'> {
  /** The version of rxgym. */
  readonly rxgym: string;
  readonly env: BakedEnv | null;
  /** Whether what lies where Python runs belongs to it. */
  readonly home: boolean;
}

/** The interpreter's memory, with what it lacks, as an image. */
export async function takeSnapshot(
  { pyodide, links }: Loaded,
  { rxgym, env, home, packages }: SnapshotFacts,
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
  const memory = pyodide.makeMemorySnapshot() as Uint8Array<ArrayBuffer>;
  const facts = { rxgym, bridge: __BRIDGE__, pyodide: pyodide.version, python, env, packages, links: linked };
  return encodeBakedImage(facts, files, memory);
}
