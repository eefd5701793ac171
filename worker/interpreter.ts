// The only file that touches Pyodide.

import type { PyodideInterface } from 'pyodide';
import type { PyCallable, PyProxy } from 'pyodide/ffi';
import type { BootStage } from '../src/errors.js';
import type { Death, RemoteError } from '../src/protocol/messages.js';
import type { Packed } from '../src/protocol/pack.js';
import { answerBuffers, type BytesProxy } from './answer-buffers.js';
import { bridgeSource } from './bridge/index.js';
import { FetchFailure, watched, withCountedFetch, within } from './counted-fetch.js';
import { deathBy, isOutOfMemory } from './death.js';
import { openImage, type Image } from './image.js';
import { installer, type Installer } from './install.js';
import { interruptBuffer } from './interrupt.js';
import { lineWriter } from './line-writer.js';
import { prefetch } from './prefetch.js';
import { scoped } from './scope.js';
import { clear, find, keep } from './storage.js';

/** An error that is sent to the page as it is. */
export class Refusal extends Error {
  constructor(readonly remote: RemoteError) {
    super(remote.kind);
  }
}

/** What Emscripten has for the files in the interpreter's memory. */
export interface FileSystem {
  mkdirTree(path: string): void;
  writeFile(path: string, bytes: Uint8Array): void;
  readFile(path: string): Uint8Array;
  readdir(path: string): string[];
  stat(path: string): { readonly mode: number };
  isDir(mode: number): boolean;
}

export type Pyodide = Omit<PyodideInterface, 'FS'> & { readonly FS: FileSystem };

export interface InterpreterOptions {
  /** Where `pyodide.mjs` lies, absolute with a trailing slash. */
  readonly indexURL: string;
  /** The same place as `loadPyodide` wants it: Node takes a path. */
  readonly indexPath: string;
  readonly interrupt: SharedArrayBuffer | null;
  readonly snapshot: ArrayBuffer | null;
  readonly makeSnapshot: boolean;
  /** Start from the picture that the browser keeps, or give it the one that is made. */
  readonly cache: boolean;
  /** Going to be installed: their wheels are downloaded meanwhile. */
  readonly packages: readonly string[];
  /** The address of an image, to start from. */
  readonly image: string | null;
  /** Gets an image. */
  readonly fetchFile: (url: string, signal: AbortSignal) => Promise<Response>;
  /** Goes on before a picture is taken. */
  readonly beforePicture?: (pyodide: Pyodide, bridge: Namespace) => Promise<void>;
  /** How long a download may bring no byte, in ms. */
  readonly stall: number;
  readonly onProgress: (stage: BootStage, label: string, loaded: number | null, total: number | null) => void;
  readonly onLine: (stream: 'stdout' | 'stderr', line: string) => void;
}

/** The functions of the bridge that the page may call. */
export type BridgeFunction =
  | 'run'
  | 'set_up'
  | 'set_globals'
  | 'reset'
  | 'step'
  | 'step_many'
  | 'rollout'
  | 'render'
  | 'get_state'
  | 'set_state'
  | 'state_hash'
  | 'seed'
  | 'replay'
  | 'forget'
  | 'close';

export interface Interpreter {
  readonly python: string;
  readonly pyodide: string;
  /** `cold` also where a snapshot or an image was given and could not be used. */
  readonly how: 'cold' | 'snapshot' | 'image';
  /** The snapshot that was asked for. */
  readonly taken: Uint8Array<ArrayBuffer> | undefined;
  /** Calls a kept Python function. {@link Packed} arguments take two of its parameters: text and buffers. */
  call(name: BridgeFunction, ...args: readonly Argument[]): Packed | Promise<Packed>;
  install: Installer;
  /** Takes back buffers of frames. */
  readonly reuse: (buffers: readonly ArrayBuffer[]) => void;
  /** How long the last step that was to be timed spent in `env.step()`, in ms. */
  spent(): number;
  /** What an image sets up, as text for `set_up`, and whether it is set up in this interpreter already. */
  image(url: string): Promise<readonly [env: string, isIn: boolean]>;
  /** Passes on what was printed without a newline. */
  flushOutput(): void;
}

/** A Python dict. */
export interface Namespace {
  get(name: string): PyCallable;
  set(name: string, value: unknown): void;
  destroy(): void;
}

type Bytes = Uint8Array<ArrayBuffer>;
type Argument = string | number | boolean | Packed;

