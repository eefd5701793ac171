import { Observable, Subject } from 'rxjs';
import { UsageError, type CrashCause } from '../errors.js';
import type { Answer, Failure, RemoteError } from '../protocol/messages.js';
import { unpack } from '../protocol/pack.js';
import { toError } from '../protocol/remote-error.js';
import type { Value } from '../protocol/values.js';
import type { Connection } from './connection.js';
import { InFlight } from './in-flight.js';
import { Lanes } from './lanes.js';
import { end, late, type Pending } from './pending.js';
import type { Request } from './request.js';

type Uncrashed = Exclude<RemoteError, { kind: 'crash' }>;

export interface RequestLimits {
  /** How many commands of users may wait. */
  readonly queue: number;
  /** How long an interrupted command may go on, in ms. */
  readonly grace: number;
  /** How often a command that survives is begun. */
  readonly tries: number;
}

/**
 * Pairs commands with their answers, across the workers of one runtime.
 *
 * The order that it keeps: commands go to the worker one at a time, `setup` before `user`, each lane in the order of
 * subscription; so a command's start is its sending, and what still waits is cancelled without the worker's help.
 */
export class Requests {
  /** Emits when the worker has to be replaced: a command did not end, or its answer is invalid. */
  readonly stuck$: Observable<CrashCause>;
  /** Emits when no command runs or waits; after an answer, before its value is handed on. */
  readonly idle$: Observable<void>;

  readonly #stuck$ = new Subject<CrashCause>();
  readonly #idle$ = new Subject<void>();
  readonly #lanes: Lanes;
  readonly #inFlight: InFlight;
  #connection: Connection | undefined;
  #open = false;
  #isHeld = false;
  #lastId = 0;
  #recycled: ArrayBuffer[] = [];
  /** What is about to end with its worker. */
  #ended: readonly Pending[] = [];

