import { ReplaySubject, Subject, take, type Observable } from 'rxjs';
import { longestTimer } from '../check.js';
import type { CrashCause } from '../errors.js';
import type { Command } from '../protocol/commands.js';
import { decodeFromWorker } from '../protocol/decode.js';
import type { Endpoint, WorkerFactory } from '../protocol/endpoint.js';
import { Mailbox, mailboxSize } from '../protocol/mailbox.js';
import { protocolVersion, type Connect, type FromWorker } from '../protocol/messages.js';
import type { Packed } from '../protocol/pack.js';
import { ReplyBox, replySize, type Reply } from '../protocol/reply.js';
import { countWorker, hasCoreToSpare, isIsolated } from './shared-memory.js';
import { notSpawned, spawned } from './spawn.js';
import { lockPrefix, waitForLock } from './wait-for-lock.js';

/** One worker, from its spawn until it is closed or lost. */
export interface Connection {
  readonly messages$: Observable<FromWorker>;
  /** Emits once if the worker dies by itself, and completes. */
  readonly lost$: Observable<CrashCause>;
  /** Sends a command; its recycled buffers are transferred. */
  send(command: Command): void;
  /** Replies to Python's question. */
  reply(reply: Reply): void;
  /** Interrupts the Python that runs; false where the page is not cross-origin isolated. */
  interrupt(): boolean;
  /** Ends the worker. */
  close(): void;
}

type Lose = (kind: CrashCause['kind'], message: string) => void;

/**
 * Spawns a worker and hands it its port; throws a {@link BootError} if it cannot be spawned. A worker that says nothing
 * for `silence` ms is lost: browsers do not tell of one that was ended before its script ran.
 */
export function connect(factory: WorkerFactory, silence: number): Connection {
  const endpoint = spawned(factory);
  const { port1: port, port2 } = new MessageChannel();
  countWorker(1);
  const interrupt = isIsolated() ? new SharedArrayBuffer(1) : null;
  const replies = interrupt && new SharedArrayBuffer(replySize);
  const mailbox = interrupt && hasCoreToSpare() ? new SharedArrayBuffer(mailboxSize) : null;
  // pages on http have no randomUUID
  const lock = `${lockPrefix}${crypto.getRandomValues(new Uint32Array(4)).join('-')}`;
  const lost$ = new ReplaySubject<CrashCause>(1);
  const lose: Lose = (kind, message) => {
    lost$.next({ kind, message });
  };
  const inbox = receive(port, lock, silence, lose);
  const stopWatching = watch(endpoint, port, lose);

  const connection: Connection = {
    messages$: inbox.messages$,
    lost$: lost$.pipe(take(1)),
    ...sending(port, interrupt, mailbox, replies && new ReplyBox(replies)),
    close() {
      countWorker(-1);
      inbox.close();
      stopWatching();
      port.close();
      endpoint.terminate();
      lost$.complete();
    },
  };
  const hello: Connect = { type: 'connect', version: protocolVersion, port: port2, interrupt, mailbox, replies, lock };
  try {
    endpoint.postMessage(hello, [port2]);
  } catch (error) {
    connection.close();
    throw notSpawned('could not be told of its port', error);
  }
  return connection;
}

/** What the worker says on its port; a message that does not decode is its end. */
function receive(port: MessagePort, lock: string, silence: number, lose: Lose) {
  const messages$ = new Subject<FromWorker>();
  const closing = new AbortController();
  const onSilence = (): void => {
    lose('closed', `the worker said nothing for ${silence} ms`);
  };
  const silent = silence <= longestTimer ? setTimeout(onSilence, silence) : undefined;
  const decoded = (data: unknown): FromWorker | undefined => {
    try {
      return decodeFromWorker(data);
    } catch (error) {
      lose('protocol', (error as Error).message);
      return undefined;
    }
  };
  const onMessage = ({ data }: MessageEvent<unknown>): void => {
    clearTimeout(silent);
    const message = decoded(data);
    if (!message) return;
    if (message.type === 'fault') lose(message.cause, message.message);
    else if (message.type === 'alive') {
      // The worker holds the lock until it dies, however busy it is: to get it is the news of its death, in every browser.
      waitForLock(lock, closing.signal, () => {
        lose('closed', ended);
      });
    } else messages$.next(message);
  };
  port.addEventListener('message', onMessage);
  port.start();
  return {
    messages$,
    close() {
      clearTimeout(silent);
      closing.abort();
      port.removeEventListener('message', onMessage);
      messages$.complete();
    },
  };
}

const ended = 'the worker ended';

/** Loses the worker at the events that tell of its end. */
function watch(endpoint: Endpoint, port: MessagePort, lose: Lose): () => void {
  const onUnreadable = (): void => {
    lose('protocol', 'a message could not be read');
  };
  const onError = (event: Event): void => {
    event.preventDefault();
    const { message, filename, lineno } = event as Partial<ErrorEvent>;
    // a script that cannot be loaded says nothing
    const { script = 'where `worker` says' } = endpoint;
    const missing = `its script could not be loaded from ${script}: is it there, and sent as JavaScript?`;
    lose('worker-error', message ? `${message} (${filename ?? ''}:${lineno ?? ''})` : missing);
  };
  const onClose = (): void => {
    lose('closed', ended);
  };
  const onPortClose = (): void => {
    setTimeout(onClose); // in Node it overtakes the `error` that says why
  };
  port.addEventListener('messageerror', onUnreadable);
  // Not every browser has it; elsewhere the lock tells: https://developer.mozilla.org/docs/Web/API/MessagePort/close_event
  port.addEventListener('close', onPortClose);
  endpoint.addEventListener('error', onError);
  endpoint.addEventListener('close', onClose);
  return () => {
    port.removeEventListener('messageerror', onUnreadable);
    port.removeEventListener('close', onPortClose);
    endpoint.removeEventListener('error', onError);
    endpoint.removeEventListener('close', onClose);
  };
}

function sending(
  port: MessagePort,
  interrupt: SharedArrayBuffer | null,
  shared: SharedArrayBuffer | null,
  replies: ReplyBox | null,
): Pick<Connection, 'send' | 'reply' | 'interrupt'> {
  const signal = interrupt && new Uint8Array(interrupt);
  const mailbox = shared && new Mailbox(shared);
  return {
    send(command) {
      // an interrupt that came too late for the command before must not hit this one
      if (signal) signal[0] = 0;
      if (mailbox?.isWatched) {
        if (isText(command) && mailbox.put(JSON.stringify(command))) return;
        mailbox.callOff();
      }
      // the rest is cloned: a command may have to be sent again
      if (command.recycled) port.postMessage(command, [...command.recycled]);
      else port.postMessage(command);
    },
    reply: (reply) => replies?.reply(reply),
    interrupt() {
      if (signal) signal[0] = 2; // SIGINT
      replies?.wake();
      return signal !== null;
    },
  };
}

/** True for what is text, numbers and values without buffers. */
function isText(command: Command): boolean {
  for (const value of Object.values(command as object) as readonly (Partial<Packed> | null)[]) {
    if (typeof value === 'object' && value !== null && value.buffers?.length !== 0) return false;
  }
  return true;
}
