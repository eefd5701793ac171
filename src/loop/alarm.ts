import type { SchedulerLike } from 'rxjs';
import type { Rule } from '../check.js';

export const schedulerRule: Rule = {
  expected: 'a scheduler of RxJS',
  fits: (value) => typeof (value as Partial<SchedulerLike> | null)?.schedule === 'function',
};

/** A timer that rings once, `delay` ms after it was set. Setting it again replaces the earlier setting. */
export interface Alarm {
  set(delay: number): void;
  /** Cancels the ring and frees the timer. */
  stop(): void;
}

/** Starts an alarm that calls `ring`. */
export type StartAlarm = (ring: () => void) => Alarm;

/**
 * A timer of the page. In a hidden tab, browsers let it ring once a second or once a minute.
 * https://developer.chrome.com/blog/timer-throttling-in-chrome-88
 */
export const pageAlarm: StartAlarm = (ring) => {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stop = () => clearTimeout(timer);
  return {
    set(delay) {
      stop();
      timer = setTimeout(ring, Math.round(delay));
    },
    stop,
  };
};

/** The timer of an RxJS scheduler, for instance a `TestScheduler`. */
export const scheduledAlarm =
  (scheduler: SchedulerLike): StartAlarm =>
  (ring) => {
    let pending: ReturnType<SchedulerLike['schedule']> | undefined;
    const stop = () => pending?.unsubscribe();
    return {
      set(delay) {
        stop();
        pending = scheduler.schedule(ring, delay);
      },
      stop,
    };
  };
