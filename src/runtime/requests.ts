import { Observable, Subject, type Subscriber } from 'rxjs';
import { DeadlineError, QueueOverflowError, type CrashCause } from '../errors.js';
import type { Answer, CommandBody, CommandType, Failure, RemoteError } from '../protocol/messages.js';
import { unpack, type Packed } from '../protocol/pack.js';
import { toError } from '../protocol/remote-error.js';
import type { Value } from '../protocol/values.js';
import type { Connection } from './connection.js';

/** A command to be sent: its body is made when it is subscribed, so that bad data errors there. */
export interface Request {
  readonly type: CommandType;
  readonly body: () => CommandBody;
  /** In ms from its start in the worker. */
  readonly deadline: number;
  /** `setup` goes before all that users sent, and while the interpreter is still being set up. */
  readonly lane: 'setup' | 'user';
  /** Told when the command's turn comes. */
  readonly onStart?: () => void;
}

type Uncrashed = Exclude<RemoteError, { kind: 'crash' }>;

interface Pending {
  readonly id: number;
  readonly request: Request;
  readonly body: CommandBody;
  /** Undefined once it was unsubscribed in flight: its answer is awaited, and dropped. */
  subscriber: Subscriber<Value> | undefined;
  startedAt: number;
  timers: ReturnType<typeof setTimeout>[];
}

/**
 * Pairs commands with their answers, across the workers of one runtime.
 *
 * The order that it keeps: commands go to the worker one at a time, `setup` before `user`, each lane in the order of
 * subscription; so a command's start is its sending, and what still waits can be taken back without the worker's help.
 */
export class Requests {
  /** Emits when the worker has to go: a command did not end, or its answer is none. */
  readonly stuck$: Observable<CrashCause>;

  readonly #stuck$ = new Subject<CrashCause>();
  #connection: Connection | undefined;
  #open = false;
  #running: Pending | undefined;
  #lastId = 0;
  readonly #lanes: Record<Request['lane'], Pending[]> = { setup: [], user: [] };

  constructor(
    private readonly limit: number,
    private readonly grace: number,
  ) {
    this.stuck$ = this.#stuck$.asObservable();
  }

  /** What runs in the worker now, for a crash to name. */
  get phase(): string {
    return this.#running?.request.type ?? 'idle';
  }

  /** A cold command: subscribing sends, unsubscribing takes it back or interrupts it. Emits one value. */
  send(request: Request): Observable<Value> {
    return new Observable((subscriber) => {
      const lane = this.#lanes[request.lane];
      if (request.lane === 'user' && lane.length >= this.limit) {
        throw new QueueOverflowError('the queue of commands', this.limit);
      }
      const body = request.body();
      const pending: Pending = { id: ++this.#lastId, request, body, subscriber, startedAt: 0, timers: [] };
      lane.push(pending);
      this.#pump();
      return () => {
        this.#cancel(pending);
      };
    });
  }

  /** A new worker is there; only the `setup` lane goes on until {@link open}. */
  attach(connection: Connection): void {
    this.#connection = connection;
    this.#open = false;
    this.#pump();
  }

  /** The interpreter is set up: users' commands go on. */
  open(): void {
    this.#open = true;
    this.#pump();
  }

  /** The worker is gone. Its setup commands end with the error; what users sent waits for the next worker. */
  detach(error: Error): void {
    this.#connection = undefined;
    this.#open = false;
    const running = this.#running;
    this.#running = undefined;
    this.#end(running, error);
    this.#endAll(this.#lanes.setup, error);
  }

  /** Ends all that waits. */
  fail(error: Error): void {
    this.#endAll(this.#lanes.setup, error);
    this.#endAll(this.#lanes.user, error);
  }

  /** An answer from the worker, which only ever has one command. */
  settle(message: Answer | Failure): void {
    const running = this.#running;
    if (running?.id !== message.id) {
      this.#stuck$.next({ kind: 'protocol', message: `an answer to command ${message.id}, which does not run` });
      return;
    }
    if (message.type === 'failure' && message.error.kind === 'crash') {
      // the command stays pending: it ends with the CrashError that all get
      this.#stuck$.next({ kind: message.error.cause, message: message.error.message });
      return;
    }
    this.#running = undefined;
    if (message.type === 'failure') {
      // first the error, which may take back what waits for this command's success
      this.#end(running, toError(running.request.type, message.error as Uncrashed));
      this.#pump();
      return;
    }
    const { subscriber } = running;
    running.subscriber = undefined;
    release(running);
    let value: Value;
    try {
      value = unpack(message.value);
    } catch (error) {
      this.#stuck$.next({ kind: 'protocol', message: (error as Error).message });
      subscriber?.error(error);
      return;
    }
    // first the next command, so that the worker need not wait for what the subscriber does with the value
    this.#pump();
    subscriber?.next(value);
    subscriber?.complete();
  }

  #pump(): void {
    if (this.#running || !this.#connection) return;
    const next = this.#lanes.setup.shift() ?? (this.#open ? this.#lanes.user.shift() : undefined);
    if (!next) return;
    this.#running = next;
    next.startedAt = performance.now();
    const { deadline } = next.request;
    if (deadline < Infinity) {
      next.timers.push(
        setTimeout(() => {
          this.#expire(next);
        }, deadline),
      );
    }
    this.#connection.send({ ...next.body, id: next.id }, buffersOf(next.body));
    next.request.onStart?.();
  }

  #expire(pending: Pending): void {
    const { type, deadline } = pending.request;
    const elapsed = performance.now() - pending.startedAt;
    const error = new DeadlineError(type, deadline, elapsed, 'replaced');
    this.#end(pending, error);
    this.#stuck$.next({ kind: 'deadline', message: `${type} ran longer than ${deadline} ms` });
  }

  #cancel(pending: Pending): void {
    if (!pending.subscriber) return;
    pending.subscriber = undefined;
    if (this.#running !== pending) {
      const lane = this.#lanes[pending.request.lane];
      const place = lane.indexOf(pending);
      if (place >= 0) lane.splice(place, 1);
      return;
    }
    // a download cannot be interrupted and does no harm
    if (pending.request.type === 'install') return;
    this.#connection?.interrupt();
    pending.timers.push(
      setTimeout(() => {
        const { type } = pending.request;
        this.#stuck$.next({ kind: 'cancelled', message: `${type} did not end within ${this.grace} ms` });
      }, this.grace),
    );
  }

  #endAll(lane: Pending[], error: Error): void {
    for (const pending of lane.splice(0)) this.#end(pending, error);
  }

  #end(pending: Pending | undefined, error: Error): void {
    if (!pending) return;
    release(pending);
    const { subscriber } = pending;
    pending.subscriber = undefined;
    subscriber?.error(error);
  }
}

function release(pending: Pending): void {
  for (const timer of pending.timers.splice(0)) clearTimeout(timer);
}

/** A command holds at most one packed value; its buffers are moved, not cloned. */
function buffersOf(body: CommandBody): readonly ArrayBuffer[] {
  for (const field of Object.values(body) as unknown[]) {
    if (typeof field === 'object' && field !== null && 'buffers' in field) return (field as Packed).buffers;
  }
  return [];
}