interface PyodideModule {
  readonly version: string;
  loadPyodide(options: object): Promise<PyodideInterface>;
}

export async function boot(options: InterpreterOptions): Promise<Interpreter> {
  const stdout = lineWriter((line) => {
    options.onLine('stdout', line);
  });
  const stderr = lineWriter((line) => {
    options.onLine('stderr', line);
  });
  const prefetched = prefetch(options.indexURL, options.packages, options.stall);
  const { pyodide, how, image: opened } = await load(options);
  const namespace = bridgeIn(pyodide, options.makeSnapshot);
  await options.beforePicture?.(pyodide, namespace);
  const taken = options.makeSnapshot ? takeSnapshot(pyodide) : undefined;
  if (taken && options.cache) await keep(keyOf(options, pyodide.version), taken);
  pyodide.setStdout(stdout);
  pyodide.setStderr(stderr);
  if (options.interrupt) pyodide.setInterruptBuffer(interruptBuffer(options.interrupt));

  const buffers = answerBuffers(namespace.get('scratch') as unknown as BytesProxy);
  namespace.set('heap_is_full', () => heapIsFull(pyodide));
  namespace.set('copy_out', (i: number, bytes: BytesProxy, channels?: number) => {
    buffers.copy(i, bytes, channels);
  }); // Pyodide destroys the proxy of the bytes itself when the call is over

  const kept = new Map<string, PyCallable>();
  const bridge = (name: string): PyCallable => {
    const callable = kept.get(name) ?? namespace.get(name);
    kept.set(name, callable);
    return callable;
  };

  const call = (name: string, ...args: readonly Argument[]): Packed | Promise<Packed> => {
    buffers.begin();
    return scoped((hold) => {
      const flat: unknown[] = [];
      for (const arg of args) {
        if (typeof arg !== 'object') flat.push(arg);
        else flat.push(arg.json, arg.buffers.length ? hold(pyodide.toPy(arg.buffers) as PyProxy) : undefined);
      }
      const answer: unknown = guarded(() => bridge(name)(...flat) as unknown);
      return isCoroutine(answer) ? later(answer) : unwrap(answer);
    });
  };

  /** Those whose files are there. */
  const images = new Map<string, readonly [env: string, isIn: boolean]>();
  const add = (url: string, { manifest, files }: Image, isIn: boolean): readonly [string, boolean] => {
    const places: Readonly<Record<string, string>> = folders(pyodide);
    for (const [path, bytes] of files) {
      const target = path.replace(/^\w+/, (name) => places[name] ?? name);
      writeFile(pyodide, target, bytes);
    }
    const known = [JSON.stringify(manifest.env), isIn] as const;
    images.set(url, known);
    return known;
  };
  if (opened && options.image !== null) add(options.image, opened, how === 'image');

  async function later(pending: Coroutine): Promise<Packed> {
    try {
      return unwrap(await pending);
    } catch (error) {
      throw refusalFor(error);
    } finally {
      pending.destroy();
    }
  }

  /** The bridge's answer: the value as text (not parsed here: that is the page's work), or the exception. */
  function unwrap(answer: unknown): Packed {
    // a kept function of a dead interpreter answers undefined
    if (typeof answer !== 'string') throw crash('fatal', 'Pyodide already fatally failed');
    if (answer.startsWith(prefix)) return { json: answer.slice(prefix.length, -1), buffers: [] };
    if (answer.startsWith('[')) {
      const end = answer.indexOf(']') + 1;
      const sizes = JSON.parse(answer.slice(0, end)) as number[];
      return { json: answer.slice(end + prefix.length, -1), buffers: buffers.take(sizes) };
    }
    const { full, ...error } = (JSON.parse(answer) as { e: Raised }).e;
    const { type, message } = error;
    if (full || (type === 'JsException' && isOutOfMemory(message) && heapIsFull(pyodide))) {
      throw crash('memory', `${type}, and the heap is full`);
    }
    throw new Refusal(error);
  }

  const python = pyodide.runPython('import sys; sys.version.split()[0]') as string;
  return {
    python,
    pyodide: pyodide.version,
    how,
    taken,
    call,
    async image(url) {
      const known = images.get(url);
      if (known) return known;
      const image = await imageAt(url, options);
      image.close();
      return add(url, image, false);
    },
    reuse: buffers.reuse,
    spent: () => Number(namespace.get('spent')),
    flushOutput() {
      stdout.flush();
      stderr.flush();
    },
    install: installer(pyodide, call, options.onProgress, prefetched),
  };
}

