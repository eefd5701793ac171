import {
  BehaviorSubject,
  EMPTY,
  Subject,
  defer,
  map,
  merge,
  of,
  switchMap,
  takeUntil,
  takeWhile,
  tap,
  throwError,
  type Observable,
} from 'rxjs';
import { CrashError, DisposedError, StateError } from '../errors.js';
import { traitsOf } from '../protocol/traits.js';
import type { ProblemReport } from '../protocol/messages.js';
import type { LoggedMainOperation } from '../protocol/operations.js';
import { unpack } from '../protocol/pack.js';
import type { Host } from '../runtime/host.js';
import { unrecoverable, type Recovered } from '../runtime/incidents.js';
import { recording } from '../runtime/input.js';
import type { Progress, Report } from '../runtime/progress.js';
import { requestFor, type Lane, type Request } from '../runtime/request.js';
import type { Requests } from '../runtime/requests.js';
import type { RuntimeStatus } from '../runtime/status.js';
import { acknowledge } from './acknowledge.js';
import { Checkpoints, type CheckpointPorts } from './checkpoints.js';
import type { EnvCommand } from './env-command.js';
import type { EnvLog } from './env-log.js';
import { envProgress } from './env-progress.js';
import { decodeState, type TakenState } from './env-state.js';
import { recoveryFailureOf } from './recovery-failure.js';
import type { RecoveryOptions } from './options.js';
import { PlanRunner, type SetUp } from './plan-runner.js';
import { next, type Event, type RecoveryCause, type State } from './transitions.js';

/**
 * Keeps one env alive in the interpreters of a runtime: sets it up, logs what is acknowledged, and recovers it when its
 * interpreter died or an operation was discarded. Where an event leads is in transitions.ts; what is done about it, here.
 */
export class Lifecycle<Ready> {
  readonly progress$: Observable<Progress>;
  readonly ready$: Observable<Ready>;
  /** Why there are no checkpoints. */
  readonly problems$: Observable<ProblemReport>;
  /** Emits and completes when the env is closed or its runtime disposed of. */
  readonly ended$: Observable<void>;

  readonly #ended$ = new Subject<void>();
  readonly #problems$ = new Subject<ProblemReport>();
  readonly #reports$ = new Subject<Report>();
  readonly #states$ = new BehaviorSubject<State<Ready>>({ name: 'new' });
  readonly #checkpoints: Checkpoints;
  readonly #plans: PlanRunner<Ready>;
  #state: State<Ready> = { name: 'new' };

