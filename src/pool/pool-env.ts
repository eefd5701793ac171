import {
  EMPTY,
  Observable,
  Subject,
  catchError,
  combineLatest,
  concat,
  concatAll,
  defer,
  finalize,
  forkJoin,
  map,
  merge,
  of,
  switchMap,
  tap,
} from 'rxjs';
import type { GymEnv } from '../env/env.js';
import type { Rollout, RolloutOptions } from '../env/rollout.js';
import type { EnvReady } from '../env/spaces.js';
import type { EnvState } from '../recovery/env-state.js';
import type { Action, AnyStep, Reset, ResetOptions, Step, StepOptions } from '../env/step.js';
import { DisposedError, PoolError, QueueOverflowError, UsageError } from '../errors.js';
import { pack } from '../protocol/pack.js';
import { check, checkDeadline } from '../runtime/options.js';
import type { PythonRuntime } from '../env/python-runtime.js';
import { autoresets, stepAndReset, stepOfReset, type Autoreset } from './autoreset.js';
import { together, type PoolProgress } from './together.js';

export interface PoolEnvOptions {
  /** Default `'next-step'`, as Gymnasium's. */
  readonly autoreset?: Autoreset | undefined;
}

/** A chunk of one member's rollout. */
export interface PoolRollout extends Rollout {
  /** Its place among `members`. */
  readonly member: number;
}

/** The state of one of a pool's envs; opaque, as {@link EnvState}. */
export interface MemberState<S extends AnyStep = Step> extends EnvState {
  /** The step that ended the env's episode, if it has not been reset since. */
  readonly ended: S | null;
}

/**
 * The same env in each runtime of a pool, stepped as one: a command goes to all members at once, and its answers are in
 * their order. Commands are cold observables of one value, as a `GymEnv`'s; a command begins when the one before has
 * ended in all members.
 *
 * When a command comes to an error in some members it is done in the others, and then errors with a `PoolError` that
 * says which and holds their results. Unsubscribing cancels it in those members that have not answered: afterwards they
 * may stand a step behind the others.
 */
export class PoolEnv<S extends AnyStep = Step> {
  /** An env of its own each: for `frames$`, `steps$`, `render()` and the like. */
  readonly members: readonly GymEnv<S>[];
  /** The way until all are ready, the boots included. Subscribing sets the envs up. Replays the latest. */
  readonly progress$: Observable<PoolProgress>;
  /** Emits when all are set up, also after a restart. Subscribing sets the envs up. Errors when a set-up does. */
  readonly ready$: Observable<readonly EnvReady[]>;
  /** What `step` answered, in order. Only observes. */
  readonly steps$: Observable<readonly S[]>;

  readonly #begun$: Observable<never>;
  readonly #queue: number;
  readonly #autoreset: Autoreset;
  readonly #steps$ = new Subject<readonly S[]>();
  readonly #turns$ = new Subject<Observable<never>>();
  #pending = 0;
  /** Of each member whose episode is done the step that ended it, until it is reset. */
  readonly #ended: (S | null)[];

