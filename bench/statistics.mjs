/**
 * @param {readonly number[]} samples
 * @param {number} share from 0 to 1
 */
export function quantile(samples, share) {
  const sorted = [...samples].sort((a, b) => a - b);
  const at = share * (sorted.length - 1);
  const below = sorted[Math.floor(at)] ?? NaN;
  const above = sorted[Math.ceil(at)] ?? NaN;
  return below + (above - below) * (at - Math.floor(at));
}

/** @param {readonly number[]} samples */
export const median = (samples) => quantile(samples, 0.5);

/**
 * The standard error of what is made of rounds, by the bootstrap: how much it varies when rounds are drawn anew.
 * @template T
 * @param {readonly T[]} rounds
 * @param {(rounds: readonly T[]) => number} of
 * @param {() => number} random
 */
export function standardError(rounds, of, random) {
  const values = Array.from({ length: 200 }, () =>
    of(rounds.map(() => /** @type {T} */ (rounds[Math.floor(random() * rounds.length)]))),
  );
  const mean = values.reduce((sum, value) => sum + value) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
}

/** @param {readonly number[]} samples */
export const range = (samples) => Math.max(...samples) - Math.min(...samples);

/** @param {number} value @param {number} [digits] */
export const rounded = (value, digits = 3) => (value === 0 ? 0 : Number(value.toPrecision(digits)));
