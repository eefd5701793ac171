import {
  BehaviorSubject,
  EMPTY,
  ReplaySubject,
  Subject,
  defer,
  filter,
  forkJoin,
  ignoreElements,
  map,
  merge,
  of,
  switchMap,
  takeUntil,
  tap,
  throwError,
  type Observable,
} from 'rxjs';
import { DisposedError } from '../errors.js';
import { pack } from '../protocol/pack.js';
import type { Value } from '../protocol/values.js';
import { check, checkDeadline } from '../runtime/options.js';
import { withRatio, type Progress, type Report } from '../runtime/progress.js';
import type { Request } from '../runtime/requests.js';
import type { EnvHost } from '../runtime/runtime.js';
import type { RuntimeStatus } from '../runtime/supervisor.js';
import { decodeFrame, decodeReady, decodeReset, decodeStep, type Seen } from './decode.js';
import type { EnvReady } from './spaces.js';
import { checkSpec, setUpMessage, type EnvSpec } from './spec.js';
import type { Action, AnyStep, Frame, Reset, ResetOptions, Step, StepOptions } from './step.js';

/**
 * One Gymnasium or PettingZoo-parallel env in a runtime. It is set up by its first command, or by subscribing `ready$`
 * or `progress$`, and again after a restart.
 *
 * Commands are cold observables of one value, as the runtime's. Give `S` as `ParallelStep` for a PettingZoo env.
 */
export class GymEnv<S extends AnyStep = Step> {
  /** The way to readiness, the runtime's boot included. Subscribing sets the env up. Replays the latest. */
  readonly progress$: Observable<Progress>;
  /**
   * Emits each time the env is set up, and at once to a late subscriber if it is. Subscribing sets the env up. Errors
   * when the set-up does; the next command or subscriber tries again.
   */
  readonly ready$: Observable<EnvReady>;
  /** Every acknowledged step, in order. Only observes. */
  readonly steps$: Observable<S>;
  /** What there is to see after each reset and step. Only observes; while nobody does, nothing is rendered. */
  readonly frames$: Observable<Frame>;

  readonly #host: EnvHost;
  readonly #id: number;
  readonly #spec: EnvSpec;
  readonly #steps$ = new Subject<S>();
  readonly #frames$ = new Subject<Frame>();
  readonly #closed$ = new Subject<void>();
  readonly #ownReports$ = new Subject<Report>();
  /** The latest set-up: under way, done or failed; undefined before the first and after a crash. */
  readonly #setUp$ = new BehaviorSubject<Observable<EnvReady> | undefined>(undefined);
  /** `lost`: it was up, and its interpreter died; the next interpreter sets it up before anything else. */
  #state: 'new' | 'setting up' | 'up' | 'lost' | 'closed' = 'new';
  #attempt = 1;
  #sinceReset = 0;
  /** Counted on over restarts, so that an episode's number never comes twice. */
  #episodes = 0;

