import {
  BehaviorSubject,
  concat,
  concatMap,
  defer,
  EMPTY,
  filter,
  from,
  ignoreElements,
  isObservable,
  map,
  of,
  take,
  tap,
  throwIfEmpty,
  timer,
  type Observable,
  type ObservableInput,
} from 'rxjs';
import { UsageError } from '../errors.js';
import type { Reset } from '../env/step.js';
import { checkNumber, longestDelay } from './check-option.js';
import { inTurn } from './in-turn.js';
import type { Steppable } from './steppable.js';

/** What `episodes` needs of a step. */
export interface EpisodeStep {
  readonly observation: unknown;
  readonly info: unknown;
  readonly done: boolean;
}

/** What a policy chooses its action from. */
export interface PolicyContext<S extends EpisodeStep> {
  /** What the last step, or the reset before the first one, let see. */
  readonly observation: S['observation'];
  readonly info: S['info'];
  /** The episode, counted as in `step.episode`. */
  readonly episode: number;
  /** The step that is to come, counted as in `step.index`: 1 for the first of the episode. */
  readonly index: number;
  /** The step before, or `undefined` at the start of an episode. */
  readonly last: S | undefined;
}

/**
 * Chooses an action. Promises and Observables (their first value) are waited for; anything else is the action itself,
 * lists and strings too.
 */
export type Policy<A, S extends EpisodeStep> = (context: PolicyContext<S>) => A | PromiseLike<A> | Observable<A>;

export interface EpisodesConfig {
  /** How many episodes. Default 1; a whole number from 1, or `Infinity`. */
  readonly count?: number | undefined;
  /**
   * The seed of each reset: a whole number from 0, to which the round is added, or a function of the round (the run's
   * first episode is round 0). Default: no seed, the env draws on.
   */
  readonly seed?: number | ((round: number) => number) | undefined;
  /**
   * What is waited for between two episodes, not after the last: ms, or a function of the round that ended, whose
   * result is awaited until it completes. Default 0: nothing.
   */
  readonly between?: number | ((round: number) => ObservableInput<unknown>) | undefined;
}

/** One command and what follows from it. */
type Turn<S> = () => Observable<{ readonly step?: S; readonly next: Turn<S> | undefined }>;

/**
 * Plays whole episodes: resets, asks the policy for an action, steps, and so on until the step is done; then the next
 * episode. Emits every step; completes after the last episode. Unsubscribing cancels whatever is under way.
 *
 * Errors: what env and policy raise; `UsageError` for a bad option, or a policy that completes without an action.
 *
 * @example
 * episodes(env, ({ observation }) => (observation[2] > 0 ? 1 : 0), { count: 10, seed: 42, between: 1000 })
 */
export function episodes<A, S extends EpisodeStep>(
  env: Steppable<A, S>,
  policy: Policy<A, S>,
  { count = 1, seed, between = 0 }: EpisodesConfig = {},
): Observable<S> {
  checkNumber('episodes.count', count, { min: 1, max: Infinity, whole: true });
  if (typeof seed !== 'function' && seed !== undefined)
    checkNumber('episodes.seed', seed, { min: 0, max: Number.MAX_SAFE_INTEGER, whole: true });
  if (typeof between !== 'function')
    checkNumber('episodes.between', between, { min: 0, max: longestDelay, unit: 'ms' });

  const seedOf = (round: number) => (typeof seed === 'number' ? seed + round : seed?.(round));
  const pauseAfter = (round: number) => {
    if (typeof between === 'function') return from(between(round)).pipe(ignoreElements());
    return between > 0 ? timer(between).pipe(ignoreElements()) : EMPTY;
  };

  const begin =
    (round: number): Turn<S> =>
    () =>
      concat(round === 0 ? EMPTY : pauseAfter(round - 1), env.reset({ seed: seedOf(round) })).pipe(
        take(1),
        map((reset) => ({ next: act(round, firstContext(reset)) })),
      );

  const act =
    (round: number, context: PolicyContext<S>): Turn<S> =>
    () =>
      ask(policy, context).pipe(
        concatMap((action) => env.step(action)),
        take(1),
        map((step) => ({ step, next: afterStep(round, context, step) })),
      );

  const afterStep = (round: number, { episode, index }: PolicyContext<S>, step: S): Turn<S> | undefined => {
    const { observation, info, done } = step;
    if (!done) return act(round, { observation, info, episode, index: index + 1, last: step });
    return round + 1 < count ? begin(round + 1) : undefined;
  };

  return defer(() => {
    // Each turn asks for the one that follows it; inTurn's loop, not the stack, takes them one after another.
    const turns$ = new BehaviorSubject<Turn<S>>(begin(0));
    return turns$.pipe(
      inTurn(([turn]) => turn(), { name: 'episodes', limit: 1, overflow: 'error' }),
      tap(({ next }) => (next ? turns$.next(next) : turns$.complete())),
      map(({ step }) => step),
      filter((step) => step !== undefined),
    );
  });
}

function firstContext<S extends EpisodeStep>({ observation, info, episode }: Reset): PolicyContext<S> {
  return { observation, info, episode, index: 1, last: undefined };
}

function ask<A, S extends EpisodeStep>(policy: Policy<A, S>, context: PolicyContext<S>): Observable<A> {
  return defer(() => {
    const answer = policy(context);
    // Not `from(answer)`: an action may itself be a list or a string, which `from` would take apart.
    return isObservable(answer) || isPromise(answer) ? from(answer) : of(answer);
  }).pipe(
    take(1),
    throwIfEmpty(() => new UsageError('episodes.policy', 'an action', 'an Observable that completed without one')),
  );
}

function isPromise<A>(answer: A | PromiseLike<A>): answer is PromiseLike<A> {
  return typeof (answer as Partial<PromiseLike<A>> | null | undefined)?.then === 'function';
}
