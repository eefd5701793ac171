// From an address to a Pyodide that runs: from a snapshot of its memory where there is one, or else from nothing.

import type { PyodideInterface } from 'pyodide';
import type { Cache, SnapshotKind } from '../src/protocol/commands.js';
import { readImage, type BakedImage, type Manifest } from './baked-image.js';
import { FetchFailure, withCountedFetch, within, type Prefetched } from './counted-fetch.js';
import { downloadProgress, type DownloadProgress, type OnProgress } from './download-progress.js';
import { fetchBakedImage, type FetchOptions } from './fetch-baked-image.js';
import { pathOf, placeFiles, placesOf } from './files.js';
import { copyOf, onInitialData, xor } from './initial-data.js';
import { normal } from './install.js';
import { bringLibrary, libraryFile } from './later-library.js';
import type { Pyodide } from './pyodide.js';
import { asWithSuspending } from './as-with-suspending.js';
import { bootFailure, type RemoteFailure } from './remote-failure.js';
import { relink, watchLinks, type Linker, type Links } from './side-modules.js';
import { trampolineOf, type Trampoline } from './trampoline.js';
import { deleteSnapshot, findSnapshot, snapshotKey } from './snapshot-store.js';

export interface LoadOptions extends FetchOptions {
  /** Where `pyodide.mjs` lies, absolute with a trailing slash. */
  readonly indexURL: string;
  /** The same place as `loadPyodide` wants it: Node takes a path. */
  readonly indexPath: string;
  readonly snapshot: ArrayBuffer | null;
  readonly makeSnapshot: SnapshotKind | null;
  /** Start from a snapshot in the browser's storage, or store the one that is made. */
  readonly cache: Cache | null;
  /** The address of a baked image to start from. */
  readonly image: string | null;
  /** Packages that will be installed. */
  readonly packages: readonly string[];
  readonly onProgress: OnProgress;
  /** What it starts from lacks these packages. */
  readonly onMissing: (packages: readonly string[]) => void;
}

export interface Loaded {
  readonly pyodide: Pyodide;
  /** `cold` also where a snapshot or an image was given and could not be used. */
  readonly how: 'cold' | 'snapshot' | 'image';
  /** The image that was asked for, whether the interpreter started from it or not. */
  readonly image?: BakedImage | undefined;
  /** Where a snapshot is to be made: what notes the side modules, as far as this version of Pyodide is known. */
  readonly links?: (() => Links) | undefined;
  /** There as well: the data that the main module brings along. */
  readonly initialData?: (() => Uint8Array | undefined) | undefined;
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
    for (const { how, open, drop } of await memoriesFor(options, image, module.version)) {
      try {
        return { pyodide: await restore(module, options, progress, await open(), how), how, image };
      } catch (error) {
        if (error instanceof FetchFailure) throw error;
        await drop?.();
      }
    }
    options.onMissing(options.packages);
    const watched = options.makeSnapshot && isKnown(module) ? watchedLinks(options) : undefined;
    const cold = { _makeSnapshot: options.makeSnapshot !== null, ...watched?.settings };
    const starting = () => start(module, options, progress, cold);
    const pyodide = await (options.makeSnapshot ? asWithSuspending(starting) : starting());
    return { pyodide, how: 'cold', image, links: watched?.links, initialData: watched?.initialData };
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
  readonly open: () => BakedImage | Promise<BakedImage>;
  /** Where the interpreter did not start from it. */
  readonly drop?: () => Promise<void>;
}

/** The memories to start from, the best one first. */
async function memoriesFor(
  options: LoadOptions,
  image: BakedImage | undefined,
  version: string,
): Promise<readonly Memory[]> {
  const { snapshot, makeSnapshot, cache } = options;
  const memories: Memory[] = [];
  if (image?.manifest.bridge === __BRIDGE__ && image.manifest.pyodide === version) {
    const memory = image.memory();
    memory.catch(() => undefined); // it may fail before anybody waits for it
    memories.push({ how: 'image', open: () => ({ ...image, memory: () => memory }) });
  } else image?.close();
  if (snapshot) memories.push({ how: 'snapshot', open: () => readImage(new Uint8Array(snapshot)) });
  if (memories.length || makeSnapshot || cache === null) return memories;
  const key = snapshotKey(cache.key, version);
  const stored = await findSnapshot(key);
  if (!stored) return [];
  const open = async (): Promise<BakedImage> => readImage(await stored.snapshot);
  return [{ how: 'snapshot', open, drop: () => deleteSnapshot(key) }];
}

