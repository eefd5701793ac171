import { ReplaySubject, Subject, take, type Observable } from 'rxjs';
import { longestTimer } from '../check.js';
import { describe } from '../describe.js';
import { BootError, RxgymError, type CrashCause } from '../errors.js';
import { decodeFromWorker } from '../protocol/decode.js';
import type { Endpoint, WorkerFactory } from '../protocol/endpoint.js';
import { Mailbox, mailboxSize } from '../protocol/mailbox.js';
import { protocolVersion, type Command, type Connect, type FromWorker } from '../protocol/messages.js';
import type { Packed } from '../protocol/pack.js';
import { lockPrefix, waitForLock } from './wait-for-lock.js';

/** One worker's life, from its spawn until it is closed or lost. */
export interface Connection {
  readonly messages$: Observable<FromWorker>;
  /** Emits once if the worker dies by itself, and completes. */
  readonly lost$: Observable<CrashCause>;
  /** Sends a command, its spare buffers handed over. */
  send(command: Command): void;
  /** Interrupts the Python that runs; false where the page is not cross-origin isolated. */
  interrupt(): boolean;
  /** Ends the worker. */
  close(): void;
}

/** True where Python can be interrupted: with `SharedArrayBuffer`, which pages get by COOP and COEP. */
export function isIsolated(): boolean {
  // Node has SharedArrayBuffer and does not know crossOriginIsolated
  const { crossOriginIsolated = true } = globalThis as { crossOriginIsolated?: boolean };
  return crossOriginIsolated && typeof SharedArrayBuffer === 'function';
}

/** How many connections there are. */
let open = 0;

function cores(): number {
  const { hardwareConcurrency = 1 } = (globalThis.navigator as Partial<Navigator> | undefined) ?? {};
  return hardwareConcurrency;
}

/**
 * Spawns a worker and hands it its port; throws a {@link BootError} if it cannot be spawned. A worker that says nothing for
 * `silence` ms is lost: browsers do not tell of one that was ended before its script ran.
 */
export function connect(spawn: WorkerFactory, silence: number): Connection {
  const endpoint = spawned(spawn);
  const { port1: port, port2 } = new MessageChannel();
  const interrupt = isIsolated() ? new SharedArrayBuffer(1) : null;
  const signal = interrupt && new Uint8Array(interrupt);
  // a worker that looks for its next command needs a core beside the page's and the other workers'
  open += 1;
  const shared = interrupt && open < cores() ? new SharedArrayBuffer(mailboxSize) : null;
  const mailbox = shared && new Mailbox(shared);
  const messages$ = new Subject<FromWorker>();
  const lost$ = new ReplaySubject<CrashCause>(1);

  const lose = (kind: CrashCause['kind'], message: string): void => {
    lost$.next({ kind, message });
  };
  const onSilence = (): void => {
    lose('closed', `the worker said nothing for ${silence} ms`);
  };
  const silent = silence <= longestTimer ? setTimeout(onSilence, silence) : undefined;
  const onMessage = ({ data }: MessageEvent<unknown>): void => {
    clearTimeout(silent);
    let message: FromWorker;
    try {
      message = decodeFromWorker(data);
    } catch (error) {
      lose('protocol', (error as Error).message);
      return;
    }
    if (message.type === 'fault') lose(message.cause, message.message);
    else if (message.type === 'alive') waitForLock(lock, closing.signal, onClose);
    else messages$.next(message);
  };
  // The worker holds the lock until it dies, however busy it is: getting it is the news of its death, in every browser.
  const lock = `${lockPrefix}${crypto.getRandomValues(new Uint32Array(4)).join('-')}`; // pages on http have no randomUUID
  const closing = new AbortController();
  const onUnreadable = (): void => {
    lose('protocol', 'a message could not be read');
  };
  const onError = (event: Event): void => {
    event.preventDefault();
    const { message, filename, lineno } = event as Partial<ErrorEvent>;
    // a script that cannot be loaded says nothing
    lose('worker-error', message ? `${message} (${filename ?? ''}:${lineno ?? ''})` : 'its script could not be loaded');
  };
  const onClose = (): void => {
    lose('closed', 'the worker ended');
  };
  const onPortClose = (): void => {
    setTimeout(onClose); // in Node it overtakes the `error` that says why
  };

  port.addEventListener('message', onMessage);
  port.addEventListener('messageerror', onUnreadable);
  // Not every browser says so when the other end of a port is gone; those that do save a deadline's wait.
  port.addEventListener('close', onPortClose);
  endpoint.addEventListener('error', onError);
  endpoint.addEventListener('close', onClose);
  port.start();

  const connection: Connection = {
    messages$,
    lost$: lost$.pipe(take(1)),
    send(command) {
      // an interrupt that came too late for the command before must not hit this one
      if (signal) signal[0] = 0;
      if (mailbox?.isWatched) {
        if (isText(command) && mailbox.put(JSON.stringify(command))) return;
        mailbox.callOff();
      }
      // the rest is cloned: a command may have to be sent again
      if (command.spare) port.postMessage(command, [...command.spare]);
      else port.postMessage(command);
    },
    interrupt() {
      if (signal) signal[0] = 2; // SIGINT
      return signal !== null;
    },
    close() {
      open -= 1;
      clearTimeout(silent);
      closing.abort();
      port.removeEventListener('message', onMessage);
      port.removeEventListener('messageerror', onUnreadable);
      port.removeEventListener('close', onPortClose);
      endpoint.removeEventListener('error', onError);
      endpoint.removeEventListener('close', onClose);
      port.close();
      endpoint.terminate();
      messages$.complete();
      lost$.complete();
    },
  };
  const hello: Connect = { type: 'connect', version: protocolVersion, port: port2, interrupt, mailbox: shared, lock };
  try {
    endpoint.postMessage(hello, [port2]);
  } catch (error) {
    connection.close();
    throw notSpawned('could not be told of its port', error);
  }
  return connection;
}

/** True for what is text, numbers and values without buffers. */
const isText = (command: Command): boolean =>
  Object.values(command as object).every(
    (value: Partial<Packed> | null) => typeof value !== 'object' || value?.buffers?.length === 0,
  );

function spawned(spawn: WorkerFactory): Endpoint {
  try {
    const endpoint = spawn() as Partial<Endpoint> | undefined; // the user's function
    if (isEndpoint(endpoint)) return endpoint;
    throw new TypeError(`it returned ${describe(endpoint)}, which is no worker`);
  } catch (error) {
    if (error instanceof RxgymError) throw error;
    throw notSpawned('factory failed', error);
  }
}

const isEndpoint = (given: Partial<Endpoint> | undefined): given is Endpoint =>
  [given?.postMessage, given?.addEventListener, given?.removeEventListener, given?.terminate].every(
    (method) => typeof method === 'function',
  );

const notSpawned = (problem: string, cause: unknown): BootError =>
  new BootError('spawn', 'worker', `the worker ${problem}: ${String(cause)}`, { cause });
