// Decode, dispatch, reply: one command at a time, in the order in which they came, one answer each.

import { ProtocolError } from '../src/errors.js';
import { decodeCommand, decodeConnect } from '../src/protocol/decode.js';
import type { Command, CommandOf } from '../src/protocol/commands.js';
import type { Connect, FromWorker, RemoteError } from '../src/protocol/messages.js';
import { Mailbox } from '../src/protocol/mailbox.js';
import { pack, type Packed } from '../src/protocol/pack.js';
import { deathBy } from './death.js';
import { handlersOfOne } from './handlers.js';
import { holdLock } from './hold-lock.js';
import { boot, type Interpreter } from './interpreter.js';
import { limitedLines } from './limited-lines.js';
import { RemoteFailure } from './remote-failure.js';
import { spinWait } from './spin-wait.js';

/** Where the page's first message arrives: a worker's global scope, or Node's `parentPort`. */
export interface Listening {
  addEventListener(type: 'message', listener: (event: MessageEvent<unknown>) => void): void;
  addEventListener(type: 'unhandledrejection', listener: (event: { readonly reason: unknown }) => void): void;
  addEventListener(type: 'error', listener: (event: Uncaught) => void): void;
}

interface Uncaught {
  readonly error: unknown;
  readonly message: string;
  preventDefault(): void;
}

/** Where a worker's platforms differ. */
export interface Platform {
  /** What `loadPyodide` is to be given for an `indexURL`. */
  readonly indexPath: (indexURL: string) => string;
  readonly fetchFile: (url: string, signal: AbortSignal) => Promise<Response>;
}

/** Waits for a page to connect, once, and serves it. */
export function listen(scope: Listening, platform: Platform): void {
  let connected = false;
  scope.addEventListener('message', ({ data }) => {
    const connect = connected ? null : decodeConnect(data);
    if (!connect) return;
    connected = true;
    serve(connect, scope, platform);
  });
}

