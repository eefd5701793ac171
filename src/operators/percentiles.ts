import { bufferCount, map, pipe, type OperatorFunction } from 'rxjs';
import type { StepTimings } from '../env/timings.js';
import { checkNumber } from './check-option.js';

/** How a time is spread: half of the steps took at most `p50`, 95 % at most `p95`, 99 % at most `p99`; in ms. */
export interface Percentiles {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/** The timings of several steps in short. A part that no step has is null. */
export interface TimingPercentiles {
  readonly queued: Percentiles | null;
  readonly python: Percentiles | null;
  readonly bridge: Percentiles | null;
  readonly transfer: Percentiles | null;
  readonly paint: Percentiles | null;
  /** How many steps they are of. */
  readonly count: number;
  /** How many actions were dropped meanwhile. */
  readonly drops: number;
}

/**
 * Sums up timings: after `every` steps the percentiles of the latest `window`. `window` is a whole number from 1 to
 * 1,000,000, by default 100; `every` likewise, by default `window`.
 *
 * @example
 * env.timings$.pipe(percentiles(300)).subscribe(({ python, transfer }) => …)
 */
export function percentiles(window = 100, every = window): OperatorFunction<StepTimings, TimingPercentiles> {
  for (const [name, count] of Object.entries({ window, every })) {
    checkNumber(`percentiles.${name}`, count, { min: 1, max: 1_000_000, whole: true, unit: 'steps' });
  }
  return pipe(
    bufferCount<StepTimings>(window, every),
    map((steps) => {
      const of = (part: keyof StepTimings) => spread(steps.map((step) => step[part]));
      return {
        queued: of('queued'),
        python: of('python'),
        bridge: of('bridge'),
        transfer: of('transfer'),
        paint: of('paint'),
        count: steps.length,
        drops: steps.reduce((sum, { drops }) => sum + drops, 0),
      };
    }),
  );
}

/** By the nearest rank: each is a time that was measured. */
function spread(times: readonly (number | null)[]): Percentiles | null {
  const sorted = times.filter((time) => time !== null).sort((a, b) => a - b);
  const rank = (share: number) => sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
  return sorted.length > 0 ? { p50: rank(0.5), p95: rank(0.95), p99: rank(0.99) } : null;
}
