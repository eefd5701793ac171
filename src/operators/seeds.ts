import type { Rule } from '../check.js';

/** The seed of each reset: a whole number from 0, to which the round is added, or a function of the round. */
export type Seeds = number | ((round: number) => number);

export const seedsRule: Rule = {
  expected: 'a whole number from 0, or a function of the round',
  fits: (seed) => typeof seed === 'function' || (Number.isSafeInteger(seed) && (seed as number) >= 0),
};

export const seedOf = (seeds: Seeds | undefined, round: number): number | undefined =>
  typeof seeds === 'number' ? seeds + round : seeds?.(round);
