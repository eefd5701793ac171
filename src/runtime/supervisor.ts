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
import { CrashError, DisposedError, type BootError } from '../errors.js';
import type { DescribedReport, Output, ProblemReport } from '../protocol/messages.js';
import { backOff } from './back-off.js';
import type { Incident } from './incidents.js';
import type { Settings } from './options.js';
import type { Report } from './progress.js';
import type { Request } from './request.js';
import type { Requests } from './requests.js';
import type { SessionEvent, Up } from './session.js';
import { isIsolated } from './shared-memory.js';
import { Spares } from './spares.js';
import type { RuntimeReady, RuntimeStatus } from './status.js';

/** An interpreter that takes over. */
export type NewInterpreter = Pick<RuntimeReady, 'attempt' | 'how'>;

/** Keeps an interpreter alive: boots it, and after a crash another one, within the limits. */
export class Supervisor {
  readonly #status$ = new ReplaySubject<RuntimeStatus>(1);
  readonly #disposed$ = new Subject<void>();
  readonly #incidents$ = new Subject<Incident>();
  readonly #output$ = new Subject<Output>();
  readonly #ofEnvs$ = new Subject<ProblemReport | DescribedReport>();
  readonly #reports$ = new ReplaySubject<Report>(1);
  readonly #up$ = new Subject<NewInterpreter>();

  readonly status$ = this.#status$.asObservable();
  readonly incidents$ = this.#incidents$.asObservable();
  readonly output$ = this.#output$.asObservable();
  readonly ofEnvs$ = this.#ofEnvs$.asObservable();
  readonly reports$ = this.#reports$.asObservable();
  /** An interpreter is up; what is sent to the `setup` lane now goes before users' commands. */
  readonly up$ = this.#up$.asObservable();

  #status: RuntimeStatus = { state: 'idle' };
  #attempt = 0;
  #sessions: Subscription | undefined;
  readonly #spares: Spares;

  constructor(
    private readonly settings: () => Settings,
    private readonly requests: Requests,
    /** What every interpreter of the runtime is to have. */
    private readonly preparation: () => readonly Request[],
    warmUp: (requests: Requests) => Observable<unknown>,
  ) {
    this.#status$.next(this.#status);
    this.#spares = new Spares(settings, requests, { preparation, warmUp }, backOff(settings));
  }

  get status(): RuntimeStatus {
    return this.#status;
  }

  /** Which interpreter it is, from 1; 1 also before the first boot. */
  get attempt(): number {
    return Math.max(1, this.#attempt);
  }

  /** Boots an idle or failed runtime; does nothing to any other. */
  boot(): void {
    const { state } = this.status;
    if (state !== 'idle' && state !== 'failed') return;
    this.#sessions?.unsubscribe();
    this.#become({ state: 'booting', attempt: this.#attempt + 1 });
    if (this.#isDisposed) return; // by a subscriber of status$
    this.#sessions = this.#all().subscribe({
      next: (event) => {
        if (event.type === 'up') this.#onUp(event);
        else if (event.type === 'output') this.#output$.next(event);
        else if (event.type === 'problem' || event.type === 'described') this.#ofEnvs$.next(event);
        else this.#report(event);
      },
      error: (error: unknown) => {
        this.#onFailed(error as Error);
      },
    });
  }

  reportIncident(incident: Incident): void {
    this.#incidents$.next(incident);
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
    this.#sessions?.unsubscribe();
    this.requests.detach(error);
    this.requests.fail(error);
    for (const stream$ of [this.#disposed$, this.#up$, this.#reports$, this.#output$, this.#ofEnvs$])
      stream$.complete();
    for (const stream$ of [this.#incidents$, this.#status$]) stream$.complete();
  }

  /** Session after session. A first boot that fails is not tried again; a restart is. */
  #all(): Observable<SessionEvent> {
    const nextPause = backOff(this.settings);
    return defer(() => {
      this.#attempt += 1;
      this.#report({ stage: 'spawn', label: 'Starting the worker', loaded: null, total: null });
      return this.#spares.next(this.#attempt);
    }).pipe(
      retry({
        delay: (failure: unknown) => {
          const error = failure as CrashError | BootError;
          this.requests.detach(error);
          if (error instanceof CrashError) this.#incidents$.next({ type: 'crash', error });
          if (this.status.state === 'booting') return throwError(() => error);
          return this.#restart(error, nextPause);
        },
      }),
      takeUntil(this.#disposed$),
    );
  }

  #restart(error: CrashError | BootError, nextPause: () => number | undefined): Observable<unknown> {
    // a subscriber of incidents$ may have disposed of the runtime
    const pause = this.#isDisposed ? undefined : nextPause();
    if (pause === undefined) return throwError(() => error);
    // a spare that waits needs no pause
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
    if (how === 'spare') {
      for (const request of this.preparation()) this.requests.send(request).subscribe({ error: () => undefined });
    }
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
    // the status goes first: a subscriber that answers the failure with a command must find it
    this.#become({ state: 'failed', error });
    this.requests.fail(error);
  }

  #report({ stage, label, loaded, total }: Omit<Report, 'attempt'>): void {
    this.#reports$.next({ stage, label, loaded, total, attempt: this.#attempt });
  }
}
