import { Observable, share, type SchedulerLike } from 'rxjs';
import { checkOptions, checkValue, type Rules } from '../check.js';
import { scheduledAlarm, schedulerRule } from './alarm.js';
import { lingerMs } from './linger.js';
import { steadyAlarm } from './steady-alarm.js';

/** One tick of {@link ticks}. */
export interface Tick {
  /** Which tick of the clock it is, from 0. A tick that was missed is skipped: its index is left out. */
  readonly index: number;
  /** In ms since the clock started. */
  readonly time: number;
}

/** The options of {@link ticks}. */
export interface TicksConfig {
  /** Its clock and timer are used, for instance a `TestScheduler`'s. Default: `performance.now()` and timers. */
  readonly scheduler?: SchedulerLike | undefined;
}

const rules: Rules<TicksConfig> = { scheduler: schedulerRule };

/**
 * `fps` ticks a second, for a game loop. The first subscription starts the clock: its tick of index n is due n · 1000 / fps
 * ms later, so the first one comes at once, but never synchronously. One late tick does not delay those that follow. Missed
 * ticks are not made up for, also after the computer slept: they are skipped, which shows as a gap in `index`.
 *
 * All subscriptions share the clock: one that comes later begins with the next tick that is due. The clock keeps its beat
 * for 1 s, or one period where that is longer, after the last subscriber has left. So who subscribes for each step, with
 * `take(1)`, gets `fps` ticks a second, too. Who comes later than that starts it anew, from index 0. Each call of `ticks`
 * makes a clock of its own.
 *
 * Ticks keep their rate in a hidden tab, because the timer then runs in a small worker: one for all clocks of the page, which
 * ends 1 s after the page is visible again or the last of them has stopped. Where the page cannot make one (a Content
 * Security Policy lacks `worker-src blob:`), the page's timer stays in use, which browsers slow down in hidden tabs.
 *
 * @param fps Ticks a second; from 0.01 to 1,000. `UsageError` otherwise.
 * @example
 * ticks(30).pipe(map(() => 0), stepWith(env, { busy: 'drop' }))
 */
export function ticks(fps: number, config: TicksConfig = {}): Observable<Tick> {
  checkOptions('ticks', config, rules);
  checkValue('ticks.fps', fps, { min: 0.01, max: 1000 });
  const { scheduler } = config;
  const period = 1000 / fps;
  // Timers count in whole ms, so they may ring up to 1 ms early. Such a tick is emitted at once.
  const tolerance = Math.min(1, period / 2);
  // No shorter than a period, or a clock that is started anew would tick more often than `fps`.
  const linger = Math.max(lingerMs, period);
  const now = scheduler ? () => scheduler.now() : () => performance.now();
  const startAlarm = scheduler ? scheduledAlarm(scheduler) : steadyAlarm;

  // What stays of the clock while nobody subscribes: three numbers, and no timer.
  let start = 0;
  let next = 0; // the index of the next tick
  let left = -Infinity; // when the last subscriber left

  const beat$ = new Observable<Tick>((subscriber) => {
    if (now() - left > linger) {
      start = now();
      next = 0;
    } else {
      next = Math.max(next, Math.ceil((now() - start - tolerance) / period));
    }
    const untilNext = () => Math.max(0, next * period - (now() - start));

    const alarm = startAlarm(() => {
      const time = now() - start;
      if (time >= next * period - tolerance) {
        const index = Math.max(next, Math.floor(time / period));
        next = index + 1;
        subscriber.next({ index, time });
      }
      // The clock is read again, since the subscribers took time for the tick.
      if (!subscriber.closed) alarm.set(untilNext());
    });
    alarm.set(untilNext());
    return () => {
      left = now();
      alarm.stop();
    };
  });
  return beat$.pipe(share());
}
