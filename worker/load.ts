// From an address to a Pyodide that runs: from a picture of its memory, where there is one, or from nothing.

import type { PyodideInterface } from 'pyodide';
import type { BootStage } from '../src/errors.js';
import { FetchFailure, watched, withCountedFetch, within } from './counted-fetch.js';
import { openImage, type Image } from './image.js';
import { Refusal } from './refusal.js';
import { clear, find } from './storage.js';

export interface LoadOptions {
  /** Where `pyodide.mjs` lies, absolute with a trailing slash. */
  readonly indexURL: string;
  /** The same place as `loadPyodide` wants it: Node takes a path. */
  readonly indexPath: string;
  readonly snapshot: ArrayBuffer | null;
  readonly makeSnapshot: boolean;
  /** Start from the picture that the browser keeps, or give it the one that is made. */
  readonly cache: boolean;
  /** The address of an image, to start from. */
  readonly image: string | null;
  /** Gets an image. */
  readonly fetchFile: (url: string, signal: AbortSignal) => Promise<Response>;
  /** How long a download may bring no byte, in ms. */
  readonly stall: number;
  readonly onProgress: (stage: BootStage, label: string, loaded: number | null, total: number | null) => void;
}

type Bytes = Uint8Array<ArrayBuffer>;

interface PyodideModule {
  readonly version: string;
  loadPyodide(options: object): Promise<PyodideInterface>;
}

export interface Loaded {
  readonly pyodide: PyodideInterface;
  /** `cold` also where a snapshot or an image was given and could not be used. */
  readonly how: 'cold' | 'snapshot' | 'image';
  /** The one that was asked for, started from or not. */
  readonly image?: Image | undefined;
}

export async function load(options: LoadOptions): Promise<Loaded> {
  const { indexURL, indexPath, onProgress, snapshot, makeSnapshot, cache, stall } = options;
  const url = `${indexURL}pyodide.mjs`;
  onProgress('download', 'Downloading Python', null, null);
  // Of another version's files nothing is known before their download; ours are near enough for a bar to begin with.
  const files = new Map<string, { readonly loaded: number; readonly total: number }>(
    counted.map((file) => [file, { loaded: 0, total: __PYODIDE_SIZES__[file] }]),
  );
  const ended = new Map<string, number>();
  const onBytes = (file: string, loaded: number, total: number | null): void => {
    if (loaded === total) ended.set(file, loaded);
    const one = files.get(file);
    if (!one) return; // small, or none of Pyodide's
    files.set(file, { loaded, total: Math.max(total ?? one.total, loaded) });
    const sum = addUp([...files.values()].map((each) => each.loaded));
    const all = addUp([...files.values()].map((each) => each.total));
    if (sum === all) onProgress('boot', 'Starting Python', sum, all);
    else onProgress('download', 'Downloading Python', sum, all);
  };
  const onImage = (loaded: number, total: number): void => {
    files.set('image', { loaded, total });
    onBytes('image', loaded, total);
  };
  // who sets its env up is told why it cannot be had
  const opened = options.image === null ? undefined : imageAt(options.image, options, onImage).catch(() => undefined);
  let module: PyodideModule;
  try {
    module = await within(stall, importFrom(url) as Promise<PyodideModule>);
  } catch (error) {
    throw bootRefusal('download', url, `${String(error)}; check indexURL and that the server sends the file`);
  }
  const isKnown = module.version === __PYODIDE_VERSION__;
  const sizes = isKnown ? __PYODIDE_SIZES__ : {};
  const start = (more: object): Promise<PyodideInterface> =>
    withCountedFetch({ sizes, stall, onBytes, onFailure: 'fail fast' }, () =>
      module.loadPyodide({
        ...more,
        // or Pyodide would import it by itself; in Node, it does so from a path
        ...(isKnown &&
          indexURL === indexPath && { createPyodideModule: watchedImport(`${indexURL}pyodide.asm.mjs`, stall) }),
        indexURL: indexPath,
        // the same order of sets in every interpreter, or a replay might differ
        env: { PYTHONHASHSEED: '0', HOME: '/home/pyodide' },
      }),
    );
  try {
    const image = await opened;
    const { bridge, pyodide: version } = image?.manifest ?? {};
    const ways: { readonly how: 'image' | 'snapshot'; readonly memory: Bytes | Promise<Bytes> }[] = [];
    if (image && bridge === __BRIDGE__ && version === module.version) {
      const memory = image.memory();
      memory.catch(() => undefined); // where nobody has come to wait for it yet
      ways.push({ how: 'image', memory });
    } else image?.close();
    if (snapshot) ways.push({ how: 'snapshot', memory: new Uint8Array(snapshot) });
    const kept = cache && !makeSnapshot && !ways.length ? await find(keyOf(options, module.version)) : undefined;
    if (kept) ways.push({ how: 'snapshot', memory: kept.picture });
    for (const { how, memory } of ways) {
      try {
        const pyodide = await start({ _loadSnapshot: memory });
        pyodide.runPython('import random; random.seed()'); // or every restored interpreter would draw the same
        return { pyodide, how, image };
      } catch (error) {
        if (error instanceof FetchFailure) throw error;
        if (kept) await clear();
      }
    }
    return { pyodide: await start({ _makeSnapshot: makeSnapshot }), how: 'cold', image };
  } catch (error) {
    if (error instanceof FetchFailure) {
      throw bootRefusal('download', error.url, `${error.message}; check indexURL and that the server sends the file`);
    }
    const { message = String(error) } = error as { readonly message?: string };
    const partly = counted.find((file) => isKnown && ended.has(file) && ended.get(file) !== __PYODIDE_SIZES__[file]);
    if (!partly) throw bootRefusal('boot', indexURL, `${message}; check that all of Pyodide lies there, whole`);
    const sizes = `${ended.get(partly)} bytes came, not ${__PYODIDE_SIZES__[partly]}`;
    throw bootRefusal('boot', `${indexURL}${partly}`, `${message}; ${sizes}: check that the server has the whole file`);
  }
}

const importFrom = (url: string): Promise<unknown> => import(/* webpackIgnore: true */ /* @vite-ignore */ url);

/**
 * A script's default export. Of an import no byte can be seen: a script that takes long is fetched as well, by the
 * `fetch` that is watched, and the import has to be over soon after.
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

/** The files that the download is counted by; the others are small. */
const counted = ['pyodide.asm.wasm', 'python_stdlib.zip'] as const;

const addUp = (numbers: readonly number[]): number => numbers.reduce((sum, each) => sum + each, 0);

export function bootRefusal(stage: BootStage, url: string, message: string): Refusal {
  return new Refusal({ kind: 'boot', stage, url, message });
}

export async function imageAt(
  url: string,
  { fetchFile, stall }: LoadOptions,
  onBytes: (loaded: number, total: number) => void = () => undefined,
): Promise<Image> {
  try {
    const response = await watched(url, (signal) => fetchFile(url, signal), { stall });
    if (!response.ok || !response.body) throw new Error(`the server answered ${response.status}`);
    return await openImage(response.body, onBytes);
  } catch (error) {
    throw new Error(
      `the image ${url} cannot be used: ${(error as Error).message}; expected what \`npx rxgym bake\` wrote, ` +
        'served as it is, without Content-Encoding',
      { cause: error },
    );
  }
}

/** Other files of the same version at the same place are told by Pyodide itself, by the build that a picture names. */
export const keyOf = ({ indexURL }: LoadOptions, version: string): string[] => [
  __RXGYM_VERSION__,
  __BRIDGE__,
  version,
  indexURL,
];