  /** @internal Made by `pool.env(spec)`. */
  constructor(
    members: readonly GymEnv<S>[],
    runtimes: readonly PythonRuntime[],
    begun$: Observable<never>,
    queue: number,
    { autoreset = 'next-step' }: PoolEnvOptions,
  ) {
    check('autoreset', autoreset, `one of ${autoresets.join(', ')}`, autoresets.includes(autoreset));
    this.members = members;
    this.#begun$ = begun$;
    this.#queue = queue;
    this.#autoreset = autoreset;
    this.#ended = members.map(() => null);
    this.progress$ = together(
      runtimes,
      members.map(({ progress$ }) => progress$),
      begun$,
    );
    this.ready$ = concat(begun$, combineLatest(members.map(({ ready$ }) => ready$)));
    this.steps$ = this.#steps$.asObservable();
    this.#turns$.pipe(concatAll()).subscribe();
    const steps = members.map(({ steps$ }, member) =>
      steps$.pipe(tap((step) => (this.#ended[member] = step.done ? step : null))),
    );
    merge(...steps)
      .pipe(finalize(() => this.#steps$.complete()))
      .subscribe();
  }

  /** Begins an episode in each; member i gets `seed` + i, as in Gymnasium's vector envs. */
  reset({ seed, ...options }: ResetOptions = {}): Observable<readonly Reset[]> {
    return this.#command((env, member) => {
      const own = seed === undefined ? options : { ...options, seed: seed + member };
      return this.#reset(env, member, own);
    });
  }

  /** Takes one step in each, by one action for each; see {@link Autoreset} for those whose episode is done. */
  step(actions: readonly Action[], options: StepOptions = {}): Observable<readonly S[]> {
    return defer(() => {
      this.#checkSize('actions', actions);
      // refused here, before any of them is sent
      pack(actions, 'actions');
      checkDeadline('deadline', options.deadline);
      return this.#command((env, member) => this.#step(env, member, actions[member], options));
    }).pipe(tap((steps) => this.#steps$.next(steps)));
  }

  /**
   * A rollout in each, all at once and each at its own pace: chunks as they come, in order for each member. `options` are
   * the same for all, or made for each. When one comes to an error the others go on to their ends, and then it errors
   * with a `PoolError`.
   */
  rollouts(options: RolloutOptions | ((member: number) => RolloutOptions)): Observable<PoolRollout> {
    const rollouts$ = defer(() => {
      const errors: (Error | undefined)[] = this.members.map(() => undefined);
      const chunks = this.members.map((env, member) =>
        env.rollout(typeof options === 'function' ? options(member) : options).pipe(
          tap(({ done }) => (this.#ended[member] = done ? (overInRollout as S) : null)),
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
    return this.#inTurn(concat(this.#begun$, rollouts$));
  }

  /** The states of all, between two commands. */
  getState(): Observable<readonly MemberState<S>[]> {
    return this.#command((env) => env.getState()).pipe(
      map((states) => states.map((state, member) => ({ ...state, ended: this.#ended[member] ?? null }))),
    );
  }

  /** Puts the envs into states that `getState` answered, of this pool or of another of the same size and spec. */
  setState(states: readonly MemberState<S>[]): Observable<null> {
    return defer(() => {
      this.#checkSize('states', states);
      return this.#command((env, member) => {
        const { ended = null, ...state } = { ...states[member] };
        return env.setState(state as EnvState).pipe(tap(() => (this.#ended[member] = ended)));
      });
    }).pipe(map(() => null));
  }

  /** Closes all; as `GymEnv.close`. */
  close(): Observable<null> {
    return defer(() => forkJoin(this.members.map((env) => env.close()))).pipe(map(() => null));
  }

  #reset(env: GymEnv<S>, member: number, options: ResetOptions): Observable<Reset> {
    return env.reset(options).pipe(tap(() => (this.#ended[member] = null)));
  }

  #step(env: GymEnv<S>, member: number, action: Action, options: StepOptions): Observable<S> {
    const step$ = env.step(action, options);
    if (this.#autoreset === 'disabled') return step$;
    const reset$ = this.#reset(env, member, { onCrash: options.onCrash });
    const ended = this.#ended[member];
    if (this.#autoreset === 'next-step') return ended ? reset$.pipe(map((reset) => stepOfReset(ended, reset))) : step$;
    // it is still to be reset where that came to an error
    return (ended ? reset$.pipe(switchMap(() => step$)) : step$).pipe(
      switchMap((step) => (step.done ? reset$.pipe(map((reset) => stepAndReset(step, reset))) : of(step))),
    );
  }

  #checkSize(name: string, list: readonly unknown[]): void {
    const size = this.members.length;
    check(name, list, `an array of ${size}, one for each member`, Array.isArray(list) && list.length === size);
  }

  /** Sends to all in one turn, and waits for all, also when some fail. */
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
    return this.#inTurn(concat(this.#begun$, all$).pipe(map(resultsOf)));
  }

  /** Begins when the command before has ended, also by being unsubscribed. */
  #inTurn<T>(command$: Observable<T>): Observable<T> {
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

/** Of what ends an episode in a rollout, as much as is needed of it. */
const overInRollout: Partial<Step> = { reward: 0, terminated: true, truncated: true, done: true, return: 0 };

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
  const isNobodys = first instanceof DisposedError || errors.every((error) => error instanceof UsageError);
  throw isNobodys ? first : new PoolError(errors.indexOf(first), first, errors, results);
}
