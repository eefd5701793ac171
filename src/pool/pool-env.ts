import {
  EMPTY,
  Observable,
  Subject,
  catchError,
  combineLatest,
  concat,
  concatMap,
  defer,
  finalize,
  forkJoin,
  map,
  merge,
  of,
  tap,
} from 'rxjs';
import { check, checkOptions } from '../check.js';
import { resetRules, stepRules } from '../env/command-rules.js';
import type { GymEnv } from '../env/env.js';
import type { RolloutOf, RolloutOptions } from '../env/rollout.js';
import type { EnvReady } from '../env/spaces.js';
import type { EnvState } from '../recovery/env-state.js';
import type { Action, AnyStep, Reset, ResetOptions, Step, StepOptions } from '../env/step.js';
import { DisposedError, PoolError, QueueOverflowError, UsageError } from '../errors.js';
import { stepOrReset, type Autoreset } from '../operators/autoreset.js';
import { pack } from '../protocol/pack.js';
import type { PythonRuntime } from '../env/python-runtime.js';
import { combinedProgress, type PoolProgress } from './combined-progress.js';

/** What `pool.env` takes beside a spec. */
export interface PoolEnvOptions {
  /** What happens to a member whose episode is done. Default `'next-step'`, as in Gymnasium. */
  readonly autoreset?: Autoreset | undefined;
}

/** A chunk of a member's rollout. */
export type PoolRollout<S extends AnyStep = Step> = RolloutOf<S> & {
  /** The member's index in `members`. */
  readonly member: number;
};

/** The state of one of a pool's envs; opaque, like {@link EnvState}. */
export interface MemberState<S extends AnyStep = Step> extends EnvState {
  /** The step that ended the env's episode; null where it has been reset since, or the episode goes on. */
  readonly ended: S | null;
}

/**
 * The same env in each runtime of a pool, stepped as one: a command goes to all members at once, and emits their results
 * in their order. Commands are cold observables of one value, like those of a `GymEnv`. A command begins when the one
 * before has ended in all members.
 *
 * When a command fails in some members, it is done in the others and then errors with a `PoolError`, which has the errors
 * and the results. Unsubscribing cancels it in the members that have not answered: they may then be a step behind the
 * others.
 */
export class PoolEnv<S extends AnyStep = Step> {
  /** The envs one by one: for `frames$`, `steps$`, `render()` and the like. */
  readonly members: readonly GymEnv<S>[];
  /** Progress until all are ready, boots included. Subscribing sets the envs up. Replays the latest value. */
  readonly progress$: Observable<PoolProgress>;
  /** Emits when all are set up, again after a restart. Subscribing sets the envs up. Errors when a set-up fails. */
  readonly ready$: Observable<readonly EnvReady[]>;
  /** The results of `step`, in order. Subscribing starts nothing. */
  readonly steps$: Observable<readonly S[]>;

  readonly #begun$: Observable<never>;
  readonly #queue: number;
  readonly #autoreset: Autoreset;
  readonly #steps$ = new Subject<readonly S[]>();
  readonly #turns$ = new Subject<Observable<never>>();
  #pending = 0;
  /** For each member the step that ended its episode, until it is reset. */
  readonly #ended: (S | null)[];

