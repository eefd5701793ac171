// Arms that are measured in turns, so that other load on the machine falls on all alike.
import { shuffled } from '../spec/helpers/random.mjs';
import { median, quantile, rounded, standardError } from './statistics.mjs';

/**
 * Of each arm, a block of samples in each round.
 * @typedef {ReadonlyMap<string, readonly (readonly number[])[]>} Rounds
 */

/**
 * @param {object} options
 * @param {Readonly<Record<string, number>>} options.arms How many samples make a block of each.
 * @param {number} options.rounds
 * @param {number} options.warmUp How many rounds are thrown away before.
 * @param {() => number} options.random
 * @param {(arm: string, count: number) => Promise<readonly number[]>} options.measure
 * @returns {Promise<Rounds>}
 */
export async function inTurns({ arms, rounds, warmUp, random, measure }) {
  const all = new Map(Object.keys(arms).map((arm) => [arm, /** @type {(readonly number[])[]} */ ([])]));
  for (let round = -warmUp; round < rounds; round += 1) {
    for (const [arm, count] of shuffled(Object.entries(arms), random)) {
      const block = await measure(arm, count);
      if (round >= 0) all.get(arm)?.push(block);
    }
  }
  return all;
}

/**
 * How many times the one arm's median is the other's, or another quantile, by pairs of blocks that were measured within
 * seconds.
 * @param {Rounds} rounds @param {string} one @param {string} other @param {() => number} random
 * @param {(block: readonly number[]) => number} of
 */
export function ratio(rounds, one, other, random, of = median) {
  const others = rounds.get(other) ?? [];
  const pairs = (rounds.get(one) ?? []).map((block, index) => of(block) / of(others[index] ?? []));
  return {
    value: rounded(median(pairs)),
    unit: '×',
    pair: /** @type {const} */ ([one, other]),
    note: `± ${rounded(standardError(pairs, median, random), 2)} (standard error) over ${pairs.length} rounds`,
  };
}

/**
 * Of all samples of each arm: median, 99th percentile and how many there are.
 * @param {Rounds} rounds @param {string} unit
 */
export const summary = (rounds, unit) => ({
  armsUnit: unit,
  arms: Object.fromEntries(
    [...rounds].map(([arm, blocks]) => {
      const samples = blocks.flat();
      return [arm, { p50: rounded(median(samples)), p99: rounded(quantile(samples, 0.99)), samples: samples.length }];
    }),
  ),
});
