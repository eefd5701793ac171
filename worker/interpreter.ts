// Python as a worker calls it. This file and load.ts are the only ones that touch Pyodide.

import type { PyodideInterface } from 'pyodide';
import type { PyCallable, PyProxy } from 'pyodide/ffi';
import type { Death } from '../src/protocol/messages.js';
import type { Packed } from '../src/protocol/pack.js';
import { answerBuffers, type BytesProxy } from './answer-buffers.js';
import { bridgeSource } from './bridge/index.js';
import { deathBy, isOutOfMemory } from './death.js';
import type { Image } from './image.js';
import { installer, type Installer } from './install.js';
import { interruptBuffer } from './interrupt.js';
import { lineWriter } from './line-writer.js';
import { bootRefusal, imageAt, keyOf, load, type Loaded, type LoadOptions } from './load.js';
import { prefetch } from './prefetch.js';
import { Refusal } from './refusal.js';
import { scoped } from './scope.js';
import { keep } from './storage.js';

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

export interface InterpreterOptions extends LoadOptions {
  readonly interrupt: SharedArrayBuffer | null;
  /** Going to be installed: their wheels are downloaded meanwhile. */
  readonly packages: readonly string[];
  /** Goes on before a picture is taken. */
  readonly beforePicture?: (pyodide: Pyodide, bridge: Namespace) => Promise<void>;
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
  readonly how: Loaded['how'];
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

type Argument = string | number | boolean | Packed;

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

  const beside = namespace.get('answer') as unknown as {
    readonly scratch: BytesProxy;
    readonly spent: number | undefined;
  };
  const buffers = answerBuffers(beside.scratch);
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
    spent: () => Number(beside.spent),
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

/** Underscored, hence only used where it is there, and never relied on. */
function takeSnapshot(pyodide: PyodideInterface): Uint8Array<ArrayBuffer> {
  const { makeMemorySnapshot } = pyodide as { makeMemorySnapshot?: () => Uint8Array<ArrayBuffer> };
  if (!makeMemorySnapshot) throw bootRefusal('boot', 'pyodide', 'this version of Pyodide takes no memory snapshots');
  return makeMemorySnapshot();
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
