// The only file that touches Pyodide.

import type { PyodideInterface } from 'pyodide';
import type { PyCallable, PyProxy } from 'pyodide/ffi';
import type { BootStage } from '../src/errors.js';
import type { RemoteError } from '../src/protocol/messages.js';
import type { Packed } from '../src/protocol/pack.js';
import { answerBuffers, type AnswerBuffers, type BytesProxy } from './answer-buffers.js';
import bridgeSource from './bridge.py';
import { FetchFailure, withCountedFetch } from './counted-fetch.js';
import { installer, type Installer } from './install.js';
import { interruptBuffer } from './interrupt.js';
import { lineWriter } from './line-writer.js';
import { scoped } from './scope.js';

/** An error that is sent to the page as it is. */
export class Refusal extends Error {
  constructor(readonly remote: RemoteError) {
    super(remote.kind);
  }
}

export interface InterpreterOptions {
  /** Where `pyodide.mjs` lies, absolute with a trailing slash. */
  readonly indexURL: string;
  /** The same place as `loadPyodide` wants it: Node takes a path. */
  readonly indexPath: string;
  readonly interrupt: SharedArrayBuffer | null;
  readonly snapshot: ArrayBuffer | null;
  readonly makeSnapshot: boolean;
  readonly onProgress: (stage: BootStage, label: string, loaded: number | null, total: number | null) => void;
  readonly onLine: (stream: 'stdout' | 'stderr', line: string) => void;
}

/** The functions of bridge.py that the page may call. */
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
  /** `cold` also where a snapshot was given and could not be used. */
  readonly how: 'cold' | 'snapshot';
  /** The snapshot that was asked for. */
  readonly taken: Uint8Array | undefined;
  /** Calls a kept Python function. {@link Packed} arguments take two of its parameters: text and buffers. */
  call(name: BridgeFunction, ...args: readonly Argument[]): Packed | Promise<Packed>;
  install: Installer;
  /** How long the last step that was to be timed spent in `env.step()`, in ms. */
  spent(): number;
  /** Passes on what was printed without a newline. */
  flushOutput(): void;
}

/** A Python dict. */
interface Namespace {
  get(name: string): PyCallable;
  set(name: string, value: unknown): void;
}

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
  const { pyodide, how } = await load(options);
  const taken = options.makeSnapshot ? takeSnapshot(pyodide) : undefined;
  pyodide.setStdout(stdout);
  pyodide.setStderr(stderr);
  if (options.interrupt) pyodide.setInterruptBuffer(interruptBuffer(options.interrupt));

  const namespace = pyodide.toPy({ __name__: 'rxgym' }) as Namespace;
  pyodide.runPython(bridgeSource, { globals: namespace as never, filename: '<rxgym>' });
  const buffers = answerBuffers(namespace.get('scratch') as unknown as BytesProxy);
  namespace.set('copy_out', (i: number, bytes: BytesProxy) => {
    buffers.copy(i, bytes);
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
      return isCoroutine(answer) ? later(answer, buffers) : unwrap(answer, buffers);
    });
  };

  const python = pyodide.runPython('import sys; sys.version.split()[0]') as string;
  return {
    python,
    pyodide: pyodide.version,
    how,
    taken,
    call,
    spent: () => Number(namespace.get('spent')),
    flushOutput() {
      stdout.flush();
      stderr.flush();
    },
    install: installer(pyodide, call, options.onProgress),
  };
}

/** Underscored, hence only used where it is there, and never relied on. */
function takeSnapshot(pyodide: PyodideInterface): Uint8Array {
  const { makeMemorySnapshot } = pyodide as { makeMemorySnapshot?: () => Uint8Array };
  if (!makeMemorySnapshot) throw bootRefusal('boot', 'pyodide', 'this version of Pyodide takes no memory snapshots');
  return makeMemorySnapshot();
}

interface Loaded {
  readonly pyodide: PyodideInterface;
  readonly how: 'cold' | 'snapshot';
}