  constructor(
    private readonly host: Host,
    private readonly log: EnvLog,
    readonly id: number,
    setUp: SetUp<Ready>,
    options: Required<RecoveryOptions>,
    isShared: () => boolean,
  ) {
    this.#plans = new PlanRunner(host, log, id, setUp, isShared, () => {
      this.#onSetUp();
    });
    const ports: CheckpointPorts = {
      take: (within) => this.#takeState(within),
      isUp: () => this.#is('up'),
      isQuiet: () => host.isIdle,
      onImpossible: (message) => {
        this.#problems$.next({ type: 'problem', env: id, kind: 'state', message, hint: null, episode: 0, count: 1 });
      },
    };
    this.#checkpoints = new Checkpoints(log, ports, options);
    this.ended$ = this.#ended$.asObservable();
    this.problems$ = this.#problems$.asObservable();
    const isUp = (): boolean => this.#is('up');
    const progress$ = envProgress(host.reports$, this.#reports$, isUp, this.#ended$);
    this.progress$ = defer(() => {
      this.#want();
      return progress$;
    });
    this.ready$ = defer(() => {
      this.#want();
      return this.#states$.pipe(
        takeWhile(({ name }) => name !== 'closed'),
        switchMap((state) => {
          if (state.name === 'up') return of(state.ready);
          return 'error' in state ? throwError(() => state.error) : EMPTY;
        }),
      );
    });
    merge(
      host.up$.pipe(
        tap(({ how }) => {
          this.#dispatch({ type: 'interpreterUp', how });
        }),
      ),
      host.ofEnvs$.pipe(
        tap((said) => {
          if (said.type !== 'described' || said.env !== id) return;
          this.#dispatch({ type: 'described', ready: this.#plans.decode(unpack(said.value)) });
        }),
      ),
      host.status$.pipe(
        tap({
          next: (status) => {
            this.#onStatus(status);
          },
          complete: () => {
            this.close();
          },
        }),
      ),
    )
      .pipe(takeUntil(this.#ended$))
      .subscribe();
  }

  /** True where the worker knows the env, or will before it gets another command. */
  get isThere(): boolean {
    return this.#is('up') || this.#is('settingUp') || this.#is('recovering');
  }

  /** Begins the set-up, if needed, at the call. Subscribing then sends the command behind it. */
  command<T>(
    command: EnvCommand<T>,
    options: Partial<Pick<Request, 'deadline' | 'survives' | 'onTimes' | 'input'>> = {},
  ): Observable<T> {
    this.#want();
    const state = this.#state;
    if (state.name === 'closed') return throwError(() => new DisposedError('the env'));
    if (state.name === 'new') return throwError(() => state.error); // the set-up failed at once
    const { type } = command.body;
    const { settings } = this.host;
    const input = options.input ?? settings.input;
    const asked = input && recording(input);
    const request = requestFor(settings, command.body, {
      ...options,
      ...(asked && { input: asked.input, onStart: asked.clear }),
      env: this.id,
      ...(traitsOf(type).changes === 'env' && { onDiscarded: this.#onDiscarded }),
    });
    this.#plans.allow(type, request.deadline);
    return this.host.command(request).pipe(acknowledge(command, this.log, this.#checkpoints, asked?.answers));
  }

  /** Something was acknowledged in `__main__`; null: something ran there, and does not count. */
  onMain(operation: LoggedMainOperation | null): void {
    // it was sent before the set-up, whose answer is yet to come
    if (operation?.kind === 'run' && this.#is('settingUp')) this.#checkpoints.afterSetUp();
    // code may have another effect when it runs again
    else if (operation === null || operation.kind === 'run') this.#checkpoints.now();
    else if (this.#is('up')) this.#checkpoints.onLogged();
  }

  warmUp(requests: Requests): Observable<unknown> {
    return this.#is('new') ? EMPTY : this.#plans.warmUp(requests);
  }

  close(): void {
    this.#dispatch({ type: 'closed' });
  }

  #want(): void {
    // the boot goes first: a subscriber that answers it with a command must not find a set-up that is not sent yet
    if (this.#is('new')) this.host.bootIfIdle();
    this.#dispatch({ type: 'wanted' });
  }

  #dispatch(event: Event<Ready>): void {
    const before = this.#state;
    const after = next(before, event);
    if (after === before) return;
    this.#state = after;
    if (event.type !== 'described') this.#enter(before, event);
    // an effect may have led to the next state already
    if (this.#state === after) this.#states$.next(after);
  }

  /** The effects of a transition. */
  #enter(before: State<Ready>, event: Event<Ready>): void {
    const state = this.#state;
    switch (state.name) {
      case 'settingUp':
        // the new set-up goes first: a subscriber may answer the error with a reset
        this.#begin(state.in, state.isNewInterpreter);
        if (event.type === 'unrecoverable') this.#endCommands(event.error, true);
        return;
      case 'new':
        this.#checkpoints.cancel();
        if (state.error) this.#endCommands(state.error, before.name === 'settingUp' && before.in === 'setup');
        return;
      case 'up':
        if (before.name === 'settingUp') this.log.wasSetUp();
        this.#report('ready', 'Ready');
        return;
      case 'recovering':
        this.#checkpoints.cancel();
        this.#recover(state.reason, state.how);
        return;
      case 'closed':
        this.#checkpoints.cancel();
        this.#ended$.next();
        for (const stream$ of [this.#reports$, this.#problems$, this.#ended$]) stream$.complete();
        // the next interpreter would not know the env
        this.#endCommands(new DisposedError('the env'), false);
        return;
      case 'lost': // until the next interpreter
    }
  }

  #begin(lane: Lane, isNewInterpreter: boolean): void {
    this.log.begin();
    this.#checkpoints.begin();
    this.#plans.start(lane, isNewInterpreter).subscribe({
      next: (ready) => {
        this.#dispatch({ type: 'setUp', ready: ready as Ready });
      },
      error: (error: unknown) => {
        this.#dispatch({ type: 'setUpFailed', error: error as Error });
      },
    });
  }

  #recover({ cause, at }: RecoveryCause, how: Recovered['how']): void {
    const fail = (problem: string): void => {
      this.#dispatch({ type: 'unrecoverable', error: new StateError('recovery', problem) });
    };
    if (this.log.problem !== undefined) {
      fail(this.log.problem);
      return;
    }
    this.#plans.recover(this.log.history, how !== 'same').subscribe({
      next: ({ ready, history }) => {
        const replayed = history.since.length;
        const checkpoint = history.checkpoint !== undefined;
        const { attempt } = this.host;
        this.host.report({ type: 'recovered', cause, attempt, how, replayed, checkpoint, ms: performance.now() - at });
        this.#dispatch({ type: 'recovered', ready });
      },
      error: (caught: unknown) => {
        const error = caught as Error;
        const { problem, died } = recoveryFailureOf(error);
        // it would be late again
        if (problem !== undefined) this.log.giveUp(problem);
        if (died) this.#dispatch({ type: 'interpreterDied', cause: causeOf(error), at });
        else if (problem !== undefined) fail(problem);
        else this.#dispatch({ type: 'unrecoverable', error });
      },
    });
  }

  /** Ends the commands that wait for the env with the reason; `isIncident` reports it, too. */
  #endCommands(error: Error, isIncident: boolean): void {
    this.host.failEnv(this.id, error);
    if (isIncident) this.host.report(unrecoverable(error));
  }

  #onSetUp(): void {
    this.#report('env', 'Setting up the environment');
    if (!this.#is('settingUp')) return;
    // with a checkpoint, a recovery in the same interpreter need not run this code a second time
    if (this.log.history.beforeSetUp.some(({ kind }) => kind === 'run')) this.#checkpoints.afterSetUp();
  }

  readonly #onDiscarded = (cause: RecoveryCause['cause']): void => {
    this.#dispatch({ type: 'discarded', reason: { cause, at: performance.now() } });
  };

  #onStatus(status: RuntimeStatus): void {
    if (status.state !== 'restarting' && status.state !== 'failed') return;
    const error = status.state === 'failed' ? status.error : status.cause;
    this.#dispatch({ type: 'interpreterDied', cause: causeOf(error), at: performance.now() });
    if (status.state === 'failed') this.#dispatch({ type: 'runtimeFailed', error });
  }

  #takeState(within: number | null): Observable<TakenState> {
    const { settings } = this.host;
    const more = { lane: 'setup', deadline: settings.deadlines.run, env: this.id } as const;
    return this.host
      .command(requestFor(settings, { type: 'getState', env: this.id, within }, more))
      .pipe(map(decodeState), takeUntil(this.#ended$));
  }

  #is(name: State<Ready>['name']): boolean {
    return this.#state.name === name;
  }

  #report(stage: Report['stage'], label: string): void {
    this.#reports$.next({ stage, label, loaded: null, total: null, attempt: this.host.attempt });
  }
}

const causeOf = (error: Error): RecoveryCause['cause'] | undefined =>
  error instanceof CrashError ? error.cause : undefined;
