import { Observable, type SchedulerLike } from 'rxjs';
import { checkNumber } from '../operators/check-option.js';
import { scheduledAlarm } from './alarm.js';
import { workerAlarm } from './worker-alarm.js';

export interface Tick {
  /** Which tick it is, from 0. A tick that came too late is left out: its index is missing. */
  readonly index: number;
  /** When it came, in ms since the subscription. */
  readonly time: number;
}

export interface TicksConfig {
  /** The clock and timer to use, for instance a `TestScheduler`. Default: `performance.now()` and a timer in a worker. */
  readonly scheduler?: SchedulerLike | undefined;
}

/**
 * The beat of a game: `fps` ticks a second. The tick of index n is due n · 1000 / fps ms after the subscription, the
 * first one therefore at once (though never synchronously). Being late once does not shift the ticks that follow, and
 * what was missed is not made up for in a burst: it is skipped, which shows as a gap in `index`.
 *
 * In a hidden tab it keeps its rate: its timer runs in a tiny worker, one for each subscription, terminated when that
 * ends. Where the page may not make one (a Content Security Policy without `worker-src blob:`), it uses the page's
 * timer, which browsers slow down in hidden tabs.
 *
 * @param fps Ticks a second; 0.01 to 1,000. `UsageError` otherwise.
 * @example
 * ticks(30).pipe(map(() => 0), stepWith(env, { busy: 'drop' }))
 */
export function ticks(fps: number, { scheduler }: TicksConfig = {}): Observable<Tick> {
  checkNumber('ticks.fps', fps, { min: 0.01, max: 1000, unit: 'ticks a second' });
  const period = 1000 / fps;
  // Timers count whole ms and may ring that much too early. Such a tick is passed on, not waited for again.
  const tolerance = Math.min(1, period / 2);
  const now = scheduler ? () => scheduler.now() : () => performance.now();
  const startAlarm = scheduler ? scheduledAlarm(scheduler) : workerAlarm;

  return new Observable((subscriber) => {
    const start = now();
    let next = 0; // the index of the tick that is due next

    const alarm = startAlarm(() => {
      const time = now() - start;
      if (time >= next * period - tolerance) {
        const index = Math.max(next, Math.floor(time / period));
        next = index + 1;
        subscriber.next({ index, time });
      }
      // The clock is read again: a subscriber may have taken its time over the tick.
      if (!subscriber.closed) alarm.set(Math.max(0, next * period - (now() - start)));
    });
    alarm.set(0);
    return () => alarm.stop();
  });
}
