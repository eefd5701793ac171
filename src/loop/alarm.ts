import type { SchedulerLike } from 'rxjs';

/** Rings once, `delay` ms after it was set; setting it again replaces that. */
export interface Alarm {
  set(delay: number): void;
  /** Rings no more, and frees what it holds. */
  stop(): void;
}

/** Starts an alarm that calls `ring`. */
export type StartAlarm = (ring: () => void) => Alarm;

/** A page timer. Browsers slow it down to one ring a second, or a minute, while the tab is hidden. */
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
