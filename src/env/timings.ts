import type { CommandTimes } from '../runtime/request.js';
import type { AnyStep } from './step.js';

/** Where a step's time went, in ms. `stepMany` divides `python`, `bridge` and `transfer` of a message among its steps. */
export interface StepTimings {
  /** The step's, as in `step.index`. */
  readonly index: number;
  readonly episode: number;
  /** From its subscription until it was sent: what was before it in the queue, also a recovery. */
  readonly queued: number;
  /** In `env.step()`. */
  readonly python: number;
  /** The rest of its time in the worker: decoding, rendering, encoding and copying. */
  readonly bridge: number;
  /** The rest: two messages on their way, and the page's being busy when the answer arrived. */
  readonly transfer: number;
  /**
   * What those who watch `frames$` did with frames since the step before: with this step's, or, by `paint(canvas)`, with
   * what it painted in an animation frame in between; null where there was none.
   */
  readonly paint: number | null;
  /** How many actions `stepWith` has dropped since the step before. */
  readonly drops: number;
}

export function timingsOf(
  { index, episode }: AnyStep,
  { queued, trip, worker, python }: CommandTimes,
  { paint, drops, share }: { readonly paint: number | null; readonly drops: number; readonly share: number },
): StepTimings {
  // clocks are coarse: a part may seem longer than the whole
  const rest = (whole: number, part: number) => share * Math.max(0, whole - part);
  const parts = { python: share * python, bridge: rest(worker, python), transfer: rest(trip, worker) };
  return { index, episode, queued, ...parts, paint, drops };
}