  /** @internal Made by `pool.env(spec)`. */
  constructor(
    members: readonly GymEnv<S>[],
    runtimes: readonly PythonRuntime[],
    begun$: Observable<never>,
    queue: number,
    { autoreset = 'next-step' }: PoolEnvOptions,
  ) {
    this.members = members;
    this.#begun$ = begun$;
    this.#queue = queue;
    this.#autoreset = autoreset;
    this.#ended = members.map(() => null);
    this.progress$ = combinedProgress(
      runtimes,
      members.map(({ progress$ }) => progress$),
      begun$,
    );
    this.ready$ = concat(begun$, combineLatest(members.map(({ ready$ }) => ready$)));
    this.steps$ = this.#steps$.asObservable();
    this.#turns$.pipe(concatMap((turn$) => turn$)).subscribe();
    const steps = members.map(({ steps$ }, member) =>
      steps$.pipe(tap((step) => (this.#ended[member] = step.done ? step : null))),
    );
    merge(...steps)
      .pipe(finalize(() => this.#steps$.complete()))
      .subscribe();
  }

  /** Begins an episode in each member. Member i gets `seed` + i, as in Gymnasium's vector envs. */
  reset(options: ResetOptions = {}): Observable<readonly Reset[]> {
    return defer(() => {
      checkOptions('', options, resetRules);
      const { seed } = options;
      return this.#command((env, member) =>
        this.#reset(env, member, seed === undefined ? options : { ...options, seed: seed + member }),
      );
    });
  }

  /** Takes one step in each member, with one action for each. For members whose episode is done, see {@link Autoreset}. */
  step(actions: readonly Action[], options: StepOptions = {}): Observable<readonly S[]> {
    return defer(() => {
      this.#checkSize('actions', actions);
      // refused here, before anything is sent
      pack(actions, 'actions');
      checkOptions('', options, stepRules);
      return this.#command((env, member) => this.#step(env, member, actions[member], options));
    }).pipe(tap((steps) => this.#steps$.next(steps)));
  }

  /**
   * A rollout in each member, all at the same time and each at its own pace. Chunks arrive in order for each member.
   * `options` may be a function of the member. When a member fails, the others go on to their end, and then the observable
   * errors with a `PoolError`.
   */
  rollouts(options: RolloutOptions | ((member: number) => RolloutOptions)): Observable<PoolRollout<S>> {
    const rollouts$ = defer(() => {
      const errors: (Error | undefined)[] = this.members.map(() => undefined);
      const chunks = this.members.map((env, member) =>
        env.rollout(typeof options === 'function' ? options(member) : options).pipe(
          tap((chunk) => (this.#ended[member] = chunk.done ? endOfRollout<S>(chunk) : null)),
          map((chunk) => ({ ...chunk, member })),
          catchError((error: unknown) => {
            errors[member] = error as Error;
            return EMPTY;
          }),
        ),
      );
      const end$ = defer(() => {
        throwIfAny(errors, []);
        return EMPTY;
      });
      return concat(merge(...chunks), end$);
    });
    return this.#queued(concat(this.#begun$, rollouts$));
  }

  /** The states of all members, between two commands. */
  getState(): Observable<readonly MemberState<S>[]> {
    return this.#command((env) => env.getState()).pipe(
      map((states) => states.map((state, member) => ({ ...state, ended: this.#ended[member] ?? null }))),
    );
  }

  /** Sets the members to states from `getState`, of this pool or of another of the same size and spec. */
  setState(states: readonly MemberState<S>[]): Observable<null> {
    return defer(() => {
      this.#checkSize('states', states);
      return this.#command((env, member) => {
        const { ended = null, ...state } = { ...states[member] };
        return env.setState(state as EnvState).pipe(tap(() => (this.#ended[member] = ended)));
      });
    }).pipe(map(() => null));
  }

  /** @internal For `stepWith`; see `Steppable`. */
  countDrops(count: number): void {
    for (const env of this.members) env.countDrops(count);
  }

  /** Closes all members; see `GymEnv.close`. */
  close(): Observable<null> {
    return defer(() => forkJoin(this.members.map((env) => env.close()))).pipe(map(() => null));
  }

  #reset(env: GymEnv<S>, member: number, options: ResetOptions): Observable<Reset> {
    return env.reset(options).pipe(tap(() => (this.#ended[member] = null)));
  }

  #step(env: GymEnv<S>, member: number, action: Action, options: StepOptions): Observable<S> {
    const reset$ = this.#reset(env, member, { onCrash: options.onCrash });
    return stepOrReset(this.#autoreset, this.#ended[member] ?? null, env.step(action, options), reset$);
  }

  #checkSize(name: string, list: readonly unknown[]): void {
    const size = this.members.length;
    check(name, list, `an array of ${size}, one for each member`, Array.isArray(list) && list.length === size);
  }

  /** Sends to all members at once, and waits for all, also when some fail. */
  #command<T>(send: (env: GymEnv<S>, member: number) => Observable<T>): Observable<readonly T[]> {
    const all$ = defer(() =>
      forkJoin(
        this.members.map((env, member) =>
          send(env, member).pipe(
            map((result) => ({ result })),
            catchError((error: unknown) => of({ error: error as Error })),
          ),
        ),
      ),
    );
    return this.#queued(concat(this.#begun$, all$).pipe(map(resultsOf)));
  }

  /** Begins when the command before has ended or was unsubscribed. */
  #queued<T>(command$: Observable<T>): Observable<T> {
    return new Observable((subscriber) => {
      if (this.#pending > this.#queue) throw new QueueOverflowError("the queue of the pool's commands", this.#queue);
      this.#pending += 1;
      subscriber.add(() => (this.#pending -= 1));
      const turn$ = new Observable<never>((turn) => {
        command$.subscribe(subscriber);
        subscriber.add(() => turn.complete());
      });
      this.#turns$.next(turn$);
    });
  }
}

/** A rollout ended the episode: what `stepOfReset` needs of its last step. */
function endOfRollout<S extends AnyStep>(chunk: RolloutOf<S>): S {
  const of = (zero: unknown): unknown =>
    'agents' in chunk ? new Map([...chunk.agents.keys()].map((agent) => [agent, zero])) : zero;
  const step = { reward: of(0), terminated: of(true), truncated: of(true), done: true, return: of(0) };
  return step as unknown as S;
}

function resultsOf<T>(outcomes: readonly ({ readonly result: T } | { readonly error: Error })[]): readonly T[] {
  const results = outcomes.map((outcome) => ('result' in outcome ? outcome.result : undefined));
  throwIfAny(
    outcomes.map((outcome) => ('error' in outcome ? outcome.error : undefined)),
    results,
  );
  return results as T[];
}

function throwIfAny(errors: readonly (Error | undefined)[], results: readonly unknown[]): void {
  const first = errors.find((error) => error !== undefined);
  if (!first) return;
  const isOfAll = first instanceof DisposedError || errors.every((error) => error instanceof UsageError);
  throw isOfAll ? first : new PoolError(errors.indexOf(first), first, errors, results);
}