  constructor(private readonly limits: RequestLimits) {
    this.#lanes = new Lanes(limits.queue);
    this.#inFlight = new InFlight(limits.grace, (cause) => {
      this.#stuck$.next(cause);
    });
    this.stuck$ = this.#stuck$.asObservable();
    this.idle$ = this.#idle$.asObservable();
  }

  /** True when nothing is in flight and nothing waits. */
  get isIdle(): boolean {
    return !this.#inFlight.pending && this.#lanes.isEmpty;
  }

  /** What is in flight now, for a crash to name. */
  get phase(): string {
    return this.#inFlight.pending?.request.body.type ?? 'idle';
  }

  /** A cold command: subscribing sends, unsubscribing cancels. Emits one value. */
  send(request: Request): Observable<Value> {
    return new Observable((subscriber) => {
      const sentAt = request.onTimes ? performance.now() : 0;
      const pending: Pending = {
        id: ++this.#lastId,
        request,
        subscriber,
        sentAt,
        startedAt: 0,
        tries: 0,
        isLate: false,
      };
      this.#lanes.add(pending);
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

  /** The interpreter is set up: users' commands go on, behind all that `first` sends. */
  open(first: () => void = () => undefined): void {
    // nothing is sent until all of it is queued, in its order
    this.#isHeld = true;
    first();
    this.#isHeld = false;
    this.#open = this.#connection !== undefined;
    this.#pump();
  }

  /**
   * The worker is gone. Ends the command that ran, unless it survives, and the `setup` commands that wait; the `user`
   * commands that wait go on waiting, for the next worker. All are dequeued before the first one errors: what its
   * subscriber then sends waits for the next worker, too.
   */
  detach(error: Error): void {
    const running = this.#inFlight.pending;
    this.#inFlight.stop();
    this.#connection = undefined;
    this.#open = false;
    const ended = this.#lanes.takeOff('setup');
    const before = this.#ended;
    this.#ended = [...before, ...ended];
    if (running) this.#giveUp(running, running.isLate ? late(running, 'replaced') : error);
    for (const pending of ended) end(pending, error);
    this.#ended = before;
  }

  /** Ends what waits, or what of it `concerns` says. */
  fail(error: Error, concerns?: (request: Request) => boolean): void {
    const ended = [
      ...this.#lanes.takeOff('setup', concerns),
      ...(concerns ? this.#ended.filter(({ request }) => concerns(request)) : []),
      ...this.#lanes.takeOff('user', concerns),
    ];
    for (const pending of ended) end(pending, error);
  }

  /** A frame's buffer that nobody needs any more: it goes back with the next command. */
  recycle(buffer: ArrayBuffer): void {
    this.#recycled = [...this.#recycled.slice(-3), buffer];
  }

  /** Python asks the page, in the command that runs. */
  ask(prompt: string): void {
    this.#inFlight.ask(prompt);
  }

  /** An answer from the worker, which only ever has one command. */
  settle(message: Answer | Failure): void {
    const running = this.#inFlight.pending;
    if (running?.id !== message.id) {
      this.#stuck$.next({ kind: 'protocol', message: `an answer to command ${message.id}, which is not in flight` });
    } else if (message.type === 'failure' && message.error.kind === 'crash') {
      // it stays in flight, and ends with the crash
      this.#stuck$.next({ kind: message.error.cause, message: message.error.message });
    } else if (running.isLate || !running.subscriber) {
      this.#inFlight.end();
      this.#discard(running);
    } else if (message.type === 'failure') {
      this.#inFlight.end();
      // the error goes first: it may cancel what waits for this command's success
      end(running, toError(running.request.body.type, message.error as Uncrashed));
      this.#pump();
    } else {
      this.#acknowledge(running, message);
    }
  }

  /** It ran, and does not count. */
  #discard(pending: Pending): void {
    const { body, deadline, onDiscarded } = pending.request;
    onDiscarded?.(
      pending.isLate
        ? { kind: 'deadline', message: `${body.type} ran longer than ${deadline} ms` }
        : { kind: 'cancelled', message: `${body.type} was unsubscribed while it ran` },
    );
    this.#giveUp(pending, late(pending, 'interrupted'));
    this.#pump();
  }

  #acknowledge(pending: Pending, { value: packed, times }: Answer): void {
    const { subscriber, sentAt, startedAt, request } = pending;
    const trip = times ? performance.now() - startedAt : 0;
    let value: Value;
    try {
      value = unpack(packed);
    } catch (error) {
      // it stays in flight, and ends with the crash
      this.#stuck$.next({ kind: 'protocol', message: (error as Error).message });
      return;
    }
    if (times) request.onTimes?.({ ...times, queued: startedAt - sentAt, trip });
    this.#inFlight.end();
    pending.subscriber = undefined;
    // the next command goes first: the worker need not wait for what the subscriber does with the value
    this.#pump();
    subscriber?.next(value);
    subscriber?.complete();
  }

  #pump(): void {
    if (this.#inFlight.pending || this.#isHeld || !this.#connection) return;
    const next = this.#lanes.next({ users: this.#open });
    if (!next) {
      if (this.isIdle) this.#idle$.next();
      return;
    }
    // a detached buffer is empty: https://developer.mozilla.org/docs/Web/API/Web_Workers_API/Transferable_objects
    const recycled = this.#recycled.splice(0).filter(({ byteLength }) => byteLength);
    try {
      this.#inFlight.begin(next, this.#connection, recycled);
    } catch (error) {
      // its data cannot be cloned; other commands can
      end(next, new UsageError(next.request.body.type, 'data that can be cloned', String(error)));
      this.#pump();
      return;
    }
    next.request.onStart?.();
  }

  #cancel(pending: Pending): void {
    if (!pending.subscriber) return;
    pending.subscriber = undefined;
    if (this.#inFlight.pending === pending) this.#inFlight.cancel(pending);
    else this.#lanes.remove(pending);
  }

  /** The try failed: begins the next one, or ends the command. */
  #giveUp(pending: Pending, error: Error): void {
    const { survives, lane } = pending.request;
    const mayAgain = survives === 'anything' || (survives === 'a crash' && !pending.isLate);
    // the next interpreter gets a plan of its own
    if (!pending.subscriber || !mayAgain || lane === 'setup' || pending.tries >= this.limits.tries) {
      end(pending, error);
      return;
    }
    pending.isLate = false;
    this.#lanes.putBack(pending);
  }
}
