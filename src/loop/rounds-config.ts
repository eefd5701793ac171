import { isObservable, type Observable, type ObservableInput, type SchedulerLike } from 'rxjs';
import { isAboveZero, longestTimer, objectRule, type Rule, type Rules } from '../check.js';
import { seedsRule, type Seeds } from '../operators/seeds.js';
import type { AnyStep } from '../env/step.js';
import type { EnvState } from '../recovery/env-state.js';
import { schedulerRule } from './alarm.js';
import type { Over } from './round.js';

/** Where a game of rounds goes on that was begun before. {@link persist} makes it. */
export interface RoundsStart {
  /** The round, from 0. With as many as `count`, the game is finished at once. */
  readonly round: number;
  /**
   * The state in which the round goes on; or what brings the env there, and then emits true, or false where the round is to
   * be reset. Default: it is reset.
   */
  readonly state?: EnvState | Observable<boolean> | undefined;
  /** The seed of its reset. Default: by the option `seed`. */
  readonly seed?: number | null | undefined;
  /** The rounds before, for `finished.results` and the score board. Default: none. */
  readonly results?: readonly Over<AnyStep>[] | undefined;
  /** With `timeLimit`: the seconds of play that the round has left, where it goes on. Default: all of them. */
  readonly timeLeft?: number | null | undefined;
}

/** The options of {@link rounds}. */
export interface RoundsConfig {
  /** How many rounds; a whole number from 1, or `Infinity`. Default 1. */
  readonly count?: number | undefined;
  /** The seed of each round's reset; see {@link Seeds}. Default: no seed, the env's generators go on. */
  readonly seed?: Seeds | undefined;
  /** What `play` gets: so many ticks a second (from 0.01 to 1,000), or an Observable that says when. Default 30. */
  readonly fps?: number | Observable<unknown> | undefined;
  /**
   * Begins a round: its first value (or its end) is awaited, after the reset, so that the round's first picture is on the
   * screen. A function of the round may have no wait for some: `EMPTY`. Default: none is awaited.
   */
  readonly ready?: Observable<unknown> | ((round: number) => ObservableInput<unknown>) | undefined;
  /** Seconds that are counted down before a round; a whole number from 0 to 3,600, or a function of the round. Default 0. */
  readonly countdown?: number | ((round: number) => number) | undefined;
  /** Ends a round after so many steps; a whole number from 1. Default: no limit but the env's own. */
  readonly maxSteps?: number | undefined;
  /** Ends a round after so many seconds of play, pauses left out; above 0. Default: no limit. */
  readonly timeLimit?: number | undefined;
  /**
   * How long a round's result is shown, before the next one's reset: in ms, or a function of the round that ended, whose
   * result is awaited until it completes. There is none after the last. Default 0.
   */
  readonly between?: number | ((round: number) => ObservableInput<unknown>) | undefined;
  /**
   * While its last value is true, the game is paused: it takes no steps, its countdown and its time stand still. A step that
   * is under way is taken. Default: never.
   */
  readonly pauseWhen?: Observable<boolean> | undefined;
  /** Goes on in a round that was begun before, for instance after a reload. Default: at round 0, by a reset. */
  readonly from?: RoundsStart | undefined;
  /** For specs: whose clock is used. Default: the page's. */
  readonly scheduler?: SchedulerLike | undefined;
}

const streamRule: Rule = { expected: 'an Observable', fits: (value) => isObservable(value) };
export const roundsRules: Rules<RoundsConfig> = {
  count: { min: 1, max: Infinity, whole: true },
  seed: seedsRule,
  fps: {
    expected: 'ticks a second from 0.01 to 1000, or an Observable',
    fits: (fps) => isObservable(fps) || (isAboveZero(fps) && fps >= 0.01 && fps <= 1000),
  },
  ready: {
    expected: 'an Observable, or a function of the round',
    fits: (ready) => typeof ready === 'function' || isObservable(ready),
  },
  countdown: {
    expected: 'a whole number of seconds from 0 to 3600, or a function of the round',
    fits: (seconds) =>
      typeof seconds === 'function' ||
      (Number.isInteger(seconds) && (seconds as number) >= 0 && (seconds as number) <= 3600),
  },
  maxSteps: { min: 1, whole: true },
  timeLimit: { expected: 'seconds above 0', fits: (seconds) => isAboveZero(seconds) && seconds * 1000 <= longestTimer },
  between: {
    expected: 'ms from 0 to 2147483647, or a function of the round',
    fits: (ms) => typeof ms === 'function' || (typeof ms === 'number' && ms >= 0 && ms <= longestTimer),
  },
  pauseWhen: streamRule,
  from: objectRule,
  scheduler: schedulerRule,
};
