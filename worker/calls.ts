import type { DescribedReport, ProblemKind, ProblemReport } from '../src/protocol/messages.js';
import type { Packed } from '../src/protocol/pack.js';
import { answerBuffers } from './answer-buffers.js';
import { deathBy, isOutOfMemory } from './death.js';
import { heapIsFull } from './heap-is-full.js';
import type { BytesProxy, Namespace, Proxy, Pyodide, PythonFunction } from './pyodide.js';
import { crashFailure, RemoteFailure } from './remote-failure.js';
import { scoped } from './scope.js';
import { waitingCalls, type WaitingCalls } from './waiting-calls.js';

export type Argument = string | number | boolean | undefined | Packed;
export type Called = Packed | Promise<Packed>;

export interface Calls {
  /** Calls a function of the bridge. {@link Packed} arguments take two of its parameters: text and buffers. */
  readonly call: (name: string, ...args: readonly Argument[]) => Called;
  /** The envs whose spaces were made or changed since the last call, each described anew. */
  readonly takeDescribed: () => readonly Omit<DescribedReport, 'type'>[];
  /** Takes the buffers of frames that the page is done with. */
  readonly recycle: (buffers: readonly ArrayBuffer[]) => void;
  /** How long the last step that was to be timed spent in `env.step()`, in ms. */
  readonly spent: () => number;
}

export type OnProblem = (problem: Omit<ProblemReport, 'type'>) => void;

type TellPage = (
  env: number,
  kind: ProblemKind,
  message: string,
  episode: number,
  count: number,
  hint?: string,
) => void;

/** The bridge's `Answer`: what goes with the text of an answer. */
interface AnswerProxy {
  readonly scratch: BytesProxy;
  readonly spent: number | undefined;
}

/** The way into the bridge and back: arguments as Python's, the answer as text and buffers, exceptions as failures. */
export function bridgeCalls(
  pyodide: Pyodide,
  namespace: Namespace,
  interrupt: SharedArrayBuffer | null,
  onProblem: OnProblem,
): Calls {
  const answer = namespace.get('answer') as AnswerProxy;
  const buffers = answerBuffers(answer.scratch);
  namespace.set('heap_is_full', () => heapIsFull(pyodide));
  // Pyodide destroys the proxy of the bytes itself when one of these two is over
  namespace.set('copy_out', (i: number, bytes: BytesProxy) => {
    buffers.copy(i, bytes);
  });
  namespace.set('copy_pixels', (i: number, bytes: BytesProxy, channels: number, dtype: string, isPlanar: boolean) =>
    buffers.copyPixels(i, bytes, { channels, dtype, isPlanar }),
  );
  const tellPage: TellPage = (env, kind, message, episode, count, hint) => {
    onProblem({ env, kind, message, hint: hint ?? null, episode, count });
  };
  namespace.set('tell_page', tellPage);
  const changed = new Set<number>();
  namespace.set('tell_described', (env: number) => {
    changed.add(env);
  });

  // proxies that are kept for good: to call one takes a tenth of the time of running source text
  const functions = new Map<string, PythonFunction>();
  const functionOf = (name: string): PythonFunction => {
    const known = functions.get(name);
    if (known) return known;
    const found = namespace.get(name) as PythonFunction;
    functions.set(name, found);
    return found;
  };

  const waiting = waitingCalls(namespace, interrupt);

  const call = (name: string, ...args: readonly Argument[]): Called => {
    buffers.begin();
    if (waiting?.isFor(name, args[0])) return waited(waiting, functionOf(name), args);
    return scoped((hold) => {
      const returned = guarded(() => functionOf(name)(...flat(args, hold)));
      return isCoroutine(returned) ? settled(returned) : read(returned);
    });
  };

  const flat = (args: readonly Argument[], hold: (proxy: Proxy) => Proxy): unknown[] => {
    const all: unknown[] = [];
    for (const arg of args) {
      if (typeof arg !== 'object') all.push(arg);
      else all.push(arg.json, arg.buffers.length ? hold(pyodide.toPy(arg.buffers) as Proxy) : undefined);
    }
    return all;
  };

  /** A call that may be suspended: what it holds is released when it is over. */
  async function waited({ call }: WaitingCalls, work: PythonFunction, args: readonly Argument[]): Promise<Packed> {
    const held: Proxy[] = [];
    const hold = (proxy: Proxy): Proxy => {
      held.push(proxy);
      return proxy;
    };
    try {
      return read(await call(work, flat(args, hold)));
    } catch (error) {
      throw failureOf(error);
    } finally {
      for (const proxy of held) proxy.destroy();
    }
  }

  async function settled(pending: Coroutine): Promise<Packed> {
    try {
      return read(await pending);
    } catch (error) {
      throw failureOf(error);
    } finally {
      pending.destroy();
    }
  }

  /** The value as text, which the page parses, or the exception. */
  function read(text: unknown): Packed {
    // a function of a dead interpreter returns undefined
    if (typeof text !== 'string') throw crashFailure('fatal', 'Pyodide already fatally failed');
    if (text.startsWith(prefix)) return { json: text.slice(prefix.length, -1), buffers: [] };
    if (text.startsWith('[')) {
      const end = text.indexOf(']') + 1;
      const sizes = JSON.parse(text.slice(0, end)) as number[];
      return { json: text.slice(end + prefix.length, -1), buffers: buffers.take(sizes) };
    }
    const { full, ...error } = (JSON.parse(text) as { e: Raised }).e;
    const { type, message } = error;
    if (full || (type === 'JsException' && isOutOfMemory(message) && heapIsFull(pyodide))) {
      throw crashFailure('memory', `${type}, and the heap is full`);
    }
    throw new RemoteFailure(error);
  }

  const takeDescribed: Calls['takeDescribed'] = () => {
    if (!changed.size) return [];
    const envs = [...changed];
    changed.clear();
    return envs.flatMap((env) => {
      try {
        return [{ env, value: call('describe', env) as Packed }];
      } catch {
        return []; // it was closed, or an interrupt came; the command that changed it is answered all the same
      }
    });
  };

  return { call, takeDescribed, recycle: buffers.recycle, spent: () => Number(answer.spent) };
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

type Coroutine = Proxy & PromiseLike<unknown>;

function isCoroutine(returned: unknown): returned is Coroutine {
  return typeof (returned as Partial<Coroutine> | undefined)?.then === 'function';
}

function guarded<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw failureOf(error);
  }
}

interface PyodideError {
  readonly name: string;
  readonly message: string;
  /** A Python exception's class name. */
  readonly type?: string;
}

function failureOf(error: unknown): RemoteFailure {
  if (error instanceof RemoteFailure) return error;
  const { name, message, type } = error as PyodideError;
  // The bridge returns exceptions as text. It throws only an interrupt in its own last lines, or when the interpreter is
  // broken.
  if (type === 'KeyboardInterrupt') {
    return new RemoteFailure({ kind: 'python', type, message, traceback: message });
  }
  return crashFailure(type === 'MemoryError' ? 'memory' : deathBy(error), `${name}: ${message}`);
}
