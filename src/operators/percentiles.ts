import { bufferCount, map, pipe, type OperatorFunction } from 'rxjs';
import { checkValue } from '../check.js';
import type { StepTimings } from '../env/timings.js';

/** How times are distributed, in ms: half of the steps took at most `p50`, 95 % at most `p95`, 99 % at most `p99`. */
export interface Percentiles {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/** A summary of the timings of several steps. A part that no step has is null. */
export interface TimingPercentiles {
  readonly queued: Percentiles | null;
  readonly python: Percentiles | null;
  readonly bridge: Percentiles | null;
  readonly transfer: Percentiles | null;
  readonly paint: Percentiles | null;
  /** How many steps these are. */
  readonly count: number;
  /** How many actions were dropped before these steps. */
  readonly drops: number;
}

/**
 * Summarises timings: after every `every` steps, the percentiles of the latest `window` steps.
 *
 * @param window How many steps; a whole number from 1 to 1,000,000. Default 100. `UsageError` otherwise.
 * @param every How often, in steps; a whole number from 1 to 1,000,000. Default `window`. `UsageError` otherwise.
 * @example
 * env.timings$.pipe(percentiles(300)).subscribe(({ python, transfer }) => …)
 */
export function percentiles(window = 100, every = window): OperatorFunction<StepTimings, TimingPercentiles> {
  for (const [name, count] of Object.entries({ window, every })) {
    checkValue(`percentiles.${name}`, count, { min: 1, max: 1_000_000, whole: true });
  }
  return pipe(
    bufferCount<StepTimings>(window, every),
    map((steps) => {
      const of = (part: keyof StepTimings) => distributionOf(steps.map((step) => step[part]));
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

/** By the nearest-rank method, so that each is a time that was measured. */
function distributionOf(times: readonly (number | null)[]): Percentiles | null {
  const sorted = times.filter((time) => time !== null).sort((a, b) => a - b);
  const rank = (share: number) => sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
  return sorted.length > 0 ? { p50: rank(0.5), p95: rank(0.95), p99: rank(0.99) } : null;
}