async function load(options: InterpreterOptions): Promise<Loaded> {
  const { indexURL, indexPath, onProgress, snapshot, makeSnapshot } = options;
  const url = `${indexURL}pyodide.mjs`;
  onProgress('download', 'Downloading Python', null, null);
  let module: PyodideModule;
  try {
    module = (await import(/* webpackIgnore: true */ /* @vite-ignore */ url)) as PyodideModule;
  } catch (error) {
    throw bootRefusal('download', url, `${String(error)}; check indexURL and that the server sends the file`);
  }
  const isKnown = module.version === __PYODIDE_VERSION__;
  // Of another version's files nothing is known before their download; ours are near enough for a bar to begin with.
  const files = new Map<string, { readonly loaded: number; readonly total: number }>(
    counted.map((file) => [file, { loaded: 0, total: __PYODIDE_SIZES__[file] }]),
  );
  const onBytes = (file: string, loaded: number, total: number | null): void => {
    const one = files.get(file);
    if (!one) return; // small, or none of Pyodide's
    files.set(file, { loaded, total: Math.max(total ?? one.total, loaded) });
    const sum = addUp([...files.values()].map((each) => each.loaded));
    const all = addUp([...files.values()].map((each) => each.total));
    if (sum === all) onProgress('boot', 'Starting Python', sum, all);
    else onProgress('download', 'Downloading Python', sum, all);
  };
  const start = (more: object): Promise<PyodideInterface> =>
    withCountedFetch(isKnown ? __PYODIDE_SIZES__ : {}, onBytes, 'fail fast', () =>
      module.loadPyodide({
        ...more,
        indexURL: indexPath,
        // the same order of sets in every interpreter, or a replay might differ
        env: { PYTHONHASHSEED: '0', HOME: '/home/pyodide' },
      }),
    );
  try {
    if (!snapshot) return { pyodide: await start({ _makeSnapshot: makeSnapshot }), how: 'cold' };
    try {
      const pyodide = await start({ _loadSnapshot: new Uint8Array(snapshot) });
      pyodide.runPython('import random; random.seed()'); // or every restored interpreter would draw the same
      return { pyodide, how: 'snapshot' };
    } catch (error) {
      if (error instanceof FetchFailure) throw error;
      return { pyodide: await start({}), how: 'cold' };
    }
  } catch (error) {
    if (error instanceof FetchFailure) {
      throw bootRefusal('download', error.url, `${error.message}; check indexURL and that the server sends the file`);
    }
    throw bootRefusal('boot', indexURL, String(error));
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

async function later(pending: Coroutine, buffers: AnswerBuffers): Promise<Packed> {
  try {
    return unwrap(await pending, buffers);
  } catch (error) {
    throw refusalFor(error);
  } finally {
    pending.destroy();
  }
}

const prefix = '{"v":';

/** bridge.py's answer: the value as text (not parsed here: that is the page's work), or the exception. */
function unwrap(answer: unknown, buffers: AnswerBuffers): Packed {
  // a kept function of a dead interpreter answers undefined
  if (typeof answer !== 'string') {
    throw new Refusal({ kind: 'crash', cause: 'fatal', message: 'Pyodide already fatally failed' });
  }
  if (answer.startsWith(prefix)) return { json: answer.slice(prefix.length, -1), buffers: [] };
  if (answer.startsWith('[')) {
    const end = answer.indexOf(']') + 1;
    const sizes = JSON.parse(answer.slice(0, end)) as number[];
    return { json: answer.slice(end + prefix.length, -1), buffers: buffers.take(sizes) };
  }
  const { e } = JSON.parse(answer) as {
    e: { kind: 'python' | 'state'; type: string; message: string; traceback: string };
  };
  throw new Refusal(e);
}

function guarded<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw refusalFor(error);
  }
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
  // bridge.py answers exceptions as text; only an interrupt in its last lines comes this way, or one out of a bridge
  // that cannot do its work any more
  if (type === 'KeyboardInterrupt') return new Refusal({ kind: 'python', type, message, traceback: message });
  return new Refusal({ kind: 'crash', cause: name === 'Exit' ? 'exit' : 'fatal', message: `${name}: ${message}` });
}
