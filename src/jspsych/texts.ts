import type { AnyStep, Countdown, Over, Score, Scoreboard, Waiting } from '../index.js';

/** A text, or a function of what it speaks of. */
export type RoundsText<T> = string | ((of: T) => string);

/** The words of the default view, as text or as functions of what they speak of. They are shown as text, never as HTML. */
export interface RoundsTexts {
  readonly start: string;
  readonly retry: string;
  readonly loading: string;
  /** Above the start button. */
  readonly waiting: RoundsText<Waiting<AnyStep>>;
  readonly countdown: RoundsText<Countdown<AnyStep>>;
  readonly paused: string;
  /** After each round. */
  readonly over: RoundsText<Over<AnyStep>>;
  /** While the last records are stored. */
  readonly saving: string;
  /** Above the error. */
  readonly failed: string;
  /** What screen readers call the picture. */
  readonly picture: string;
  /** The line above the picture. */
  readonly score: RoundsText<Scoreboard>;
}

export const defaultTexts: RoundsTexts = {
  start: 'Start',
  retry: 'Try again',
  loading: 'The game is loading',
  waiting: ({ round, rounds }) => (rounds > 1 ? `Round ${round + 1} of ${rounds}` : 'Are you ready?'),
  countdown: ({ seconds }) => String(seconds),
  paused: 'Paused',
  over: ({ return: points }) => (points === null ? 'Over' : `Over: ${inWords(points)}`),
  saving: 'Saving what you did',
  failed: 'The game cannot go on',
  picture: 'The game',
  score: ({ round, rounds, total, timeLeft }) =>
    [
      ...(rounds > 1 ? [`Round ${round + 1} of ${rounds}`] : []),
      `Points: ${inWords(total)}`,
      ...(timeLeft === null ? [] : [`${Math.ceil(timeLeft)} s left`]),
    ].join(' · '),
};

export const wordsOf = <T>(text: RoundsText<T>, of: T): string => (typeof text === 'function' ? text(of) : text);

function inWords(points: Score): string {
  if (typeof points === 'number') return rounded(points);
  if ('data' in points) return Array.from(points.data as Iterable<number>, rounded).join(', ');
  return Array.from(points, ([agent, each]) => `${agent} ${inWords(each)}`).join(', ');
}

/** At most two decimals, and none of the noise of sums of floats. */
const rounded = (points: number): string => `${Math.round(points * 100) / 100}`;
