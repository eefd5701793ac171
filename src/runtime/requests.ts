import { Observable, Subject, type Subscriber } from 'rxjs';
import { DeadlineError, QueueOverflowError, UsageError, type CrashCause } from '../errors.js';
import type { Answer, CommandBody, CommandType, Failure, RemoteError, WorkerTimes } from '../protocol/messages.js';
import { unpack } from '../protocol/pack.js';
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
  /** In the `setup` lane, the lower goes before the higher; default: last. */
  readonly order?: number;
  /** The env that it is for. */
  readonly env?: number;
  /** It is sent again, up to a number of times, when its interpreter dies (or, of `anything`, when it was too late). */
  readonly survives?: 'a crash' | 'anything';
  /** Told when the command's turn comes. */
  readonly onStart?: () => void;
  /** Told, where the worker measured them, the command's times, before its value is handed on. */
  readonly onTimes?: (times: CommandTimes) => void;
  /** Told when it ran, and counts as if it had not, and why: it was unsubscribed or too late. Its interpreter goes on. */
  readonly onUndone?: (cause: CrashCause) => void;
}

/** What a command took, in ms. Page and worker have clocks of their own: only durations are compared. */
export interface CommandTimes extends WorkerTimes {
  /** From its subscription until it was sent. */
  readonly queued: number;
  /** From its sending until its answer. */
  readonly trip: number;
}

type Uncrashed = Exclude<RemoteError, { kind: 'crash' }>;

interface Pending {
  readonly id: number;
  readonly request: Request;
  readonly body: CommandBody;
  /** Undefined once it was unsubscribed in flight: its answer is awaited, and dropped. */
  subscriber: Subscriber<Value> | undefined;
  readonly sentAt: number;
  startedAt: number;
  /** How often it was begun. */
  tries: number;
  isLate: boolean;
  /** When `onDue` is to be called, by `performance.now()`. */
  dueAt: number;
  onDue: () => void;
}

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
 * subscription; so a command's start is its sending, and what still waits can be taken back without the worker's help.
 */
export class Requests {
  /** Emits when the worker has to go: a command did not end, or its answer is none. */
  readonly stuck$: Observable<CrashCause>;
  /** Emits when the last command is over: before its value is handed on, in answer to which the next may be sent. */
  readonly idle$: Observable<void>;

  readonly #stuck$ = new Subject<CrashCause>();
  readonly #idle$ = new Subject<void>();
  #connection: Connection | undefined;
  #open = false;
  #isHeld = false;
  #running: Pending | undefined;
  #lastId = 0;
  #alarm: ReturnType<typeof setTimeout> | undefined;
  #alarmAt = Infinity;
  #spare: ArrayBuffer[] = [];
  readonly #lanes: Record<Request['lane'], Pending[]> = { setup: [], user: [] };

  constructor(private readonly limits: RequestLimits) {
    this.stuck$ = this.#stuck$.asObservable();
    this.idle$ = this.#idle$.asObservable();
  }

  /** True when nothing runs and nothing waits. */
  get isIdle(): boolean {
    return !this.#running && !this.#lanes.setup.length && !this.#lanes.user.length;
  }

  /** What runs in the worker now, for a crash to name. */
  get phase(): string {
    return this.#running?.request.type ?? 'idle';
  }