function serve({ port, interrupt, mailbox, lock }: Connect, scope: Listening, platform: Platform): void {
  // Bound before any Python runs: code that replaces MessagePort.prototype.postMessage never sees this port.
  const post = port.postMessage.bind(port);
  const send = (message: FromWorker, transfer: readonly ArrayBuffer[] = []): void => {
    if (transfer.length) post(message, transfer as ArrayBuffer[]);
    else post(message); // an empty list costs some microseconds
  };
  const lines = limitedLines((stream, line) => {
    send({ type: 'output', stream, line });
  });
  let interpreter: Interpreter | undefined;
  holdLock(lock, () => {
    send({ type: 'alive' });
  });
  const onUncaught = (error: unknown): void => {
    const { type, message, pyodide_fatal_error: isDeath } = (error ?? {}) as Partial<Record<string, unknown>>;
    // an exception that a background task of Python's left to nobody does Python no harm
    if (typeof type === 'string') lines.add('stderr', `${type} in a task that nobody awaits: ${String(message)}`);
    else send({ type: 'fault', cause: isDeath ? deathBy(error) : 'worker-error', message: String(error) });
  };
  scope.addEventListener('unhandledrejection', ({ reason }) => {
    onUncaught(reason);
  });
  scope.addEventListener('error', (event) => {
    event.preventDefault(); // or the page would be told less by the worker's `error` event
    onUncaught(event.error ?? event.message);
  });

  async function start({
    indexURL,
    snapshot,
    makeSnapshot,
    cache,
    image,
    packages,
    stall,
  }: CommandOf<'boot'>): Promise<Packed> {
    const wanted = { snapshot, makeSnapshot, cache, image, packages, stall };
    interpreter = await boot({
      ...wanted,
      indexURL,
      indexPath: platform.indexPath(indexURL),
      fetchFile: platform.fetchFile,
      interrupt,
      onLine: lines.add,
      onProgress: (stage, label, loaded, total) => {
        send({ type: 'progress', stage, label, loaded, total });
      },
    });
    const { python, pyodide, how, snapshot: made } = interpreter;
    const versions = { python, pyodide, how };
    return made ? pack({ ...versions, snapshot: made }, 'snapshot') : pack(versions, 'versions');
  }

  const handlers = handlersOfOne();
  function run(command: Command): Packed | Promise<Packed> {
    if (command.type === 'boot') return start(command);
    if (!interpreter) throw new ProtocolError('boot first', command.type);
    const handle = handlers[command.type] as (interpreter: Interpreter, command: Command) => Packed | Promise<Packed>;
    return handle(interpreter, command);
  }

  const flush = (): void => {
    interpreter?.flushOutput();
    lines.flush();
  };
  const answer = (id: number, value: Packed, begun?: number): void => {
    flush();
    const moved = value.buffers.filter(({ byteLength }) => byteLength > smallest);
    if (begun === undefined || !interpreter) send({ type: 'answer', id, value }, moved);
    else {
      const times = { python: interpreter.spent(), worker: performance.now() - begun };
      send({ type: 'answer', id, value, times }, moved);
    }
  };
  const refuse = (id: number, error: unknown): void => {
    flush();
    send({ type: 'failure', id, error: remoteError(error) });
  };

  const waiting: Command[] = [];
  let busy = false;

  /** Takes commands until one has to be awaited; a step is answered within the event that brought it. */
  function drain(): void {
    for (let command = next(); command; command = next()) {
      const { id } = command;
      if (command.recycled) interpreter?.recycle(command.recycled);
      const begun = 'timed' in command && command.timed ? performance.now() : undefined;
      try {
        const value = run(command);
        if (value instanceof Promise) void settle(id, value);
        else answer(id, value, begun);
      } catch (error) {
        refuse(id, error);
      }
    }
  }
  const next = (): Command | undefined => (busy ? undefined : waiting.shift());

  /** By await, which asks no `then` that Python may have replaced. */
  async function settle(id: number, value: Promise<Packed>): Promise<void> {
    busy = true;
    try {
      answer(id, await value);
    } catch (error) {
      refuse(id, error);
    }
    busy = false;
    drain();
  }

  const takeIn = (data: unknown): void => {
    try {
      waiting.push(decodeCommand(data));
    } catch (error) {
      refuse(idOf(data), error);
    }
    drain();
  };
  const spinning = mailbox && spinWait(new Mailbox(mailbox));
  const takeText = (text: string): boolean => {
    takeIn(JSON.parse(text));
    return !busy;
  };
  port.addEventListener('message', (event: MessageEvent<unknown>) => {
    spinning?.messageArrived();
    takeIn(dataOf(event));
    if (!busy) spinning?.takeMore(takeText);
  });
  port.start();
}

/** In bytes: what is less costs less to clone than to hand over. */
const smallest = 4096;

// Taken before any Python runs: a getter that Python put in its place would be handed the event, and with it the port.
const { apply } = Reflect;
const readData = Reflect.get(Object.getOwnPropertyDescriptor(MessageEvent.prototype, 'data') ?? {}, 'get') as
  ((this: MessageEvent<unknown>) => unknown) | undefined;

function dataOf(event: MessageEvent<unknown>): unknown {
  return readData ? apply(readData, event, []) : event.data;
}

/** Whose command it would have been, so that the page learns that it was none. */
function idOf(data: unknown): number {
  const { id } = (data ?? {}) as { id?: unknown };
  return typeof id === 'number' && Number.isSafeInteger(id) && id >= 0 ? id : 0;
}

function remoteError(error: unknown): RemoteError {
  if (error instanceof RemoteFailure) return error.remote;
  if (error instanceof ProtocolError) return { kind: 'protocol', expected: error.expected, got: error.got };
  const { name, message, stack } = error as Error;
  return { kind: 'python', type: name, message, traceback: stack ?? message };
}
