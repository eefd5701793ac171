import { Observable, Subject, Subscription, switchMap, take, tap, timer } from 'rxjs';
import { BootError } from '../errors.js';
import type { Settings } from './options.js';
import type { Requests } from './requests.js';
import { session, type SessionEvent, type SessionOptions, type Up } from './session.js';
import { takeSnapshot } from './take-snapshot.js';

interface Spare {
  readonly up: Up;
  /** What it says after it was taken. */
  readonly events$: Observable<SessionEvent>;
  readonly subscription: Subscription;
}

/** How long an interpreter has been ready, in ms, before anything is prepared for its death. */
const settled = 1500;

/**
 * What makes the next interpreter come sooner: a spare one that waits, or a snapshot of an interpreter's memory to start
 * from. Either is made in a worker of its own, begun when no command runs or waits.
 */
export class Spares {
  #snapshot: ArrayBuffer | undefined;
  #canSnapshot = true;
  /** The last one came up cold: there is no snapshot anywhere that it could have started from. */
  #isCold = false;
  #spare: Spare | undefined;
  #preparing: Subscription | undefined;

  constructor(
    private readonly settings: () => Settings,
    private readonly requests: Pick<Requests, 'isIdle' | 'idle$'>,
    /** What every interpreter is to have, and what a spare one has beside it. */
    private readonly bringUp: Pick<SessionOptions, 'preparation'> & Required<Pick<SessionOptions, 'warmUp'>>,
    /** Called when a spare died: the pause in ms before another, or nothing where it is not to be replaced. */
    private readonly nextPause: () => number | undefined,
  ) {}

  /** True when a spare waits. */
  get isReady(): boolean {
    return this.#spare !== undefined;
  }

  /** The next session: the spare one, or else a new one. */
  next(attempt: number): Observable<SessionEvent> {
    this.#preparing?.unsubscribe();
    const spare = this.#spare;
    this.#spare = undefined;
    if (spare) return taken(spare);
    return this.#session({ attempt });
  }

  /** An interpreter is ready: makes what is missing for the one after it, `pause` ms later than it would. */
  prepare(pause = 0): void {
    this.#preparing?.unsubscribe();
    const { cache, restart } = this.settings();
    const wantsSpare = restart.spare && restart.limit > 0 && !this.#spare;
    const isOfUse = cache !== null || (restart.snapshot && !restart.spare && restart.limit > 0);
    const wantsSnapshot = isOfUse && this.#isCold && this.#canSnapshot && !this.#snapshot;
    if (!wantsSpare && !wantsSnapshot) return;
    this.#preparing = timer(settled + pause)
      .pipe(
        // a game that steps without a pause has such a moment between two steps
        switchMap(() => (this.requests.isIdle ? [null] : this.requests.idle$)),
        take(1),
        tap(() => {
          if (wantsSpare) this.#bootSpare();
          else this.#takeSnapshot();
        }),
      )
      .subscribe();
  }

  /** Stops what is being prepared, and ends the spare. */
  stop(): void {
    this.#preparing?.unsubscribe();
    this.#spare?.subscription.unsubscribe();
    this.#spare = undefined;
  }

  /** A new interpreter, from the snapshot if there is one. */
  #session(options: Pick<SessionOptions, 'attempt' | 'warmUp'>): Observable<SessionEvent> {
    const snapshot = this.#snapshot;
    return session(this.settings(), { ...options, snapshot, preparation: this.bringUp.preparation }).pipe(
      tap({
        next: (event) => {
          if (event.type !== 'up') return;
          this.#isCold = event.how === 'cold';
          if (this.#isCold) this.#distrust(snapshot);
        },
        error: (error: unknown) => {
          if (error instanceof BootError) this.#distrust(snapshot);
        },
      }),
    );
  }

  #bootSpare(): void {
    const events$ = new Subject<SessionEvent>();
    let isUp = false;
    // before it begins, as it may end at once
    const subscription = new Subscription();
    this.#preparing = subscription;
    const events = this.#session({ attempt: 0, warmUp: this.bringUp.warmUp }).subscribe({
      next: (event) => {
        if (event.type === 'up') {
          isUp = true;
          this.#preparing = undefined;
          this.#spare = { up: event, events$, subscription };
          this.prepare();
        } else if (isUp) events$.next(event);
      },
      error: (error: unknown) => {
        if (events$.observed) events$.error(error);
        else this.#spareDied();
      },
    });
    subscription.add(events);
  }

  /** Another comes, as often as restarts may; after that, none before the next interpreter is ready. */
  #spareDied(): void {
    this.#spare = undefined;
    const pause = this.nextPause();
    if (pause !== undefined) this.prepare(pause);
  }

  #takeSnapshot(): void {
    this.#preparing = takeSnapshot(this.settings()).subscribe({
      next: (snapshot) => {
        this.#snapshot = snapshot;
      },
      error: () => {
        this.#canSnapshot = false;
      },
    });
  }

  /** An interpreter did not come up from it: the cold way, from now on. */
  #distrust(snapshot: ArrayBuffer | undefined): void {
    if (!snapshot) return;
    this.#snapshot = undefined;
    this.#canSnapshot = false;
  }
}

function taken({ up, events$, subscription }: Spare): Observable<SessionEvent> {
  return new Observable((subscriber) => {
    subscriber.add(subscription);
    subscriber.add(events$.subscribe(subscriber));
    subscriber.next({ ...up, how: 'spare' });
  });
}
