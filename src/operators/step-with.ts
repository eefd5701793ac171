import {
  catchError,
  defer,
  identity,
  ignoreElements,
  of,
  retry,
  share,
  takeUntil,
  takeWhile,
  throwError,
  type MonoTypeOperatorFunction,
  type Observable,
  type OperatorFunction,
} from 'rxjs';
import { CrashError, DeadlineError, PoolError, ReplayDivergedError, StateError, UsageError } from '../errors.js';
import { checkNumber, checkWord, longestDelay } from './check-option.js';
import { inTurn, type InTurnConfig, type Overflow } from './in-turn.js';
import type { Steppable } from './steppable.js';

/** What happens to an action that arrives while a step is under way. */
export type BusyPolicy = 'drop' | 'queue' | 'latest' | 'interrupt';

/** What happens when the interpreter dies under a step. */
export type OnCrash = 'error' | 'reset' | 'resume';

/** What happens when the env cannot be brought back. */
export type Otherwise = 'error' | 'reset';

export interface StepWithConfig {
  /**
   * What happens to an action that arrives while a step is under way. Default `'queue'`.
   * - `'drop'`: it is ignored.
   * - `'queue'`: it waits, in order, in a line bounded by `limit`.
   * - `'latest'`: it waits, and takes the place of one that waited.
   * - `'interrupt'`: the step under way is cancelled and the new action is stepped at once.
   */
  readonly busy?: BusyPolicy | undefined;
  /** How many actions may wait, of `busy: 'queue'`. Default 32; 1 to 1,000,000. */
  readonly limit?: number | undefined;
  /**
   * What happens at the limit: `'error'` ends the stream with `QueueOverflowError`, `'drop-oldest'` and
   * `'drop-newest'` drop a waiting or the arriving action. Default `'error'`.
   */
  readonly overflow?: Overflow | undefined;
  /**
   * Of `busy: 'queue'`: how many actions that wait go to the worker together, in one message, so that it need not wait
   * for the page between them; `limit` must hold as many. The steps come in the same order, with the same results, but
   * a turn later, and what cancels one cancels those that were sent with it. For actions that do not depend on the step
   * before: replays, search, training. Behind a step whose `done` is true the actions wait again. Not with `onCrash` or
   * `otherwise` of `'reset'`. Default 1; 1 to 1,024.
   */
  readonly lookahead?: number | undefined;
  /** How long each step may run, in ms from its start in the worker; above 0. Default: the env's own. */
  readonly deadline?: number | undefined;
  /**
   * What happens when the interpreter dies under a step, or is replaced because the step passed its deadline.
   * Default `'error'`.
   * - `'error'`: the stream ends with that error.
   * - `'reset'`: the env is reset and the stream goes on with the next action. The action under way and those that
   *   waited are given up with their episode; the new episode shows in `step.episode`. A crash during that reset
   *   goes the same way, until the runtime has used up its restarts: then the stream ends with the last error.
   * - `'resume'`: the env is brought back to its last acknowledged operation, and the action under way is stepped as if
   *   nothing had happened. An action that kills every interpreter ends the stream after `restart.limit` tries; the env
   *   then stands before it.
   */
  readonly onCrash?: OnCrash | undefined;
  /**
   * Of `onCrash: 'resume'`: what happens when the env cannot be brought back, because it is not deterministic
   * (`ReplayDivergedError`) or its state cannot be had (`StateError`). Default `'error'`.
   */
  readonly otherwise?: Otherwise | undefined;
}

/**
 * Steps an env with each action and passes the steps on, one at a time and in order. When the actions complete, those
 * that wait are still stepped. Unsubscribing cancels the step under way and drops what waits. A step counts as over
 * before it is passed on, so a subscriber may answer it at once with the next action under every policy.
 *
 * Errors: what the step raises (`PythonError`, `DeadlineError`, `CrashError`, …), `QueueOverflowError`; `UsageError` at
 * the call for a bad option.
 *
 * @example
 * actions$.pipe(stepWith(env, { busy: 'latest', deadline: 250, onCrash: 'reset' }))
 */
