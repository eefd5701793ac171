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
 * The standard error of the median, by the median absolute deviation: neither knows of the odd sample during which the
 * machine did something else.
 * @param {readonly number[]} samples
 */
export function errorOfMedian(samples) {
  const middle = median(samples);
  const deviation = 1.4826 * median(samples.map((sample) => Math.abs(sample - middle)));
  return (1.2533 * deviation) / Math.sqrt(samples.length);
}

/** @param {readonly number[]} samples */
export const range = (samples) => Math.max(...samples) - Math.min(...samples);

/** @param {number} value @param {number} [digits] */
export const rounded = (value, digits = 3) => (value === 0 ? 0 : Number(value.toPrecision(digits)));
