import {
  BehaviorSubject,
  EMPTY,
  ReplaySubject,
  Subject,
  catchError,
  concat,
  defer,
  filter,
  finalize,
  forkJoin,
  ignoreElements,
  merge,
  of,
  switchMap,
  takeUntil,
  tap,
  throwError,
  type Observable,
  type Subscription,
} from 'rxjs';
import { BootError, CrashError, DeadlineError, DisposedError, StateError, type CrashCause } from '../errors.js';
import type { MainEntry, Operation, ReplayEntry } from '../protocol/messages.js';
import type { Value } from '../protocol/values.js';
import { installRequest } from '../runtime/commands.js';
import { withRatio, type Progress, type Report } from '../runtime/progress.js';
import type { Request, Requests } from '../runtime/requests.js';
import type { EnvHost } from '../runtime/runtime.js';
import type { Recovered, RuntimeStatus } from '../runtime/supervisor.js';
import { decodeReady } from './decode.js';
import { Past, type Leg } from './past.js';
import { Recovery } from './recovery.js';
import type { EnvReady } from './spaces.js';
import type { EnvSpec } from './spec.js';
import { decodeState, type EnvState } from './state.js';

/** Keeps one env alive in the interpreters of a runtime: sets it up, and brings it back when its interpreter died. */
export class EnvLife {
  readonly progress$: Observable<Progress>;
  readonly ready$: Observable<EnvReady>;
  /** Emits and completes when the env is closed or its runtime disposed of. */
  readonly ended$: Observable<void>;
  /** How many episodes there were, in all interpreters, so that an episode's number never comes twice. */
  episodes = 0;

  readonly #ended$ = new Subject<void>();
  readonly #reports$ = new Subject<Report>();
  /** The latest set-up: under way, done or failed; undefined before the first and after a crash. */
  readonly #setUp$ = new BehaviorSubject<Observable<EnvReady> | undefined>(undefined);
  /** `lost`: it was up, and its interpreter died; the next interpreter brings it back before anything else. */
  #state: 'new' | 'setting up' | 'up' | 'lost' | 'ended' = 'new';
  #attempt: number;
  #isClosing = false;
  #checkpointing: Subscription | undefined;
  /** For a moment that is quiet enough for a checkpoint. */
  #isWaiting = false;
  readonly #recovery: Recovery;
  readonly #past: Past;
  /** The latest way back: what made it necessary, and since when. */
  #loss: Loss = { cause: { kind: 'closed', message: '' }, at: 0 };