  /** @internal Made by `runtime.env(spec)`. */
  constructor(host: EnvHost, id: number, spec: EnvSpec) {
    checkSpec(spec);
    this.#host = host;
    this.#id = id;
    this.#spec = spec;
    this.steps$ = this.#steps$.asObservable();
    this.frames$ = this.#frames$.asObservable();

    const progress$ = new ReplaySubject<Progress>(1);
    const runtimeReports$ = host.reports$.pipe(filter(({ stage }) => stage !== 'ready'));
    merge(runtimeReports$, this.#ownReports$).pipe(withRatio(), takeUntil(this.#closed$)).subscribe(progress$);
    this.progress$ = defer(() => {
      void this.#wanted();
      return progress$;
    });
    this.ready$ = defer(() => {
      void this.#wanted();
      return this.#setUp$.pipe(switchMap((setUp$) => setUp$ ?? EMPTY));
    });

    merge(
      host.up$.pipe(tap((attempt) => this.#onUp(attempt))),
      host.status$.pipe(tap({ next: (status) => this.#onStatus(status), complete: () => this.#end() })),
    )
      .pipe(takeUntil(this.#closed$))
      .subscribe();
  }

  /** Begins an episode. `seed` 0 is a seed; `options` goes to the env as it is. */
  reset({ seed, options, deadline = this.#host.settings.deadlines.reset }: ResetOptions = {}): Observable<Reset> {
    return this.#command({
      type: 'reset',
      body: () => {
        checkDeadline('deadline', deadline);
        const fits = seed === undefined || (Number.isSafeInteger(seed) && seed >= 0);
        check('seed', seed, 'a whole number from 0', fits);
        this.#sinceReset = 0;
        const packed = pack({ seed, options }, 'options');
        return { type: 'reset', env: this.#id, options: packed, render: this.#frames$.observed };
      },
      deadline,
      lane: 'user',
    }).pipe(map((value) => this.#see(decodeReset(value))));
  }

  /** Takes one step. An env that was never reset is reset first, without a seed. */
  step(action: Action, { deadline = this.#host.settings.deadlines.step }: StepOptions = {}): Observable<S> {
    return this.#command({
      type: 'step',
      body: () => {
        checkDeadline('deadline', deadline);
        return { type: 'step', env: this.#id, action: pack(action, 'action'), render: this.#isFrameDue() };
      },
      deadline,
      lane: 'user',
    }).pipe(
      map((value) => this.#see(decodeStep(value)) as S),
      tap((step) => {
        this.#steps$.next(step);
      }),
    );
  }

  /** Renders now, whether or not `frames$` is watched; null where the env shows nothing. */
  render(): Observable<Frame | null> {
    return this.#command({
      type: 'render',
      body: () => ({ type: 'render', env: this.#id }),
      deadline: this.#host.settings.deadlines.step,
      lane: 'user',
    }).pipe(
      map((value) => decodeFrame(value)),
      tap((frame) => {
        if (frame) this.#frames$.next(frame);
      }),
    );
  }

  /** Closes the Python env and completes the streams. What is sent afterwards errors with `DisposedError`. */
  close(): Observable<null> {
    return defer(() => {
      if (this.#state === 'closed') return [null];
      const isThere = this.#state === 'up' || this.#state === 'setting up';
      const answer$: Observable<Value> = isThere
        ? this.#host.command({
            type: 'close',
            body: () => ({ type: 'close', env: this.#id }),
            deadline: this.#host.settings.deadlines.step,
            lane: 'user',
          })
        : of(null);
      this.#state = 'closed';
      return answer$.pipe(
        map(() => null),
        tap({
          finalize: () => {
            this.#end();
          },
        }),
      );
    });
  }

  #onUp(attempt: number): void {
    this.#attempt = attempt;
    if (this.#state === 'lost') this.#startSetUp('setup');
  }

  #onStatus({ state }: RuntimeStatus): void {
    if (this.#state !== 'up' || (state !== 'restarting' && state !== 'failed')) return;
    this.#state = 'lost';
    this.#setUp$.next(undefined);
  }

  #end(): void {
    this.#state = 'closed';
    this.#closed$.next();
    for (const stream$ of [this.#steps$, this.#frames$, this.#ownReports$, this.#setUp$, this.#closed$]) {
      stream$.complete();
    }
  }

  #isFrameDue(): boolean {
    this.#sinceReset += 1;
    return this.#frames$.observed && this.#sinceReset % (this.#spec.render?.every ?? 1) === 0;
  }

  /** The frame goes out before the step that it shows, so that who sees the step has seen the picture. */
  #see<T extends AnyStep | Reset>({ result, frame }: Seen<T>): T {
    this.#episodes = result.episode;
    if (frame) this.#frames$.next(frame);
    return result;
  }

  /** Sends a command behind the set-up, and with the set-up's error if that fails. */
  #command(request: Request): Observable<Value> {
    return defer(() => {
      if (this.#state === 'closed') return throwError(() => new DisposedError('the env'));
      const setUp$ = this.#wanted();
      const answer$ = this.#host.command(request);
      return this.#state === 'setting up' && setUp$ ? merge(setUp$.pipe(ignoreElements()), answer$) : answer$;
    });
  }

  #wanted(): Observable<EnvReady> | undefined {
    if (this.#state === 'new') this.#startSetUp('user');
    return this.#setUp$.value;
  }

  /** Both requests are queued at once, so that whatever is sent next comes after them. */
  #startSetUp(lane: Request['lane']): void {
    const { settings } = this.#host;
    const { packages = [] } = this.#spec;
    const outcome$ = new ReplaySubject<EnvReady>(1);
    this.#state = 'setting up';
    this.#setUp$.next(outcome$);
    forkJoin([
      ...(packages.length ? [this.#host.install(packages, lane)] : []),
      this.#host.command({
        type: 'setUp',
        body: () => setUpMessage(this.#id, this.#spec, this.#episodes),
        deadline: settings.deadlines.run,
        lane,
        onStart: () => {
          this.#report('env', 'Setting up the environment');
        },
      }),
    ]).subscribe({
      next: (answers) => {
        if (this.#state === 'setting up') this.#state = 'up';
        this.#report('ready', 'Ready');
        outcome$.next(decodeReady(answers.at(-1) ?? null, this.#attempt));
        outcome$.complete();
      },
      error: (error: unknown) => {
        if (this.#state === 'setting up') this.#state = 'new';
        outcome$.error(error);
      },
    });
  }

  #report(stage: Report['stage'], label: string): void {
    this.#ownReports$.next({ stage, label, loaded: null, total: null, attempt: this.#attempt });
  }
}
