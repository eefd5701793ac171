import type { AnyStep, Reset, Step } from '../env/step.js';
import type { Progress } from '../runtime/progress.js';

/** A round: one episode as a participant sees it. */
export interface InRound<S extends AnyStep = AnyStep> {
  /** Which round it is, from 0. */
  readonly round: number;
  /** How many there are; may be `Infinity`. */
  readonly rounds: number;
  /** The episode that it plays, as in `step.episode`. */
  readonly episode: number;
  /** The seed of its reset; null without one. */
  readonly seed: number | null;
  /** What the reset answered; of a round that goes on, its latest step, null where that is not known. */
  readonly begun: Reset | S | null;
}

/** The interpreter boots, or the env is set up. */
export interface Loading {
  readonly type: 'loading';
  readonly progress: Progress;
}

/** The game goes on that was begun before: `rounds` was given `from`. Once, before all else of that round. */
export interface Resumed<S extends AnyStep = Step> extends InRound<S> {
  readonly type: 'resumed';
  /** The rounds before, in order. */
  readonly results: readonly Over<S>[];
}

/** The env is reset; `ready` is awaited. */
export interface Waiting<S extends AnyStep = Step> extends InRound<S> {
  readonly type: 'waiting';
}

export interface Countdown<S extends AnyStep = Step> extends InRound<S> {
  readonly type: 'countdown';
  /** Seconds left: a whole number, down to 1. */
  readonly seconds: number;
}

export interface Playing<S extends AnyStep = Step> extends InRound<S> {
  readonly type: 'playing';
  /** The step that was just taken; null when play begins, and when it goes on after a pause. */
  readonly step: S | null;
  /** Seconds of play until the round's limit; null where it has none. */
  readonly timeLeft: number | null;
}

export interface Paused<S extends AnyStep = Step> extends InRound<S> {
  readonly type: 'paused';
}

/** Why a round ended: by the env (`'truncated'` by its own limits), by a limit of the round, or because `play` completed. */
export type RoundEnd = 'terminated' | 'truncated' | 'max-steps' | 'time-limit' | 'stopped';

export interface Over<S extends AnyStep = Step> extends InRound<S> {
  readonly type: 'over';
  readonly end: RoundEnd;
  /** How many steps it had. */
  readonly steps: number;
  /** The episode's return, as in `step.return`; null for a round without a step. */
  readonly return: S['return'] | null;
}

/** Whether an episode that is over was terminated (any agent of it) or truncated. */
export function episodeEnd(terminated: unknown): 'terminated' | 'truncated' {
  const flags: readonly unknown[] = terminated instanceof Map ? [...terminated.values()] : [terminated];
  return flags.includes(true) ? 'terminated' : 'truncated';
}

export interface Finished<S extends AnyStep = Step> {
  readonly type: 'finished';
  /** All rounds, in order. */
  readonly results: readonly Over<S>[];
}

/** Something failed for good. */
export interface Failed {
  readonly type: 'failed';
  readonly error: Error;
  /** Begins the round that failed anew. */
  readonly retry: () => void;
}

/** What `rounds` emits: where the game stands. */
export type Round<S extends AnyStep = Step> =
  Loading | Resumed<S> | Waiting<S> | Countdown<S> | Playing<S> | Paused<S> | Over<S> | Finished<S> | Failed;