  constructor(
    private readonly host: EnvHost,
    private readonly id: number,
    private readonly spec: EnvSpec,
  ) {
    this.#attempt = host.attempt();
    const { every = 250, ms = 2000, log = 20_000 } = spec.recovery ?? {};
    this.#recovery = new Recovery(every, ms, log);
    this.#past = new Past(host, id, spec, this.#recovery);
    this.ended$ = this.#ended$.asObservable();

    const progress$ = new ReplaySubject<Progress>(1);
    // an installation that somebody else asked for is not this env's way to readiness
    const runtimeReports$ = host.reports$.pipe(
      filter(({ stage }) => stage !== 'ready' && !(stage === 'packages' && this.#state === 'up')),
    );
    merge(runtimeReports$, this.#reports$).pipe(withRatio(), takeUntil(this.#ended$)).subscribe(progress$);
    this.progress$ = defer(() => {
      void this.#wanted();
      return progress$;
    });
    this.ready$ = defer(() => {
      void this.#wanted();
      return this.#setUp$.pipe(switchMap((setUp$) => setUp$ ?? EMPTY));
    });
    this.#ended$.pipe(finalize(host.warmUpWith((requests) => this.#warmUp(requests)))).subscribe();
    merge(
      host.up$.pipe(
        tap(({ attempt, how }) => {
          this.#attempt = attempt;
          if (this.#state === 'lost') this.#bringBack(how);
        }),
      ),
      host.ran$.pipe(tap((entry) => this.#onRan(entry))),
      host.status$.pipe(tap({ next: (status) => this.#onStatus(status), complete: () => this.end() })),
    )
      .pipe(takeUntil(this.#ended$))
      .subscribe();
  }

  /** True where the worker knows the env. */
  get isThere(): boolean {
    return this.#state === 'up' || this.#state === 'setting up';
  }

  /** Sends a command behind the set-up, and with the set-up's error if that fails; at once, when it is subscribed. */
  command(request: Omit<Request, 'lane' | 'env'>): Observable<Value> {
    if (this.#isClosing || this.#state === 'ended') return throwError(() => new DisposedError('the env'));
    const setUp$ = this.#wanted();
    const onUndone = (cause: CrashCause): void => {
      if (this.#state !== 'up') return;
      this.#loss = { cause, at: performance.now() };
      this.#bringBack('same');
    };
    this.#past.allows(request);
    const answer$ = this.host.command({
      ...(changes(request.type) && { onUndone }),
      ...request,
      lane: 'user',
      env: this.id,
    });
    // failed at once, and so does what counts on it
    if (this.#state === 'new' && setUp$) return setUp$.pipe(ignoreElements());
    return this.#state === 'setting up' && setUp$ ? merge(setUp$.pipe(ignoreElements()), answer$) : answer$;
  }

  /** Notes what was acknowledged, and takes a checkpoint when one is due. */
  note(operation: Operation): void {
    this.#note({ ...operation, number: this.host.tick() });
  }

  #note(entry: ReplayEntry): void {
    this.#recovery.note(entry);
    // code, and what raised, may not come to the same again
    if (entry.kind === 'run' || ('came' in entry && typeof entry.came === 'string')) this.keep();
    else if (this.#recovery.isDue('now')) this.#checkpoint();
    else if (!this.#isWaiting && this.#recovery.isDue('soon')) {
      this.#isWaiting = true;
      this.#checkpointInQuiet(0);
    }
  }

  /** Off the step's way: in the next quiet moment, which is looked for less often where the first was none. */
  #checkpointInQuiet(pause: number): void {
    setTimeout(() => {
      this.#isWaiting = this.#state === 'up' && this.#recovery.isDue('soon');
      if (!this.#isWaiting) return;
      if (this.host.isIdle()) {
        this.#isWaiting = false;
        this.#checkpoint();
      } else this.#checkpointInQuiet(10);
    }, pause);
  }

  /** Takes a checkpoint before anything else is done, where that is possible: what was done last cannot be done again. */
  keep(): void {
    if (this.#state === 'up' && this.#recovery.wantsCheckpoint) this.#checkpoint();
  }

  /** A state that the env is known to be in now. */
  standsAt(state: EnvState): void {
    this.#past.standsAt(state);
  }

  /** Takes no further command: the last one is on its way. */
  refuse(): void {
    this.#isClosing = true;
  }

  end(): void {
    this.#state = 'ended';
    this.#ended$.next();
    for (const stream$ of [this.#reports$, this.#setUp$, this.#ended$]) stream$.complete();
    // what waits for an interpreter that is to come would not find the env there
    this.host.notRecovered(this.id, new DisposedError('the env'));
  }

  #onRan(entry: MainEntry | null): void {
    if (!entry) this.keep();
    else if (this.#state === 'up') this.#note(entry);
    // it was sent before the set-up, whose answer is yet to come
    else if (this.#state === 'setting up') {
      this.#past.ranBefore(entry);
      if (entry.kind === 'run' && this.#recovery.wantsCheckpoint) this.#checkpoint(true);
    }
  }

  #onStatus(status: RuntimeStatus): void {
    const isGone = status.state === 'restarting' || status.state === 'failed';
    if (isGone && this.#state === 'up') {
      this.#state = 'lost';
      this.#loss = { ...this.#loss, at: performance.now() };
      this.#setUp$.next(undefined);
    }
    const error = status.state === 'failed' ? status.error : status.state === 'restarting' ? status.cause : undefined;
    // the latest death: it may have died again on its way back
    if (error instanceof CrashError) this.#loss = { ...this.#loss, cause: error.cause };
    if (status.state === 'failed' && this.#state === 'lost') this.#setUp$.next(throwError(() => status.error));
  }

  #wanted(): Observable<EnvReady> | undefined {
    if (this.#state === 'new') this.#begin('user');
    return this.#setUp$.value;
  }

  /** Sets the env up with no past; in a new interpreter after all that ran before. */
  #begin(lane: Request['lane'], isNew = false): void {
    const steps$ = this.#steps(this.#past.begin(this.episodes, isNew), lane, () => {
      // what ran before is not to run again in this interpreter, where a step is undone
      if (this.#past.beganWithRuns && this.#recovery.wantsCheckpoint) this.#checkpoint(true);
    });
    this.#settle(steps$.pipe(tap(() => this.#past.isSetUp())), (error) => {
      this.#checkpointing?.unsubscribe();
      this.#recovery.missed();
      if (this.#state === 'setting up') this.#state = 'new';
      // those that were sent while it was up do not wait for this set-up
      if (lane === 'setup') this.host.notRecovered(this.id, error);
    });
  }

  /**
   * Brings the env back to its last acknowledged operation: in a new interpreter, or in the same after an operation that
   * counts as if it had not been.
   */
  #bringBack(how: Recovered['how']): void {
    const { cause, at } = this.#loss;
    // one that waits would hold what is undone here
    this.#checkpointing?.unsubscribe();
    this.#recovery.missed();
    const { checkpoint, log } = this.#recovery.way;
    const isNew = how !== 'same';
    const { problem } = this.#recovery;
    if (problem !== undefined) {
      this.#giveUpPast(new StateError('recovery', problem), isNew);
      return;
    }
    this.#settle(
      this.#steps(this.#past.wayBack(isNew), 'setup').pipe(
        tap(() => {
          this.host.recovered({
            cause,
            attempt: this.#attempt,
            how,
            replayed: log.length,
            checkpoint: checkpoint !== undefined,
            ms: performance.now() - at,
          });
        }),
      ),
      (error) => {
        const isLate = error instanceof DeadlineError && error.command !== 'install';
        // and would be so again
        if (isLate) this.#recovery.giveUp(`the way back took too long: ${error.message}`);
        if (isDeath(error)) this.#state = 'lost';
        else if (isLate) this.#bringBack(how);
        else this.#giveUpPast(error, isNew);
      },
    );
  }

  /** There is no way back: those who counted on one are told, and the env begins anew. */
  #giveUpPast(error: Error, isNew: boolean): void {
    // first the new beginning: who is told of the end may reset the env at once
    this.#begin('setup', isNew);
    this.host.notRecovered(this.id, error);
  }

  #settle(steps$: Observable<Value[]>, onError: (error: Error) => void): void {
    const outcome$ = new ReplaySubject<EnvReady>(1);
    const before$ = this.#setUp$.value ?? EMPTY;
    this.#state = 'setting up';
    this.#setUp$.next(outcome$);
    steps$
      .pipe(
        switchMap((answers) => {
          this.#attempt = this.host.attempt();
          if (this.#state === 'setting up') this.#state = 'up';
          this.#report('ready', 'Ready');
          const ready = answers.find((answer) => Array.isArray(answer));
          // none, in the same interpreter: what it said of the env still holds
          return ready === undefined ? before$ : of(decodeReady(ready, this.#attempt));
        }),
      )
      .subscribe({
        next: (ready) => outcome$.next(ready),
        complete: () => outcome$.complete(),
        error: (error: unknown) => {
          const isLatest = this.#setUp$.value === outcome$;
          onError(error as Error);
          if (isLatest && this.#state === 'lost') {
            this.#setUp$.next(undefined);
            // those who go by the answer of a command that survives wait no more for this
            outcome$.complete();
          } else outcome$.error(error);
        },
      });
  }

  /** All are queued at once, so that whatever is sent next comes after them. */
  #steps(way: readonly Leg[], lane: Request['lane'], onSetUp?: () => void): Observable<Value[]> {
    const { packages = [] } = this.spec;
    const isSetUp = way.some(({ body }) => body.type === 'setUp');
    return forkJoin([
      ...(isSetUp && packages.length ? [this.host.install(packages, lane)] : []),
      ...way.map(({ body, order, deadline }) =>
        this.host.command({
          order,
          type: body.type,
          body: () => body,
          deadline,
          lane,
          env: this.id,
          survives: 'a crash',
          ...(body.type === 'setUp' && {
            onStart: () => {
              this.#report('env', 'Setting up the environment');
              onSetUp?.();
            },
          }),
        }),
      ),
    ]);
  }

  /** Imports, so that all is there when the env is set up in earnest; what fails here will fail there and be told. */
  #warmUp(requests: Requests): Observable<unknown> {
    if (this.#state === 'new') return EMPTY;
    const { packages = [] } = this.spec;
    const settings = this.host.settings();
    return concat(
      packages.length ? requests.send(installRequest(settings, packages, 'setup')) : EMPTY,
      ...this.#past
        .beginning()
        .map(({ body, deadline }) => requests.send({ type: body.type, body: () => body, deadline, lane: 'setup' })),
    ).pipe(catchError(() => EMPTY));
  }

  /** `early`: before the env was ever reset, when it may have no state yet. */
  #checkpoint(early = false): void {
    this.#recovery.taking();
    const request: Request = {
      type: 'getState',
      body: () => ({ type: 'getState', env: this.id }),
      deadline: this.host.settings().deadlines.run,
      lane: 'setup',
      env: this.id,
    };
    this.#checkpointing = this.host
      .command(request)
      .pipe(takeUntil(this.#ended$))
      .subscribe({
        next: (value) => this.standsAt(decodeState(value)),
        error: (error: unknown) => {
          // what was late once, or cannot be had, would be again
          if (early || (isDeath(error) && !(error instanceof DeadlineError))) this.#recovery.missed();
          else this.#recovery.took(undefined);
        },
      });
  }

  #report(stage: Report['stage'], label: string): void {
    this.#reports$.next({ stage, label, loaded: null, total: null, attempt: this.#attempt });
  }
}

interface Loss {
  readonly cause: CrashCause;
  /** As `performance.now()` said. */
  readonly at: number;
}

/** What changes an env, so that a try that came to nothing has to be undone. */
const changes = (type: Request['type']): boolean =>
  ['step', 'stepMany', 'rollout', 'reset', 'seed', 'setState'].includes(type);

/** True for an error after which another interpreter comes, or none. */
function isDeath(error: unknown): boolean {
  const isReplaced = error instanceof DeadlineError && error.outcome === 'replaced';
  return error instanceof CrashError || error instanceof BootError || error instanceof DisposedError || isReplaced;
}
