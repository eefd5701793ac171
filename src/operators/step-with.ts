import {
  catchError,
  concatMap,
  defer,
  identity,
  ignoreElements,
  map,
  of,
  retry,
  share,
  take,
  takeUntil,
  takeWhile,
  throwError,
  type MonoTypeOperatorFunction,
  type Observable,
  type OperatorFunction,
} from 'rxjs';
import { check, checkOptions, deadlineRule, type Rules } from '../check.js';
import type { AnyStep, CrashPolicy, Reset, StepOptions } from '../env/step.js';
import { CrashError, DeadlineError, PoolError, ReplayDivergedError, StateError } from '../errors.js';
import { autoresetRule, stepOrReset, type Autoreset } from './autoreset.js';
import { Choice } from './choice.js';
import { inTurn, type InTurnConfig, type Overflow } from './in-turn.js';
import { startedAt } from './started-at.js';
import type { Steppable } from './steppable.js';

/** What happens to an action that arrives while a step is under way. */
export type BusyPolicy = 'drop' | 'queue' | 'latest' | 'interrupt';

/** The options of {@link stepWith}. */
export interface StepWithConfig {
  /**
   * What happens to an action that arrives while a step is under way. Default `'queue'`.
   * - `'drop'`: it is dropped.
   * - `'queue'`: it waits, in order, in a queue of at most `limit` actions.
   * - `'latest'`: it waits, and replaces an action that waited.
   * - `'interrupt'`: the step under way is cancelled and the new action is stepped at once.
   */
  readonly busy?: BusyPolicy | undefined;
  /** For `busy: 'queue'`: how many actions may wait; a whole number from 1 to 1,000,000. Default 32. */
  readonly limit?: number | undefined;
  /**
   * For `busy: 'queue'`: what happens at the limit. `'error'` ends the stream with a `QueueOverflowError`,
   * `'drop-oldest'` drops the action that has waited longest, `'drop-newest'` the one that arrives. Default `'error'`.
   */
  readonly overflow?: Overflow | undefined;
  /**
   * For `busy: 'queue'`: how many waiting actions are sent in one message, so that the worker need not wait for the page
   * between them; a whole number from 1 to 1,024, and at most `limit`. Default 1. Steps have the same order and results,
   * but arrive when their message is done, and cancelling one cancels those that were sent with it. For actions that do
   * not depend on the step before: replays, search, training. After a step whose `done` is true the remaining actions
   * wait again. Choices are made one at a time, hence not ahead. Not with `'reset'` for `onCrash` or `onUnrecoverable`.
   */
  readonly lookahead?: number | undefined;
  /**
   * How long each step may run, in ms from its start in the worker; above 0, at most 2,147,483,647, or `Infinity`.
   * Default: the runtime's `deadlines.step`.
   */
  readonly deadline?: number | undefined;
  /**
   * What happens when the interpreter dies during a step, or is replaced because the step passed its deadline.
   * Default `'error'`.
   * - `'error'`: the stream ends with that error.
   * - `'reset'`: the env is reset and the stream goes on with the next action. The action under way and those that waited
   *   are dropped with their episode; the new episode shows in `step.episode`. A crash during that reset is handled in the
   *   same way, until the runtime has used up its restarts: then the stream ends with the last error.
   * - `'resume'`: the env is recovered to its last acknowledged operation, and the action under way is stepped as if
   *   nothing had happened. An action that kills every interpreter ends the stream after `restart.limit` tries; the env
   *   is then in the state before it.
   */
  readonly onCrash?: CrashPolicy | 'reset' | undefined;
  /**
   * For `onCrash: 'resume'`: what happens when the env cannot be recovered, because it is not deterministic
   * (`ReplayDivergedError`) or its state cannot be read or restored (`StateError`). `'error'` ends the stream with that
   * error, `'reset'` is as for `onCrash`. Default `'error'`.
   */
  readonly onUnrecoverable?: 'error' | 'reset' | undefined;
  /** What happens to an action that comes after the episode's end; see {@link Autoreset}. Default `'disabled'`. */
  readonly autoreset?: Autoreset | undefined;
}

const rules: Rules<StepWithConfig> = {
  busy: { words: ['drop', 'queue', 'latest', 'interrupt'] },
  limit: { min: 1, max: 1_000_000, whole: true },
  overflow: { words: ['error', 'drop-oldest', 'drop-newest'] },
  lookahead: { min: 1, max: 1024, whole: true },
  deadline: deadlineRule,
  onCrash: { words: ['error', 'reset', 'resume'] },
  onUnrecoverable: { words: ['error', 'reset'] },
  autoreset: autoresetRule,
};

/**
 * Steps an env with each action and passes the steps on, one at a time and in order. When the actions complete, those
 * that wait are still stepped. Unsubscribing cancels the step under way and drops the actions that wait. A step is over
 * before it is passed on, so a subscriber may answer it at once with the next action under every policy. A `Choice` is
 * chosen when its step is due; its step has an `origin`. Each step has `startedAt`, when it was sent.
 *
 * Errors: what the step raises (`PythonError`, `DeadlineError`, `CrashError`, …; a `PythonError` of type `ResetNeeded`
 * where the episode is over), `QueueOverflowError`; `UsageError` at
 * the call for a bad option.
 *
 * @example
 * actions$.pipe(stepWith(env, { busy: 'latest', deadline: 250, onCrash: 'reset' }))
 */