export function writeFile({ FS }: Pyodide, path: string, bytes: Uint8Array): void {
  FS.mkdirTree(path.slice(0, path.lastIndexOf('/')));
  FS.writeFile(path, bytes);
}

/** Where an image's files go. */
export function folders(pyodide: Pyodide): { site: string; home: string } {
  const site = pyodide.runPython("import sys; '/lib/python%d.%d/site-packages' % sys.version_info[:2]") as string;
  return { site, home: '/home/pyodide' };
}

async function imageAt(
  url: string,
  { fetchFile, stall }: InterpreterOptions,
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

/** The bridge's names. A picture has them already, where they were left `forPicture`. */
function bridgeIn(pyodide: PyodideInterface, forPicture: boolean): Namespace {
  const found = pyodide.runPython("import sys; sys.__dict__.pop('_rxgym', None)") as Namespace | undefined;
  if (found) return found;
  const namespace = pyodide.toPy({ __name__: 'rxgym', source: bridgeSource }) as Namespace;
  const globals = namespace as never;
  // Pyodide's own way would look for an `await` first, for the time of some hundred lines of Python
  pyodide.runPython('exec(compile(globals().pop("source"), "<rxgym>", "exec"), globals())', { globals });
  if (forPicture) pyodide.runPython('sys._rxgym = globals()', { globals });
  return namespace;
}

/** Other files of the same version at the same place are told by Pyodide itself, by the build that a picture names. */
const keyOf = ({ indexURL }: InterpreterOptions, version: string): string[] => ['1', __BRIDGE__, version, indexURL];

/** Underscored, hence only used where it is there, and never relied on. */
function takeSnapshot(pyodide: PyodideInterface): Uint8Array<ArrayBuffer> {
  const { makeMemorySnapshot } = pyodide as { makeMemorySnapshot?: () => Uint8Array<ArrayBuffer> };
  if (!makeMemorySnapshot) throw bootRefusal('boot', 'pyodide', 'this version of Pyodide takes no memory snapshots');
  return makeMemorySnapshot();
}

interface Loaded {
  readonly pyodide: PyodideInterface;
  readonly how: Interpreter['how'];
  /** The one that was asked for, started from or not. */
  readonly image?: Image | undefined;
}

async function load(options: InterpreterOptions): Promise<Loaded> {
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

function bootRefusal(stage: BootStage, url: string, message: string): Refusal {
  return new Refusal({ kind: 'boot', stage, url, message });
}

type Coroutine = PyProxy & PromiseLike<unknown>;

function isCoroutine(answer: unknown): answer is Coroutine {
  return typeof (answer as Partial<Coroutine> | undefined)?.then === 'function';
}

const prefix = '{"v":';

/** An exception, as the bridge describes it. */
interface Raised {
  readonly kind: 'python' | 'state';
  readonly type: string;
  readonly message: string;
  readonly traceback: string;
  /** It was for want of memory, in a heap that is full. */
  readonly full: boolean;
}

/**
 * True when more than half of what the wasm heap may ever have is taken. It never shrinks: an exception for want of
 * memory is then not the last one, while one in a small heap asked for too much at once. Underscored: where it is not
 * there, the exception is told as it is.
 */
function heapIsFull(pyodide: PyodideInterface): boolean {
  const { _module } = pyodide as { _module?: { HEAPU8?: Uint8Array; getHeapMax?: () => number } };
  const most = _module?.getHeapMax?.() ?? Infinity;
  return (_module?.HEAPU8?.length ?? 0) > most / 2;
}

function guarded<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw refusalFor(error);
  }
}

function crash(cause: Death, message: string): Refusal {
  return new Refusal({ kind: 'crash', cause, message });
}

interface PyodideError {
  readonly name: string;
  readonly message: string;
  /** A Python exception's class name. */
  readonly type?: string;
}

function refusalFor(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  const { name, message, type } = error as PyodideError;
  // the bridge answers exceptions as text; only an interrupt in its last lines comes this way, or one out of a bridge
  // that cannot do its work any more
  if (type === 'KeyboardInterrupt') return new Refusal({ kind: 'python', type, message, traceback: message });
  return crash(type === 'MemoryError' ? 'memory' : deathBy(error), `${name}: ${message}`);
}
