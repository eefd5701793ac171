/** A worker that holds many timers. A timer has an id above 0. */
export interface TimerWorker {
  /** Clears the timer `old` (0 for none), and sets the timer `id` (0 for none). */
  set(old: number, id: number, delay: number): void;
  end(): void;
}

// A worker's timers are not throttled while the tab is hidden; only the page's are.
// https://developer.chrome.com/blog/timer-throttling-in-chrome-88
const source = `const timers = new Map();
onmessage = ({ data: [old, id, delay] }) => {
  clearTimeout(timers.get(old));
  timers.delete(old);
  if (id) timers.set(id, setTimeout(() => { timers.delete(id); postMessage(id); }, delay));
};`;

/** Throws where a worker cannot be made from a Blob; `fail` is called where that shows later. */
export function startTimerWorker(ring: (id: number) => void, fail: () => void): TimerWorker {
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
  worker.onmessage = ({ data }: MessageEvent<number>) => {
    free(); // not before the script has run: some browsers fetch it after the constructor has returned
    ring(data);
  };
  worker.onerror = (event) => {
    event.preventDefault();
    fail();
  };
  return {
    set: (old, id, delay) => worker.postMessage([old, id, Math.round(delay)]),
    end() {
      worker.onmessage = worker.onerror = null;
      worker.terminate();
      free();
    },
  };
}
