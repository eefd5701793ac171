import {
  ReplaySubject,
  Subject,
  defer,
  retry,
  takeUntil,
  throwError,
  timer,
  type Observable,
  type Subscription,
} from 'rxjs';
import {
  CrashError,
  DeadlineError,
  DisposedError,
  PythonError,
  ReplayDivergedError,
  StateError,
  type BootError,
  type CrashCause,
} from '../errors.js';
import type { Output, ProgressReport } from '../protocol/messages.js';
import { isIsolated } from './connection.js';
import type { Settings } from './options.js';
import type { Report } from './progress.js';
import type { Requests } from './requests.js';
import { prepare, type BootKind, type Up } from './session.js';
import { Spares } from './spares.js';

/** What a runtime says when it is ready. */
export interface RuntimeReady {
  /** For instance `'3.14.2'`. */
  readonly python: string;
  readonly pyodide: string;
  /** Which of the runtime's interpreters it is, from 1. */
  readonly attempt: number;
  /**
   * How it came up: from nothing, from a snapshot of an interpreter's memory (of this page, or kept by the browser), from
   * an env's image, or as the spare that was waiting.
   */
  readonly how: BootKind;
  /** From the worker's spawn until ready, in ms. */
  readonly bootMs: number;
  /** True where Python can be interrupted without replacing its worker (COOP and COEP are set). */
  readonly isolated: boolean;
}

/** Where a runtime is; `attempt` counts its interpreters from 1. */
export type RuntimeStatus =
  | { readonly state: 'idle' }
  | { readonly state: 'booting'; readonly attempt: number }
  | { readonly state: 'ready'; readonly attempt: number; readonly ready: RuntimeReady }
  /** Between a crash and the next `ready`; `delay` is the pause in ms before the new worker is spawned. */
  | {
      readonly state: 'restarting';
      readonly attempt: number;
      readonly delay: number;
      readonly cause: CrashError | BootError;
    }
  /** `runtime.boot()` tries again. */
  | { readonly state: 'failed'; readonly error: Error }
  | { readonly state: 'disposed' };

/** An interpreter that takes over. */
export type NewInterpreter = Pick<RuntimeReady, 'attempt' | 'how'>;

/** An env was brought back to its last acknowledged operation. */
export interface Recovered {
  readonly name: 'Recovered';
  /** What its interpreter died of; or why an operation in the same interpreter counts as if it had not been. */
  readonly cause: CrashCause;
  /** The interpreter that it lives in now. */
  readonly attempt: number;
  /** How that came up; `same`: it had not died. */
  readonly how: BootKind | 'same';
  /** How many operations were done again, unseen. */
  readonly replayed: number;
  /** True when they began at a checkpoint, false when at the set-up. */
  readonly checkpoint: boolean;
  /** From the news of the death (or the end of what is undone) until the env was back, in ms; pauses and boots included. */
  readonly ms: number;
}

/** Why an env could not be brought back, and begins anew. */
export type NoWayBack = ReplayDivergedError | StateError | DeadlineError | PythonError;

/** A death, or how the recovery from it went. */
export type CrashReport = CrashError | Recovered | NoWayBack;

export const isNoWayBack = (error: unknown): error is NoWayBack =>
  [ReplayDivergedError, StateError, DeadlineError, PythonError].some((kind) => error instanceof kind);

/** In ms; a pause that has been doubled often is no longer than this. */
const longestBackoff = 10_000;

/** Counts restarts: each call is one, and answers the pause in ms before it, or nothing where the limit is reached. */
function withinLimits(settings: () => Settings): () => number | undefined {
  let restarts: number[] = [];
  return () => {
    const { limit, within, backoff } = settings().restart;
    const now = performance.now();
    restarts = restarts.filter((time) => time > now - within);
    if (restarts.length >= limit) return undefined;
    const pause = restarts.length && Math.min(backoff * 2 ** (restarts.length - 1), longestBackoff);
    restarts.push(now);
    return pause * (1 - Math.random() / 2);
  };
}

/** Keeps an interpreter alive: boots it, and after a crash another one, within the limits. */
export class Supervisor {
  readonly #status$ = new ReplaySubject<RuntimeStatus>(1);
  readonly #disposed$ = new Subject<void>();
  readonly #crashes$ = new Subject<CrashReport>();
  readonly #output$ = new Subject<Output>();
  readonly #reports$ = new ReplaySubject<Report>(1);
  readonly #up$ = new Subject<NewInterpreter>();

  readonly status$ = this.#status$.asObservable();
  readonly crashes$ = this.#crashes$.asObservable();
  readonly output$ = this.#output$.asObservable();
  readonly reports$ = this.#reports$.asObservable();
  /** An interpreter is up; what is sent to the `setup` lane now goes before users' commands. */
  readonly up$ = this.#up$.asObservable();

