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
import { checkOptions, longestTimer, type Rules } from '../check.js';
import type { Space } from '../env/spaces.js';
import type { AgentId, Reset } from '../env/step.js';
import { UsageError } from '../errors.js';
import type { Value } from '../protocol/values.js';
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
  /** Of a turn-based env: who acts. */
  readonly agent?: AgentId | undefined;
  /** From the last step, or from the reset before the first one. */
  readonly observation: S['observation'];
  readonly info: S['info'];
  /**
   * Which actions are legal, where the env says so: `action_mask` of the info, or else of the observation; 1 or true for each
   * action that is.
   */
  readonly mask?: Value | undefined;
  /** The agent's action space, where it is known. */
  readonly space?: Space | undefined;
  /** The episode, as in `step.episode`. */
  readonly episode: number;
  /** The `step.index` of the step that follows: 1 for the first of the episode. */
  readonly index: number;
  /** The step before, or `undefined` at the start of an episode. */
  readonly last: S | undefined;
}

/**
 * Chooses an action. A Promise is awaited, as is the first value of an Observable; anything else is the action itself,
 * also a list or a string.
 */
export type Policy<A, S extends EpisodeStep> = (context: PolicyContext<S>) => A | PromiseLike<A> | Observable<A>;

/** The options of {@link episodes}. */
export interface EpisodesConfig {
  /** How many episodes; a whole number from 1, or `Infinity`. Default 1. */
  readonly count?: number | undefined;
  /**
   * The seed of each reset: a whole number from 0, to which the round is added, or a function of the round. The first
   * episode is round 0. Default: no seed, the env's generators go on.
   */
  readonly seed?: number | ((round: number) => number) | undefined;
  /**
   * The pause between two episodes: in ms, from 0 to 2,147,483,647, or a function of the round that ended, whose result is
   * awaited until it completes. There is none after the last episode. Default 0.
   */
  readonly between?: number | ((round: number) => ObservableInput<unknown>) | undefined;
}

const rules: Rules<EpisodesConfig> = {
  count: { min: 1, max: Infinity, whole: true },
  seed: {
    expected: 'a whole number from 0, or a function of the round',
    fits: (seed) => typeof seed === 'function' || (Number.isSafeInteger(seed) && (seed as number) >= 0),
  },
  between: {
    expected: 'ms from 0 to 2147483647, or a function of the round',
    fits: (ms) => typeof ms === 'function' || (typeof ms === 'number' && ms >= 0 && ms <= longestTimer),
  },
};

/** One command and the turn that follows it, if any. */
type Turn<S> = () => Observable<{ readonly step?: S; readonly next: Turn<S> | undefined }>;

/**
 * Plays whole episodes: resets the env, asks the policy for an action, steps, and so on until a step is done. Emits every
 * step and completes after the last episode. Unsubscribing cancels what is under way.
 *
 * Errors: what env and policy raise; `UsageError` for a bad option, or a policy that completes without an action.
 *
 * @example
 * episodes(env, ({ observation }) => (observation[2] > 0 ? 1 : 0), { count: 10, seed: 42, between: 1000 })
 */
export function episodes<A, S extends EpisodeStep>(
  env: Steppable<A, S>,
  policy: Policy<A, S>,
  config: EpisodesConfig = {},
): Observable<S> {
  checkOptions('episodes', config, rules);
  const { count = 1, seed, between = 0 } = config;

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
    if (!done) return act(round, { ...whoActs(step), observation, info, episode, index: index + 1, last: step });
    return round + 1 < count ? begin(round + 1) : undefined;
  };

  return defer(() => {
    // Each turn emits the one that follows it. inTurn takes them in a loop, so the stack does not grow.
    const turns$ = new BehaviorSubject<Turn<S>>(begin(0));
    return turns$.pipe(
      inTurn(([turn]) => turn(), { name: 'episodes', limit: 1, overflow: 'error' }),
      tap(({ next }) => (next ? turns$.next(next) : turns$.complete())),
      map(({ step }) => step),
      filter((step) => step !== undefined),
    );
  });
}

function firstContext<S extends EpisodeStep>(reset: Reset): PolicyContext<S> {
  const { observation, info, episode } = reset;
  return { ...whoActs(reset), observation, info, episode, index: 1, last: undefined };
}

/** Of a turn-based env. */
function whoActs(outcome: { readonly agent?: unknown } | object): { readonly agent?: AgentId } {
  return 'agent' in outcome ? { agent: outcome.agent as AgentId } : {};
}

function ask<A, S extends EpisodeStep>(policy: Policy<A, S>, context: PolicyContext<S>): Observable<A> {
  return defer(() => {
    const action = policy(context);
    // An action may itself be a list or a string, which `from` would take apart.
    return isObservable(action) || isPromise(action) ? from(action) : of(action);
  }).pipe(
    take(1),
    throwIfEmpty(() => new UsageError('episodes.policy', 'an action', 'an Observable that completed without one')),
  );
}

function isPromise<A>(action: A | PromiseLike<A>): action is PromiseLike<A> {
  return typeof (action as Partial<PromiseLike<A>> | null | undefined)?.then === 'function';
}
