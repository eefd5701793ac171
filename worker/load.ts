// From an address to a Pyodide that runs: from a snapshot of its memory where there is one, or else from nothing.

import type { PyodideInterface } from 'pyodide';
import type { BakedImage } from './baked-image.js';
import { FetchFailure, withCountedFetch, within } from './counted-fetch.js';
import { downloadProgress, type DownloadProgress, type OnProgress } from './download-progress.js';
import { fetchBakedImage, type FetchOptions } from './fetch-baked-image.js';
import type { Pyodide } from './pyodide.js';
import { bootFailure, type RemoteFailure } from './remote-failure.js';
import { deleteSnapshots, findSnapshot, snapshotKey } from './snapshot-store.js';

export interface LoadOptions extends FetchOptions {
  /** Where `pyodide.mjs` lies, absolute with a trailing slash. */
  readonly indexURL: string;
  /** The same place as `loadPyodide` wants it: Node takes a path. */
  readonly indexPath: string;
  readonly snapshot: ArrayBuffer | null;
  readonly makeSnapshot: boolean;
  /** Start from the snapshot in the browser's storage, or store the one that is made. */
  readonly cache: boolean;
  /** The address of a baked image to start from. */
  readonly image: string | null;
  readonly onProgress: OnProgress;
}

export interface Loaded {
  readonly pyodide: Pyodide;
  /** `cold` also where a snapshot or an image was given and could not be used. */
  readonly how: 'cold' | 'snapshot' | 'image';
  /** The image that was asked for, whether the interpreter started from it or not. */
  readonly image?: BakedImage | undefined;
}

export async function load(options: LoadOptions): Promise<Loaded> {
  const progress = downloadProgress(options.onProgress);
  // where it cannot be had, the command that sets its env up says why
  const opening =
    options.image === null
      ? undefined
      : fetchBakedImage(options.image, options, progress.onImage).catch(() => undefined);
  const module = await importPyodide(options);
  try {
    const image = await opening;
    for (const { how, memory, drop } of await memoriesFor(options, image, module.version)) {
      try {
        const pyodide = await start(module, options, progress, { _loadSnapshot: memory });
        pyodide.runPython('import random; random.seed()'); // or all restored interpreters would draw the same numbers
        return { pyodide, how, image };
      } catch (error) {
        if (error instanceof FetchFailure) throw error;
        await drop?.();
      }
    }
    const pyodide = await start(module, options, progress, { _makeSnapshot: options.makeSnapshot });
    return { pyodide, how: 'cold', image };
  } catch (error) {
    throw startFailure(error, module, options, progress);
  }
}

interface PyodideModule {
  readonly version: string;
  loadPyodide(options: object): Promise<PyodideInterface>;
}

async function importPyodide({ indexURL, stall }: LoadOptions): Promise<PyodideModule> {
  const url = `${indexURL}pyodide.mjs`;
  try {
    return await within(stall, importFrom(url) as Promise<PyodideModule>);
  } catch (error) {
    throw bootFailure('download', url, `${String(error)}; check indexURL and that the server sends the file`);
  }
}

const importFrom = (url: string): Promise<unknown> => import(/* webpackIgnore: true */ /* @vite-ignore */ url);

/** Whether the sizes of its files are those that were measured when this script was built. */
const isKnown = (module: PyodideModule): boolean => module.version === __PYODIDE_VERSION__;

interface Memory {
  readonly how: 'image' | 'snapshot';
  readonly memory: Bytes | Promise<Bytes>;
  /** Where the interpreter did not start from it. */
  readonly drop?: () => Promise<void>;
}
type Bytes = Uint8Array<ArrayBuffer>;

/** The memories to start from, the best one first. */
async function memoriesFor(
  { indexURL, snapshot, makeSnapshot, cache }: LoadOptions,
  image: BakedImage | undefined,
  version: string,
): Promise<readonly Memory[]> {
  const memories: Memory[] = [];
  if (image?.manifest.bridge === __BRIDGE__ && image.manifest.pyodide === version) {
    const memory = image.memory();
    memory.catch(() => undefined); // it may fail before anybody waits for it
    memories.push({ how: 'image', memory });
  } else image?.close();
  if (snapshot) memories.push({ how: 'snapshot', memory: new Uint8Array(snapshot) });
  if (memories.length || makeSnapshot || !cache) return memories;
  const stored = await findSnapshot(snapshotKey(indexURL, version));
  return stored ? [{ how: 'snapshot', memory: stored.snapshot, drop: deleteSnapshots }] : [];
}

function start(
  module: PyodideModule,
  { indexURL, indexPath, stall }: LoadOptions,
  { onBytes }: DownloadProgress,
  more: { readonly _loadSnapshot: Memory['memory'] } | { readonly _makeSnapshot: boolean },
): Promise<Pyodide> {
  const sizes = isKnown(module) ? __PYODIDE_SIZES__ : {};
  return withCountedFetch({ sizes, stall, onBytes, onFailure: 'fail fast' }, () =>
    module.loadPyodide({
      ...more,
      // Pyodide would import this script itself, without a limit of time; in Node it does so from a path
      ...(isKnown(module) &&
        indexURL === indexPath && { createPyodideModule: watchedImport(`${indexURL}pyodide.asm.mjs`, stall) }),
      indexURL: indexPath,
      // sets have the same order in every interpreter, or a replay could differ:
      // https://docs.python.org/3/using/cmdline.html#envvar-PYTHONHASHSEED
      env: { PYTHONHASHSEED: '0', HOME: '/home/pyodide' },
    }),
  );
}

/**
 * A script's default export. No byte of an import can be seen: a script that takes long is fetched as well, by the `fetch`
 * that is watched, and the import has to be over soon after that.
 */
async function watchedImport(url: string, stall: number): Promise<unknown> {
  const script = importFrom(url) as Promise<{ readonly default: unknown }>;
  const again = async () => {
    await (await fetch(url)).arrayBuffer();
    return within(stall, script);
  };
  try {
    return (await within(stall, script).catch(() => Promise.race([script, again()]))).default;
  } catch (error) {
    throw new FetchFailure(url, String(error));
  }
}

function startFailure(
  error: unknown,
  module: PyodideModule,
  { indexURL }: LoadOptions,
  { incompleteFile }: DownloadProgress,
): RemoteFailure {
  if (error instanceof FetchFailure) {
    const advice = 'check indexURL and that the server sends the file';
    return bootFailure('download', error.url, `${error.message}; ${advice}`);
  }
  const { message = String(error) } = error as { readonly message?: string };
  const incomplete = isKnown(module) ? incompleteFile() : undefined;
  if (!incomplete) return bootFailure('boot', indexURL, `${message}; check that all of Pyodide lies there, whole`);
  const { file, loaded } = incomplete;
  const sizes = `${loaded} bytes came, not ${__PYODIDE_SIZES__[file]}`;
  return bootFailure('boot', `${indexURL}${file}`, `${message}; ${sizes}: check that the server has the whole file`);
}
