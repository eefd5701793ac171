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
import { checkOptions, deadlineRule, longestTimer, objectRule, type Rules } from '../check.js';
import type { Space } from '../env/spaces.js';
import type { AgentId, CrashPolicy, Reset, StepCounters } from '../env/step.js';
import { UsageError } from '../errors.js';
import type { Value } from '../protocol/values.js';
import type { EnvState } from '../recovery/env-state.js';
import { inTurn } from './in-turn.js';
import { isPromise } from './is-promise.js';
import { maskOf } from './mask.js';
import { seedOf, seedsRule, type Seeds } from './seeds.js';
import { startedAt } from './started-at.js';
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
  /** The seed of each reset, see {@link Seeds}; the first episode is round 0. Default: no seed, the env's generators go on. */
  readonly seed?: Seeds | undefined;
  /**
   * Called before each episode's first step, after its reset, so that its first picture is on the screen; what it returns is
   * awaited until it completes. For a countdown. Default: nothing.
   */
  readonly before?: ((round: number) => ObservableInput<unknown>) | undefined;
  /**
   * The pause between two episodes, before the next one's reset: in ms, from 0 to 2,147,483,647, or a function of the round
   * that ended, whose result is awaited until it completes. There is none after the last episode. Default 0.
   */
  readonly between?: number | ((round: number) => ObservableInput<unknown>) | undefined;
  /** Paces the steps: each waits for the next tick of that source, for instance `ticks(30)`. Default: none waits. */
  readonly fps?: Observable<unknown> | undefined;
  /** What becomes of a reset or step whose interpreter dies. Default `'error'`. */
  readonly onCrash?: CrashPolicy | undefined;
  /** How long each step may run, in ms. Default: the runtime's `deadlines.step`. */
  readonly deadline?: number | undefined;
  /**
   * Goes on in a round that was begun before, in this state, for instance after a reload. The state must have its `latest`,
   * as those of `getState` do. Default: at round 0, by a reset.
   */
  readonly from?: { readonly round: number; readonly state: EnvState } | undefined;
}

const rules: Rules<EpisodesConfig> = {
  count: { min: 1, max: Infinity, whole: true },
  seed: seedsRule,
  before: { expected: 'a function of the round', fits: (before) => typeof before === 'function' },
  between: {
    expected: 'ms from 0 to 2147483647, or a function of the round',
    fits: (ms) => typeof ms === 'function' || (typeof ms === 'number' && ms >= 0 && ms <= longestTimer),
  },
  fps: { expected: 'an Observable, for instance ticks(30)', fits: (fps) => isObservable(fps) },
  onCrash: { words: ['error', 'resume'] },
  deadline: deadlineRule,
  from: objectRule,
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
  env: Steppable<A, S> & { setState?(state: EnvState): Observable<unknown> },
  policy: Policy<A, S>,
  config: EpisodesConfig = {},
): Observable<S> {
  checkOptions('episodes', config, rules);
  const { count = 1, seed, before, between = 0, fps, onCrash, deadline, from: start } = config;
  const whatever = { ...(onCrash && { onCrash }) };
  const options = { ...whatever, ...(deadline !== undefined && { deadline }) };

  const pauseAfter = (round: number) => {
    if (typeof between === 'function') return from(between(round)).pipe(ignoreElements());
    return between > 0 ? timer(between).pipe(ignoreElements()) : EMPTY;
  };
  const prepare = (round: number) => (before ? from(before(round)).pipe(ignoreElements()) : EMPTY);
  const paced = <T>(work$: Observable<T>) =>
    fps
      ? fps.pipe(
          take(1),
          concatMap(() => work$),
        )
      : work$;

  const begin =
    (round: number): Turn<S> =>
    () => {
      const reset$ = env.reset({ seed: seedOf(seed, round), ...whatever });
      return concat(round === 0 ? EMPTY : pauseAfter(round - 1), reset$).pipe(
        take(1),
        concatMap((reset) => concat(prepare(round), of({ next: act(round, firstContext(reset)) }))),
      );
    };

  const goOn =
    ({ round, state }: NonNullable<EpisodesConfig['from']>): Turn<S> =>
    () => {
      const restore = env.setState?.bind(env);
      const latest = state.latest as Reset | (S & StepCounters) | null | undefined;
      if (!restore || !latest) {
        const got = restore ? 'a state without' : 'an env without setState()';
        throw new UsageError('episodes.from', 'an env with setState(), and a state of it with its `latest`', got);
      }
      const context = 'done' in latest ? contextAfter(latest, latest) : firstContext<S>(latest);
      const next = 'done' in latest && latest.done ? undefined : act(round, context);
      return restore(state).pipe(concatMap(() => concat(prepare(round), of({ next: next ?? afterRound(round) }))));
    };

  const act =
    (round: number, context: PolicyContext<S>): Turn<S> =>
    () =>
      paced(ask(policy, context)).pipe(
        concatMap((action) => startedAt(env.step(action, options))),
        take(1),
        map((step) => ({ step, next: step.done ? afterRound(round) : act(round, contextAfter(step, context)) })),
      );

  const afterRound = (round: number): Turn<S> | undefined => (round + 1 < count ? begin(round + 1) : undefined);

  return defer(() => {
    // Each turn emits the one that follows it. inTurn takes them in a loop, so the stack does not grow.
    const turns$ = new BehaviorSubject<Turn<S>>(start ? goOn(start) : begin(0));
    return turns$.pipe(
      inTurn(([turn]) => turn(), { name: 'episodes', limit: 1, overflow: 'error' }),
      tap(({ next }) => (next ? turns$.next(next) : turns$.complete())),
      map(({ step }) => step),
      filter((step) => step !== undefined),
    );
  });
}

function firstContext<S extends EpisodeStep>(reset: Reset): PolicyContext<S> {
  return { ...seen(reset), episode: reset.episode, index: 1, last: undefined };
}

function contextAfter<S extends EpisodeStep>(
  step: S,
  { episode, index }: Pick<PolicyContext<S>, 'episode' | 'index'>,
): PolicyContext<S> {
  return { ...seen(step), episode, index: index + 1, last: step };
}

function seen({ observation, info, ...outcome }: Reset | EpisodeStep) {
  const agent = 'agent' in outcome ? { agent: outcome.agent as AgentId | undefined } : {}; // of a turn-based env
  return { ...agent, observation, info, mask: maskOf(observation, info) };
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