  #status: RuntimeStatus = { state: 'idle' };
  #attempt = 0;
  #life: Subscription | undefined;
  readonly #spares: Spares;

  constructor(
    private readonly settings: () => Settings,
    private readonly requests: Requests,
    warmUp: (requests: Requests) => Observable<unknown>,
  ) {
    this.#status$.next(this.#status);
    this.#spares = new Spares(settings, requests, warmUp, withinLimits(settings));
  }

  get status(): RuntimeStatus {
    return this.#status;
  }

  /** The interpreter of now, from 1; of before the first boot, 1. */
  get attempt(): number {
    return Math.max(1, this.#attempt);
  }

  /** Boots an idle or failed runtime; does nothing to any other. */
  boot(): void {
    const { state } = this.status;
    if (state !== 'idle' && state !== 'failed') return;
    this.#life?.unsubscribe();
    this.#become({ state: 'booting', attempt: this.#attempt + 1 });
    if (this.#isDisposed) return; // by a subscriber of status$
    this.#life = this.#sessions().subscribe({
      next: (event) => {
        if (event.type === 'up') this.#onUp(event);
        else if (event.type === 'output') this.#output$.next(event);
        else this.#report(event);
      },
      error: (error: unknown) => {
        this.#onFailed(error as Error);
      },
    });
  }

  /** Tells how a recovery went. */
  reportCrash(report: CrashReport): void {
    this.#crashes$.next(report);
  }

  /** Ends what an installation reported, if the runtime is ready. */
  reportReady(): void {
    if (this.status.state !== 'ready') return;
    this.#report({ stage: 'ready', label: 'Ready', loaded: null, total: null });
  }

  dispose(): void {
    if (this.#isDisposed) return;
    const error = new DisposedError('the runtime');
    this.#become({ state: 'disposed' });
    this.#disposed$.next();
    this.#spares.stop();
    this.#life?.unsubscribe();
    this.requests.detach(error, { users: true });
    this.requests.fail(error);
    for (const stream$ of [this.#disposed$, this.#up$, this.#reports$, this.#output$, this.#crashes$, this.#status$])
      stream$.complete();
  }

  /** Session after session. One that never came up does not get another, unless it was to replace one that had. */
  #sessions(): Observable<ProgressReport | Output | Up> {
    const nextPause = withinLimits(this.settings);
    return defer(() => {
      this.#attempt += 1;
      this.#report({ stage: 'spawn', label: 'Starting the worker', loaded: null, total: null });
      return this.#spares.next(this.#attempt);
    }).pipe(
      retry({
        delay: (failure: unknown) => {
          const error = failure as CrashError | BootError;
          // what was sent before a death must not reach the interpreter that comes, but for what is to survive
          this.requests.detach(error, { users: error instanceof CrashError });
          if (error instanceof CrashError) this.#crashes$.next(error);
          if (this.status.state === 'booting') return throwError(() => error);
          return this.#restart(error, nextPause);
        },
      }),
      takeUntil(this.#disposed$),
    );
  }

  #restart(error: CrashError | BootError, nextPause: () => number | undefined): Observable<unknown> {
    // a subscriber of crashes$ may have disposed of the runtime
    const pause = this.#isDisposed ? undefined : nextPause();
    if (pause === undefined) return throwError(() => error);
    // a spare is there already: what made the last one die is no reason to wait
    const delay = this.#spares.isReady ? 0 : pause;
    this.#become({ state: 'restarting', attempt: this.#attempt + 1, delay, cause: error });
    return timer(delay);
  }

  get #isDisposed(): boolean {
    return this.#status.state === 'disposed';
  }

  /** A subscriber may dispose of the runtime at any time; nothing comes after that. */
  #become(status: RuntimeStatus): void {
    if (this.#isDisposed) return;
    this.#status = status;
    this.#status$.next(status);
  }

  #onUp({ python, pyodide, how, bootMs, adopt }: Up): void {
    const attempt = this.#attempt;
    adopt(this.requests, attempt);
    // installed or set since the spare was booted
    if (how === 'spare') prepare(this.settings(), this.requests).subscribe({ error: () => undefined });
    this.requests.open(() => {
      this.#up$.next({ attempt, how });
    });
    if (this.#isDisposed) return;
    const ready = { python, pyodide, how, attempt, bootMs, isolated: isIsolated() };
    this.#become({ state: 'ready', attempt, ready });
    this.reportReady();
    // unless a subscriber of status$ has disposed of the runtime
    if (this.status.state === 'ready') this.#spares.prepare();
  }

  #onFailed(error: Error): void {
    this.#spares.stop();
    if (this.#isDisposed) return;
    // first the status: a command sent by who is told of the failure must find it failed
    this.#become({ state: 'failed', error });
    this.requests.fail(error);
  }

  #report({ stage, label, loaded, total }: Omit<Report, 'attempt'>): void {
    this.#reports$.next({ stage, label, loaded, total, attempt: this.#attempt });
  }
}
