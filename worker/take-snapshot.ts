import type { LoadOptions } from './load.js';
import type { Pyodide } from './pyodide.js';
import { bootFailure } from './remote-failure.js';
import { snapshotKey, storeSnapshot } from './snapshot-store.js';

/** The interpreter's memory, which the browser's storage gets too where it is to be cached. */
export async function takeSnapshot(pyodide: Pyodide, options: LoadOptions): Promise<Uint8Array<ArrayBuffer>> {
  const snapshot = pyodide.makeMemorySnapshot?.() as Uint8Array<ArrayBuffer> | undefined;
  if (!snapshot) throw bootFailure('boot', 'pyodide', 'this version of Pyodide takes no memory snapshots');
  if (options.cache) await storeSnapshot(snapshotKey(options.indexURL, pyodide.version), snapshot);
  return snapshot;
}
