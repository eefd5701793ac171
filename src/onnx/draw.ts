import { OnnxActionError } from './errors.js';

/** Numbers from 0 to below 1. */
export type Random = () => number;

export interface DrawOptions {
  readonly sample: 'softmax' | 'argmax';
  readonly temperature: number;
}

/** Whether each of the logits may be drawn; undefined where all may. */
export type Legal = readonly boolean[] | undefined;

/**
 * The index that is drawn: by the softmax of the logits, or the first of the greatest. What is illegal has probability 0.
 * Throws an {@link OnnxActionError} where a logit is NaN or +∞, or nothing can be drawn.
 */
export function draw(logits: ArrayLike<number>, legal: Legal, options: DrawOptions, random: Random): number {
  const all = Array.from(logits);
  const bad = all.findIndex((logit) => Number.isNaN(logit) || logit === Infinity);
  if (bad >= 0) {
    throw new OnnxActionError(
      'nan',
      `the model answered ${all[bad]} as logit ${bad} of ${all.length}; check the observation for values that are no ` +
        'numbers, and the model',
    );
  }
  const allowed = all.map((logit, at) => (legal?.[at] === false ? -Infinity : logit));
  const greatest = Math.max(...allowed);
  if (greatest === -Infinity) {
    const problem =
      legal?.includes(true) === false ? 'the mask allows no action' : 'every legal action has the logit -∞';
    throw new OnnxActionError('illegal', `${problem}; mask: false draws without the mask`);
  }
  if (options.sample === 'argmax') return allowed.indexOf(greatest);

  const weights = allowed.map((logit) => Math.exp((logit - greatest) / options.temperature));
  let rest = random() * weights.reduce((sum, weight) => sum + weight, 0);
  const drawn = weights.findIndex((weight) => (rest -= weight) < 0);
  // the sum of rounded numbers may leave a rest behind the last of them
  return drawn >= 0 ? drawn : allowed.indexOf(greatest);
}
