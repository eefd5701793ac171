import { Subject } from 'rxjs';
import type { CommandTimes } from '../runtime/request.js';
import type { AnyStep } from './step.js';
import { timingsOf, type StepTimings } from './timings.js';

/** What one message of steps is measured by. */
export interface Measurement {
  readonly onTimes: (times: CommandTimes) => void;
  /** Emits the timings of the steps that the message was for. */
  readonly tell: (steps: readonly AnyStep[]) => void;
}

/** Measures steps while somebody wants to know. */
export class StepTimer {
  readonly timings$ = new Subject<StepTimings>();
  #drops = 0;

  /** `takePaintMs`: how long was painted since it was last called; null where nothing was. */
  constructor(private readonly takePaintMs: () => number | null) {}

  /** So many actions were dropped before the next step. */
  countDrops(count: number): void {
    this.#drops += count;
  }

  start(): Measurement | undefined {
    const drops = this.#drops;
    this.#drops = 0;
    if (!this.timings$.observed) {
      this.takePaintMs();
      return undefined;
    }
    let times: CommandTimes | undefined;
    return {
      onTimes: (measured) => (times = measured),
      tell: (steps) => {
        if (!times) return;
        const share = 1 / steps.length;
        for (const [i, step] of steps.entries()) {
          // the drops were before the first, the frame is of the last
          const paint = i === steps.length - 1 ? this.takePaintMs() : null;
          this.timings$.next(timingsOf(step, times, { paint, drops: i ? 0 : drops, share }));
        }
      },
    };
  }
}