export function stepWith<A, S>(
  env: Steppable<A, S, unknown>,
  config: StepWithConfig = {},
): OperatorFunction<A | Choice<A>, S> {
  checkOptions('stepWith', config, rules);
  const { busy = 'queue', limit = 32, overflow = 'error', lookahead = 1, deadline } = config;
  const { onCrash = 'error', onUnrecoverable = 'error', autoreset = 'disabled' } = config;
  const canLookAhead = busy === 'queue' && limit >= lookahead && onCrash !== 'reset' && onUnrecoverable !== 'reset';
  check(
    'stepWith.lookahead',
    lookahead,
    "1, or busy 'queue', a limit that is not below it, no 'reset' after a crash, and an env with stepMany()",
    lookahead === 1 || (canLookAhead && env.stepMany !== undefined),
  );
  const hasLatest = autoreset === 'disabled' || 'latest' in env;
  check('stepWith.autoreset', autoreset, "'disabled' for an env without `latest`; a pool's env has its own", hasLatest);

  // The policies differ in how long the queue is, what leaves it first, and whether a newer action ends a step.
  const newestOnly = { limit: 1, overflow: 'drop-oldest' } as const;
  const queues: Readonly<Record<BusyPolicy, Omit<InTurnConfig, 'name'>>> = {
    drop: { limit: 0, overflow: 'drop-newest' },
    queue: { limit, overflow, batch: lookahead },
    latest: newestOnly,
    interrupt: newestOnly,
  };
  // two of the same choice would act on one and the same situation
  const isOnce = (action: unknown): boolean => action instanceof Choice;
  const queue: InTurnConfig = { name: 'stepWith', isOnce, ...queues[busy] };
  const whatever = onCrash === 'resume' && { onCrash };
  const options = { deadline, ...whatever };

  const stepAll = ([first, ...more]: Batch<A>): Observable<S> => {
    if (first instanceof Choice) return stepChosen(env, first, options);
    const until = more.findIndex((action) => action instanceof Choice);
    const actions = [first, ...(more.slice(0, until < 0 ? undefined : until) as A[])];
    if (actions.length === 1 || !env.stepMany) return startedAt(env.step(first, options));
    return startedAt(env.stepMany(actions, options)).pipe(takeWhile((each) => !isDone(each), true));
  };
  const step = (actions: Batch<A>, dropped: number): Observable<S> => {
    if (dropped > 0) env.countDrops?.(dropped);
    if (autoreset === 'disabled') return stepAll(actions);
    const ended = isDone(env.latest) ? (env.latest as AnyStep) : null;
    const reset$ = env.reset(whatever || {}) as Observable<Reset>;
    return startedAt(stepOrReset(autoreset, ended, stepAll(actions) as Observable<never>, reset$) as Observable<S>);
  };
  const survive = (dropWaiting: () => void): MonoTypeOperatorFunction<S> =>
    onCrash === 'reset'
      ? resetAfter(lostInterpreter, env, dropWaiting)
      : onCrash === 'resume' && onUnrecoverable === 'reset'
        ? resetAfter(isUnrecoverable, env, dropWaiting)
        : identity;

  if (busy !== 'interrupt') {
    return inTurn((actions, dropWaiting, dropped) => step(actions, dropped).pipe(survive(dropWaiting)), queue);
  }
  return (actions$) =>
    defer(() => {
      // Shared, so that the action in the queue and the one that interrupts are the same emission. It stays complete
      // when the source is, or the last step would subscribe to the source once more.
      const newer$ = actions$.pipe(share({ resetOnComplete: false, resetOnError: false }));
      // A newer action cancels a step, but not the reset that follows it.
      const cancellable = (actions: Batch<A>, dropped: number) => step(actions, dropped).pipe(takeUntil(newer$));
      return newer$.pipe(
        inTurn((actions, dropWaiting, dropped) => cancellable(actions, dropped).pipe(survive(dropWaiting)), queue),
      );
    });
}

type Batch<A> = readonly [A | Choice<A>, ...(A | Choice<A>)[]];

function stepChosen<A, S>(env: Steppable<A, S, unknown>, { choose }: Choice<A>, options: StepOptions): Observable<S> {
  return choose().pipe(
    take(1),
    concatMap(({ action, origin }) => startedAt(env.step(action, options)).pipe(map((step) => ({ ...step, origin })))),
  );
}

/** After an error of this kind, resets the env and emits nothing. */
function resetAfter<S>(
  isKind: (error: unknown) => boolean,
  env: Steppable<never, S, unknown>,
  dropWaiting: () => void,
): MonoTypeOperatorFunction<S> {
  return catchError((error: unknown) => {
    if (!isKind(error)) throw error;
    dropWaiting();
    let last = error;
    return env.reset().pipe(
      retry({
        delay: (again: unknown) => {
          // The same error twice: no new interpreter came up in between, so the runtime restarts no more.
          if (!lostInterpreter(again) || causeOf(again) === causeOf(last)) return throwError(() => again);
          last = again;
          dropWaiting();
          return of(true);
        },
      }),
      ignoreElements(),
    );
  });
}

/** True for a step that ends an episode, whatever kind of step it is. */
const isDone = (step: unknown): boolean => (step as { readonly done?: unknown } | null)?.done === true;

/** True for the loss of an interpreter that had booted: the env comes back in another one. */
function lostInterpreter(error: unknown): boolean {
  if (error instanceof PoolError) return areAll(error, lostInterpreter);
  return error instanceof CrashError || (error instanceof DeadlineError && error.outcome === 'replaced');
}

/** True where the env could not be recovered and was set up anew. */
function isUnrecoverable(error: unknown): boolean {
  if (error instanceof PoolError) return areAll(error, isUnrecoverable);
  return error instanceof ReplayDivergedError || error instanceof StateError;
}

const causeOf = (error: unknown): unknown => (error instanceof PoolError ? error.cause : error);

/** True for a pool whose members' errors are all of this kind. */
function areAll({ errors }: PoolError, isKind: (error: unknown) => boolean): boolean {
  return errors.every((error) => error === undefined || isKind(error));
}
