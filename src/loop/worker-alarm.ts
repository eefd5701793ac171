import { pageAlarm, type Alarm, type StartAlarm } from './alarm.js';

// A worker's timers are not throttled while the tab is hidden; only the page's are.
// https://developer.chrome.com/blog/timer-throttling-in-chrome-88
const source = `let timer; onmessage = ({ data }) => { clearTimeout(timer); timer = setTimeout(postMessage, data, 0); };`;

/**
 * A timer in its own worker, which is not throttled in a hidden tab. Where a worker cannot be made from a Blob (there are
 * no workers, or a Content Security Policy lacks `worker-src blob:`), it is the {@link pageAlarm} instead.
 */
export const workerAlarm: StartAlarm = (ring) => {
  let alarm: Alarm | undefined;
  let delay: number | undefined;

  const ringOnce = () => {
    delay = undefined;
    ring();
  };
  // A policy may refuse the worker by an exception or, later, by an error event; what is set by then is kept.
  const fallBack = () => {
    alarm?.stop();
    alarm = pageAlarm(ringOnce);
    if (delay !== undefined) alarm.set(delay);
  };

  try {
    alarm = startWorker(ringOnce, fallBack);
  } catch {
    fallBack();
  }
  return {
    set(ms) {
      delay = ms;
      alarm?.set(ms);
    },
    stop: () => alarm?.stop(),
  };
};

function startWorker(ring: () => void, fail: () => void): Alarm {
  const url = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));
  let isFreed = false;
  // once, since it is a message to the browser's main process, which costs more than a tick
  const free = () => {
    if (!isFreed) URL.revokeObjectURL(url);
    isFreed = true;
  };
  let worker: Worker;
  try {
    worker = new Worker(url, { name: 'rxgym-ticks' });
  } catch (error) {
    free();
    throw error;
  }
  worker.onmessage = () => {
    free(); // not before the script has run: some browsers fetch it after the constructor has returned
    ring();
  };
  worker.onerror = (event) => {
    event.preventDefault();
    fail();
  };
  return {
    set: (delay) => worker.postMessage(Math.round(delay)),
    stop() {
      worker.onmessage = worker.onerror = null;
      worker.terminate();
      free();
    },
  };
}
