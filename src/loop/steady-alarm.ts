import { pageAlarm, type Alarm, type StartAlarm } from './alarm.js';
import { workerAlarm } from './worker-alarm.js';

/**
 * A timer that is not slowed down in a hidden tab: the page's own while the page is visible, which costs it least and is
 * the most punctual, and the {@link workerAlarm} while it is hidden.
 */
export const steadyAlarm: StartAlarm = (ring) => {
  const page = typeof document === 'undefined' ? undefined : document;
  let due: number | undefined;
  let isStopped = false;
  const start = (): Alarm =>
    (page?.visibilityState === 'hidden' ? workerAlarm : pageAlarm)(() => {
      due = undefined;
      ring();
    });
  let alarm = start();
  const change = () => {
    alarm.stop();
    alarm = start();
    if (due !== undefined) alarm.set(Math.max(0, due - performance.now()));
  };
  page?.addEventListener('visibilitychange', change);
  return {
    set(delay) {
      if (isStopped) return;
      due = performance.now() + delay;
      alarm.set(delay);
    },
    stop() {
      isStopped = true;
      page?.removeEventListener('visibilitychange', change);
      alarm.stop();
    },
  };
};