/** Starts from an image. Throws where that is not possible, or where its packages are not those of now. */
async function restore(
  module: PyodideModule,
  options: LoadOptions,
  progress: DownloadProgress,
  { manifest, files, memory }: BakedImage,
  how: Memory['how'],
): Promise<Pyodide> {
  const { links, data, python, packages } = manifest;
  const names = new Set(Object.keys(packages).map(normal));
  options.onMissing(options.packages.filter((name) => !names.has(normal(name))));
  if ((links ?? data) && !isKnown(module)) throw new Error('it is not known how this Pyodide links its modules');
  const snapshot = memory();
  const { indexURL, indexPath, stall } = options;
  // in Node it is at hand, and later visits have it in the browser's cache
  const isLibraryLater = how === 'image' && isKnown(module) && indexURL === indexPath && 'XMLHttpRequest' in globalThis;
  const withoutLibrary: Prefetched = (url) => {
    if (url !== indexURL + libraryFile) return undefined;
    progress.onBytes(libraryFile, 0, 0);
    return Promise.resolve(new Response());
  };
  const completed = isKnown(module) ? completing(options, snapshot, manifest, files) : undefined;
  const settings = { _loadSnapshot: snapshot, ...completed?.settings };
  const pyodide = await start(module, options, progress, settings, isLibraryLater ? withoutLibrary : undefined);
  completed?.end();
  if (isLibraryLater) bringLibrary(pyodide, python, indexURL, stall);
  const locked = pyodide.lockfile?.packages ?? {};
  for (const [name, sha256] of Object.entries(packages)) {
    if (locked[name] && locked[name].sha256 !== sha256) throw new Error(`the lock file has another ${name}`);
    pyodide.loadedPackages[name] = locked[name] ? 'default channel' : name;
  }
  placeFiles(pyodide, files, placesOf(python));
  pyodide.runPython(reseeding); // or all restored interpreters would draw the same numbers
  return pyodide;
}

const reseeding = `
import random, sys
random.seed()
if "numpy.random" in sys.modules:
    sys.modules["numpy.random"].seed()
`;

type MakeModule = (settings: object) => Promise<Linker & Trampoline>;

/** Watches the side modules that are loaded. */
function watchedLinks(options: LoadOptions) {
  let watch: ReturnType<typeof watchLinks> | undefined;
  let data: Uint8Array | undefined;
  const createPyodideModule: MakeModule = async (settings) => {
    onInitialData(settings, (memory) => (data = copyOf(memory)));
    const linker = await (await makeModule(options))(settings);
    watch = watchLinks(linker);
    return linker;
  };
  return {
    settings: { createPyodideModule },
    links: (): Links => {
      watch?.stop();
      if (!watch) throw new Error('nothing was watched');
      return watch.links();
    },
    initialData: () => data,
  };
}

/**
 * Before an image's memory is put back, the main module's data is added to it, and the side modules are linked; they are
 * compiled while Pyodide is. `end` puts back what of the memory is this browser's.
 */
function completing(
  options: LoadOptions,
  memory: Promise<Uint8Array<ArrayBuffer>>,
  { links, data, python }: Manifest,
  files: BakedImage['files'],
) {
  const places = placesOf(python);
  const modules = links?.modules ?? [];
  const byPath = new Map(modules.length ? files.map(([path, bytes]) => [pathOf(path, places), bytes]) : []);
  const compiled = Promise.all(modules.map(({ name }) => WebAssembly.compile(byPath.get(name) ?? new Uint8Array())));
  compiled.catch(() => undefined); // it may fail before anybody waits for it
  let putBack = (): void => undefined;
  const createPyodideModule: MakeModule = async (settings) => {
    let initial = new Uint8Array();
    if (data) onInitialData(settings, (heap) => (initial = heap.slice(0, data.length)));
    const linker = await (await makeModule(options))(settings);
    putBack = trampolineOf(linker);
    if (data && xor(await memory, data.at, initial) !== data.sum) throw new Error('the main module has other data');
    if (links) relink(linker, links, await compiled);
    return linker;
  };
  return {
    settings: { createPyodideModule },
    end: () => {
      putBack();
    },
  };
}

const makeModule = ({ indexURL, stall }: LoadOptions): Promise<MakeModule> =>
  watchedImport(`${indexURL}pyodide.asm.mjs`, stall) as Promise<MakeModule>;

type StartSettings = { readonly createPyodideModule?: MakeModule } & (
  { readonly _loadSnapshot: Promise<Uint8Array> } | { readonly _makeSnapshot: boolean }
);

function start(
  module: PyodideModule,
  options: LoadOptions,
  { onBytes }: DownloadProgress,
  more: StartSettings,
  prefetched?: Prefetched,
): Promise<Pyodide> {
  const { indexURL, indexPath, stall } = options;
  const sizes = isKnown(module) ? __PYODIDE_SIZES__ : {};
  return withCountedFetch({ sizes, stall, onBytes, onFailure: 'fail fast', ...(prefetched && { prefetched }) }, () =>
    module.loadPyodide({
      // Pyodide would import this script itself, without a limit of time; in Node it does so from a path
      ...(isKnown(module) && indexURL === indexPath && { createPyodideModule: makeModule(options) }),
      ...more,
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
