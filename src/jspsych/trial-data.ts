import type { AnyStep, Over, Round, Score } from '../index.js';
import { dataOf, type TrialValue } from './data-of.js';

/** A round in the data of a trial. */
export interface RoundRow {
  /** From 0. */
  readonly round: number;
  readonly episode: number;
  /** Null without one. */
  readonly seed: number | null;
  /** Why it ended: `'terminated'`, `'truncated'`, `'max-steps'`, `'time-limit'` or `'stopped'`. */
  readonly end: string;
  readonly steps: number;
  /** By agent where the env has several; null for a round without a step. */
  readonly return: TrialValue;
}

/** A step in the data of a trial. What is by agent in the step is an object here. */
export interface StepRow {
  readonly round: number;
  readonly episode: number;
  /** From 1 in each episode. */
  readonly index: number;
  /** When it arrived, in ms on the clock of `performance.now()`. */
  readonly at: number;
  readonly action: TrialValue;
  readonly reward: TrialValue;
  readonly terminated: TrialValue;
  readonly truncated: TrialValue;
  /** Who chose the action, and when; null where that is not known. */
  readonly origin: TrialValue;
}

/** What a trial of {@link RoundsPlugin} gives to jsPsych. */
export interface RoundsData {
  readonly rounds: readonly RoundRow[];
  /** The returns of all rounds in sum; by agent where the env has several. */
  readonly return: TrialValue;
  /** Of all rounds. */
  readonly steps: number;
  /** The session of its records; null without any. */
  readonly session: string | null;
  /** Whether all its records were stored when it ended; null without any. */
  readonly recorded: boolean | null;
  /** With the parameter `steps`; else null. Of a trial that was persisted, those since the page was loaded. */
  readonly step_rows: readonly StepRow[] | null;
  /** How many steps came beyond the limit of rows. */
  readonly lost_rows: number;
}

/** Rows of steps that a trial keeps in memory. */
const mostRows = 100_000;

/** Collects the data of one trial from the events of its rounds. */
export class TrialData {
  readonly #rows: StepRow[] | null;
  readonly #limit: number;
  #rounds: readonly RoundRow[] = [];
  #total: Score = 0;
  #lost = 0;

  constructor(steps: boolean, limit = mostRows) {
    this.#rows = steps ? [] : null;
    this.#limit = limit;
  }

  /** Of an event of the game. */
  take(event: Round<AnyStep>): void {
    if (event.type === 'resumed') this.#rounds = event.results.map(rowOf);
    else if (event.type === 'over') this.#rounds = [...this.#rounds, rowOf(event)];
    else if (event.type === 'playing' && event.step) this.#keep(event.round, event.step);
  }

  /** Of the score board. */
  score(total: Score): void {
    this.#total = total;
  }

  of(session: string | null, recorded: boolean | null): RoundsData {
    return {
      rounds: this.#rounds,
      return: dataOf(this.#total),
      steps: this.#rounds.reduce((sum, { steps }) => sum + steps, 0),
      session,
      recorded,
      step_rows: this.#rows,
      lost_rows: this.#lost,
    };
  }

  #keep(round: number, step: AnyStep): void {
    if (!this.#rows) return;
    if (this.#rows.length >= this.#limit) {
      this.#lost += 1;
      return;
    }
    const { episode, index, action, reward, terminated, truncated, origin } = step;
    this.#rows.push({
      round,
      episode,
      index,
      at: performance.now(),
      action: dataOf(action),
      reward: dataOf(reward),
      terminated: dataOf(terminated),
      truncated: dataOf(truncated),
      origin: dataOf(origin),
    });
  }
}

const rowOf = ({ round, episode, seed, end, steps, return: points }: Over<AnyStep>): RoundRow => ({
  ...{ round, episode, seed, end, steps },
  return: dataOf(points),
});
