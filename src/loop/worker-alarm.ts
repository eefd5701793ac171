import { pageAlarm, type Alarm, type StartAlarm } from './alarm.js';
import { linger } from './linger.js';
import { startTimerWorker, type TimerWorker } from './timer-worker.js';

/**
 * A timer in a worker, which is not throttled in a hidden tab. All alarms of a page share one worker, which ends
 * `lingerMs` after the last of them was stopped. Where a worker cannot be made from a Blob (there are no workers, or a
 * Content Security Policy lacks `worker-src blob:`), an alarm is the {@link pageAlarm} instead.
 */
export const workerAlarm: StartAlarm = (ring) => {
  shared ??= startAlarms(() => (shared = undefined));
  return shared.add(ring);
};

interface Alarms {
  add(ring: () => void): Alarm;
}

/** What is to ring: after `delay` ms, from a timer of the worker or of the page. */
interface Setting {
  readonly ring: () => void;
  readonly delay: number;
  page?: Alarm;
}

let shared: Alarms | undefined;

function startAlarms(ended: () => void): Alarms {
  // By the id of their timer. Each setting has one of its own, so that a ring which is on its way while its alarm is set
  // again is none any more.
  const settings = new Map<number, Setting>();
  let lastId = 0;
  let alarms = 0;
  let worker: TimerWorker | undefined;

  const ring = (id: number) => {
    const setting = settings.get(id);
    settings.delete(id);
    setting?.ring();
  };
  const setOnPage = (id: number, setting: Setting) => {
    setting.page = pageAlarm(() => ring(id));
    setting.page.set(setting.delay);
  };
  // A policy may refuse the worker by an exception or, later, by an error event; what is set by then is kept.
  const fallBack = () => {
    worker?.end();
    worker = undefined;
    settings.forEach((setting, id) => setOnPage(id, setting));
  };
  const replace = (old: number, setting?: Setting): number => {
    settings.get(old)?.page?.stop();
    settings.delete(old);
    const id = setting ? (lastId += 1) : 0;
    if (setting) settings.set(id, setting);
    if (worker) worker.set(old, id, setting?.delay ?? 0);
    else if (setting) setOnPage(id, setting);
    return id;
  };

  try {
    worker = startTimerWorker(ring, fallBack);
  } catch {
    fallBack();
  }
  const end = () => {
    worker?.end();
    ended();
  };
  let stay: (() => void) | undefined; // cancels the end that is near

  return {
    add(ring) {
      let id = 0;
      let isStopped = false;
      alarms += 1;
      stay?.();
      return {
        set(delay) {
          if (!isStopped) id = replace(id, { ring, delay });
        },
        stop() {
          if (isStopped) return;
          isStopped = true;
          replace(id);
          alarms -= 1;
          if (alarms === 0) stay = linger(end);
        },
      };
    },
  };
}