  /** A cold command: subscribing sends, unsubscribing takes it back or interrupts it. Emits one value. */
  send(request: Request): Observable<Value> {
    return new Observable((subscriber) => {
      const lane = this.#lanes[request.lane];
      if (request.lane === 'user' && !isSetUp(request.type) && lane.length >= this.limits.queue) {
        throw new QueueOverflowError('the queue of commands', this.limits.queue);
      }
      const body = request.body();
      const start = {
        sentAt: request.onTimes ? performance.now() : 0,
        startedAt: 0,
        tries: 0,
        isLate: false,
        dueAt: Infinity,
        onDue: nothing,
      };
      const pending: Pending = { id: ++this.#lastId, request, body, subscriber, ...start };
      const { order = Infinity } = request;
      const place = lane.findIndex((other) => (other.request.order ?? Infinity) > order);
      lane.splice(place < 0 ? lane.length : place, 0, pending);
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

  /** The interpreter is set up: users' commands go on, after what `first` sends, of which none goes before all are there. */
  open(first: () => void = () => undefined): void {
    this.#isHeld = true;
    first();
    this.#isHeld = false;
    this.#open = this.#connection !== undefined;
    this.#pump();
  }

  /**
   * The worker is gone. Its setup commands end with the error; `users`: theirs, too, but for those that survive. What
   * is sent by who is told of the end waits for the next worker: all are taken off before the first is told.
   */
  detach(error: Error, { users }: { users: boolean }): void {
    clearTimeout(this.#alarm);
    this.#alarmAt = Infinity;
    this.#connection = undefined;
    this.#open = false;
    const running = this.#running;
    this.#running = undefined;
    const ended = [...this.#takeOff('setup'), ...(users ? this.#takeOff('user', ({ survives }) => !survives) : [])];
    if (running) this.#giveUp(running, running.isLate ? late(running, 'replaced') : error);
    for (const pending of ended) this.#end(pending, error);
  }

  /** Ends what waits, or of it what `concerns` says. */
  fail(error: Error, concerns: (request: Request) => boolean = () => true): void {
    for (const pending of [...this.#takeOff('setup', concerns), ...this.#takeOff('user', concerns)]) {
      this.#end(pending, error);
    }
  }

  /** A frame's buffer that nobody needs any more: it goes back with the next command. */
  reuse(buffer: ArrayBuffer): void {
    this.#spare = [...this.#spare.slice(-3), buffer];
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
    if (running.isLate || !running.subscriber) {
      const { type, deadline } = running.request;
      running.request.onUndone?.(
        running.isLate
          ? { kind: 'deadline', message: `${type} ran longer than ${deadline} ms` }
          : { kind: 'cancelled', message: `${type} was unsubscribed while it ran` },
      );
      this.#giveUp(running, late(running, 'interrupted'));
      this.#pump();
      return;
    }
    if (message.type === 'failure') {
      // first the error, which may take back what waits for this command's success
      this.#end(running, toError(running.request.type, message.error as Uncrashed));
      this.#pump();
      return;
    }
    const { subscriber, sentAt, startedAt } = running;
    if (message.times) {
      const trip = performance.now() - startedAt;
      running.request.onTimes?.({ ...message.times, queued: startedAt - sentAt, trip });
    }
    let value: Value;
    try {
      value = unpack(message.value);
    } catch (error) {
      // as above
      this.#running = running;
      this.#stuck$.next({ kind: 'protocol', message: (error as Error).message });
      return;
    }
    running.subscriber = undefined;
    // first the next command, so that the worker need not wait for what the subscriber does with the value
    this.#pump();
    subscriber.next(value);
    subscriber.complete();
  }

  #pump(): void {
    if (this.#running || this.#isHeld || !this.#connection) return;
    const next = this.#lanes.setup.shift() ?? (this.#open ? this.#lanes.user.shift() : undefined);
    if (!next) {
      if (this.isIdle) this.#idle$.next();
      return;
    }
    this.#running = next;
    next.startedAt = performance.now();
    next.tries += 1;
    this.#after(next, next.request.deadline, () => {
      this.#expire(next);
    });
    // but for those whose painter has passed them on
    const spare = this.#spare.splice(0).filter(({ byteLength }) => byteLength);
    try {
      this.#connection.send({ ...next.body, id: next.id, ...(spare.length && { spare }) });
    } catch (error) {
      // that is its own fault only
      this.#running = undefined;
      this.#end(next, new UsageError(next.request.type, 'data that can be cloned', String(error)));
      this.#pump();
      return;
    }
    next.request.onStart?.();
  }

  #expire(pending: Pending): void {
    const { type, deadline } = pending.request;
    pending.isLate = true;
    const message = `${type} ran longer than ${deadline} ms`;
    if (canBeInterrupted(type) && this.#connection?.interrupt()) {
      this.#stuckAfterGrace(pending, { kind: 'deadline', message: `${message} and could not be interrupted` });
    } else {
      this.#stuck$.next({ kind: 'deadline', message });
    }
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
    const { type } = pending.request;
    // a download does no harm
    if (!canBeInterrupted(type)) return;
    this.#connection?.interrupt();
    const message = `${type} did not end within ${this.limits.grace} ms after it was unsubscribed`;
    this.#stuckAfterGrace(pending, { kind: 'cancelled', message });
  }

  #stuckAfterGrace(pending: Pending, cause: CrashCause): void {
    this.#after(pending, this.limits.grace, () => {
      this.#stuck$.next(cause);
    });
  }

  #after(pending: Pending, ms: number, act: () => void): void {
    pending.dueAt = performance.now() + ms;
    pending.onDue = act;
    this.#wakeAt(pending.dueAt);
  }

  /** One timer serves command after command: it is set anew only where it would ring too late. */
  #wakeAt(time: number): void {
    if (time >= this.#alarmAt) return;
    clearTimeout(this.#alarm);
    this.#alarmAt = time;
    this.#alarm = setTimeout(
      () => {
        this.#alarmAt = Infinity;
        if (!this.#running) return;
        const { dueAt, onDue } = this.#running;
        if (performance.now() >= dueAt) onDue();
        else this.#wakeAt(dueAt);
      },
      Math.ceil(time - performance.now()),
    );
  }

  /** Its try came to nothing: the next one, or the end. */
  #giveUp(pending: Pending, error: Error): void {
    const { survives, lane } = pending.request;
    const mayAgain = survives === 'anything' || (survives === 'a crash' && !pending.isLate);
    // what is sent at a set-up is sent anew by who sets up the next interpreter
    if (!pending.subscriber || !mayAgain || lane === 'setup' || pending.tries >= this.limits.tries) {
      this.#end(pending, error);
      return;
    }
    pending.isLate = false;
    this.#lanes.user.unshift(pending);
  }

  #takeOff(lane: Request['lane'], concerns: (request: Request) => boolean = () => true): Pending[] {
    const all = this.#lanes[lane].splice(0);
    this.#lanes[lane].push(...all.filter(({ request }) => !concerns(request)));
    return all.filter(({ request }) => concerns(request));
  }

  #end(pending: Pending, error: Error): void {
    const { subscriber } = pending;
    pending.subscriber = undefined;
    subscriber?.error(error);
  }
}

const nothing = (): void => undefined;

/** What an env sends of itself takes no place in the users' queue. */
const isSetUp = (type: CommandType): boolean => type === 'install' || type === 'setUp';

/** Installing waits for the network, not for Python; and globals are set at once, or one would not know which. */
const canBeInterrupted = (type: CommandType): boolean => !['install', 'boot', 'setGlobals'].includes(type);

function late({ request: { type, deadline }, startedAt }: Pending, outcome: DeadlineError['outcome']): DeadlineError {
  return new DeadlineError(type, deadline, performance.now() - startedAt, outcome);
}
