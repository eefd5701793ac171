import type { Packed } from '../src/protocol/pack.js';
import { watched, type Prefetched } from './counted-fetch.js';
import type { FetchOptions } from './fetch-baked-image.js';
import { placesIn } from './files.js';
import { isURL } from './install.js';
import { lockedWith } from './prefetch.js';
import type { Namespace, Pyodide, PythonFunction } from './pyodide.js';
import { hex, sha256 } from './sha256.js';
import { placeFor, unpack } from './unpack.js';

interface Fetching extends FetchOptions {
  readonly prefetched: Prefetched;
}

interface Filling extends Fetching {
  readonly indexURL: string;
  readonly packages: readonly string[];
  readonly specs: readonly Packed[];
}

/**
 * Gives an interpreter what its snapshot is to hold: the packages that are in Pyodide's lock file, and what envs import when
 * they are set up. Returns the packages, with their hashes. All else is installed later, as without a snapshot.
 */
export async function fillForSnapshot(
  pyodide: Pyodide,
  bridge: Namespace,
  { indexURL, packages, specs, ...fetching }: Filling,
): Promise<Readonly<Record<string, string>>> {
  const names = packages.filter((name) => !isURL(name));
  const wanted = lockedWith(pyodide.lockfile?.packages ?? {}, names);
  const places = placesIn(pyodide);
  const archives = wanted.map(async ([, { file_name, install_dir, sha256: expected }]) => {
    const bytes = await download(new URL(file_name, indexURL).href, fetching);
    if (hex(await sha256(bytes)) !== expected) throw new Error(`${file_name} is not that of the lock file`);
    return { name: file_name, bytes, place: placeFor(install_dir) };
  });
  for (const archive of await Promise.all(archives)) unpack(pyodide, archive, places);
  for (const spec of specs) await imports(bridge, spec);
  return Object.fromEntries(wanted.map(([name, locked]) => [name, locked.sha256]));
}

async function download(url: string, { fetchFile, stall, prefetched }: Fetching): Promise<Uint8Array<ArrayBuffer>> {
  const response = (await prefetched(url)) ?? (await watched(url, (signal) => fetchFile(url, signal), { stall }));
  if (!response.ok) throw new Error(`${url}: the server answered ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

/** Sets an env up, and leaves nothing of it but what was imported. What fails here fails again later, and is told then. */
async function imports(bridge: Namespace, spec: Packed): Promise<void> {
  if (!spec.buffers.length) await (bridge.get('set_up') as PythonFunction)(0, spec.json, undefined);
  (bridge.get('forget') as PythonFunction)();
}
