import { Observable, type SchedulerLike } from 'rxjs';
import { checkOptions, checkValue, type Rule, type Rules } from '../check.js';
import { scheduledAlarm } from './alarm.js';
import { workerAlarm } from './worker-alarm.js';

/** One tick of {@link ticks}. */
export interface Tick {
  /** Which tick it is, from 0. A tick that was missed is skipped: its index is left out. */
  readonly index: number;
  /** In ms since the subscription. */
  readonly time: number;
}

/** The options of {@link ticks}. */
export interface TicksConfig {
  /** Its clock and timer are used, for instance a `TestScheduler`'s. Default: `performance.now()` and a timer in a worker. */
  readonly scheduler?: SchedulerLike | undefined;
}

export const schedulerRule: Rule = {
  expected: 'a scheduler of RxJS',
  fits: (value) => typeof (value as Partial<SchedulerLike> | null)?.schedule === 'function',
};
const rules: Rules<TicksConfig> = { scheduler: schedulerRule };

/**
 * `fps` ticks a second, for a game loop. The tick of index n is due n · 1000 / fps ms after the subscription, so the first
 * one comes at once, but never synchronously. One late tick does not delay those that follow. Missed ticks are not made up
 * for: they are skipped, which shows as a gap in `index`.
 *
 * Ticks keep their rate in a hidden tab, because the timer runs in a small worker. Each subscription has its own, which is
 * terminated with it. Where the page cannot make one (a Content Security Policy lacks `worker-src blob:`), the page's timer
 * is used, which browsers slow down in hidden tabs.
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
  const now = scheduler ? () => scheduler.now() : () => performance.now();
  const startAlarm = scheduler ? scheduledAlarm(scheduler) : workerAlarm;

  return new Observable((subscriber) => {
    const start = now();
    let next = 0; // the index of the next tick

    const alarm = startAlarm(() => {
      const time = now() - start;
      if (time >= next * period - tolerance) {
        const index = Math.max(next, Math.floor(time / period));
        next = index + 1;
        subscriber.next({ index, time });
      }
      // The clock is read again, since the subscribers took time for the tick.
      if (!subscriber.closed) alarm.set(Math.max(0, next * period - (now() - start)));
    });
    alarm.set(0);
    return () => alarm.stop();
  });
}