export function stepWith<A, S>(env: Steppable<A, S, unknown>, config: StepWithConfig = {}): OperatorFunction<A, S> {
  const { busy = 'queue', limit = 32, overflow = 'error', lookahead = 1, deadline } = config;
  const { onCrash = 'error', otherwise = 'error' } = config;
  checkWord('stepWith.busy', busy, ['drop', 'queue', 'latest', 'interrupt']);
  checkNumber('stepWith.limit', limit, { min: 1, max: 1_000_000, whole: true, unit: 'actions' });
  checkWord('stepWith.overflow', overflow, ['error', 'drop-oldest', 'drop-newest']);
  if (deadline !== undefined) checkNumber('stepWith.deadline', deadline, { min: 0.001, max: longestDelay, unit: 'ms' });
  checkWord('stepWith.onCrash', onCrash, ['error', 'reset', 'resume']);
  checkWord('stepWith.otherwise', otherwise, ['error', 'reset']);
  checkNumber('stepWith.lookahead', lookahead, { min: 1, max: 1024, whole: true, unit: 'actions' });
  const canLookAhead = busy === 'queue' && limit >= lookahead && onCrash !== 'reset' && otherwise !== 'reset';
  if (lookahead > 1 && !(canLookAhead && env.stepMany)) {
    const needs =
      "1, or busy 'queue', a limit that holds as many, no 'reset' after a crash, and an env with stepMany()";
    throw new UsageError('stepWith.lookahead', needs, String(lookahead));
  }

  // The policies differ in how long the line is, who leaves it first, and whether a newer action ends a turn.
  const newestOnly = { limit: 1, overflow: 'drop-oldest' } as const;
  const lines: Readonly<Record<BusyPolicy, Omit<InTurnConfig, 'name'>>> = {
    drop: { limit: 0, overflow: 'drop-newest' },
    queue: { limit, overflow, together: lookahead },
    latest: newestOnly,
    interrupt: newestOnly,
  };
  const line: InTurnConfig = { name: 'stepWith', ...lines[busy] };

  const options = (drops: number) => ({
    deadline,
    ...(onCrash === 'resume' && { onCrash }),
    ...(drops > 0 && { drops }),
  });
  const step = (action: A, drops: number, newer$?: Observable<A>) => {
    const step$ = env.step(action, options(drops));
    return newer$ ? step$.pipe(takeUntil(newer$)) : step$;
  };
  // Outside of takeUntil: an action that is newer ends a step, never the reset that its own step depends on.
  const survive = (dropWaiting: () => void): MonoTypeOperatorFunction<S> =>
    onCrash === 'reset'
      ? resetOn(isDeath, env, dropWaiting)
      : onCrash === 'resume' && otherwise === 'reset'
        ? resetOn(isWithoutPast, env, dropWaiting)
        : identity;

  const many = (actions: readonly [A, ...A[]], drops: number): Observable<S> =>
    actions.length > 1 && env.stepMany
      ? env.stepMany(actions, options(drops)).pipe(takeWhile((step) => !isDone(step), true))
      : step(actions[0], drops);
  if (busy !== 'interrupt') {
    return inTurn((actions, dropWaiting, drops) => many(actions, drops).pipe(survive(dropWaiting)), line);
  }

  return (actions$) =>
    defer(() => {
      // Shared, so that the action in the line and the one that interrupts are the same emission. It stays complete
      // when the source is, or the last step would subscribe to the source once more.
      const newer$ = actions$.pipe(share({ resetOnComplete: false, resetOnError: false }));
      return newer$.pipe(
        inTurn(([action], dropWaiting, drops) => step(action, drops, newer$).pipe(survive(dropWaiting)), line),
      );
    });
}

function resetOn<S>(
  calls: (error: unknown) => boolean,
  env: Steppable<never, S, unknown>,
  dropWaiting: () => void,
): MonoTypeOperatorFunction<S> {
  return catchError((error: unknown) => {
    if (!calls(error)) throw error;
    dropWaiting();
    let last = error;
    return env.reset().pipe(
      retry({
        delay: (again: unknown) => {
          // the same error twice: no new interpreter came up in between, the runtime has given up
          if (!isDeath(again) || causeOf(again) === causeOf(last)) return throwError(() => again);
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

/** True for an error that says that the env could not be brought back and begins anew. */
function isWithoutPast(error: unknown): boolean {
  if (error instanceof PoolError) return ofAll(error, isWithoutPast);
  return error instanceof ReplayDivergedError || error instanceof StateError;
}

/** True for an error after which the env is one that was set up afresh and wants a reset. */
function isDeath(error: unknown): boolean {
  if (error instanceof PoolError) return ofAll(error, isDeath);
  return error instanceof CrashError || (error instanceof DeadlineError && error.outcome === 'replaced');
}

const causeOf = (error: unknown): unknown => (error instanceof PoolError ? error.cause : error);

/** True for a pool whose members' errors are all of a kind. */
function ofAll({ errors }: PoolError, isOfKind: (error: unknown) => boolean): boolean {
  return errors.every((error) => error === undefined || isOfKind(error));
}
