import { setTimeout as wait } from 'node:timers/promises';
import { runInNewContext } from 'node:vm';
import { take } from 'rxjs';
import { ticks } from '../../src/loop/ticks.js';
import { workerAlarm } from '../../src/loop/worker-alarm.js';

/** Runs the script of a Blob URL as a worker does; Node has none of that kind. */
class BlobWorker {
  static readonly made: BlobWorker[] = [];
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onerror: ((event: Event) => void) | null = null;
  terminated = false;
  readonly received: unknown[] = [];
  readonly #scope: { onmessage?: (event: { data: unknown }) => void };

  constructor(url: string) {
    BlobWorker.made.push(this);
    this.#scope = {
      setTimeout,
      clearTimeout,
      postMessage: (data: unknown) => {
        if (!this.terminated) this.onmessage?.({ data });
      },
    } as never;
    void blobs.get(url)?.then((source) => void runInNewContext(source, this.#scope));
  }
  postMessage(data: unknown) {
    this.received.push(data);
    queueMicrotask(() => setImmediate(() => this.#scope.onmessage?.({ data })));
  }
  terminate() {
    this.terminated = true;
  }
}

const blobs = new Map<string, Promise<string>>();
const page = globalThis as { Worker?: unknown };

beforeEach(() => {
  page.Worker = BlobWorker;
  BlobWorker.made.length = 0;
  blobs.clear();
  let count = 0;
  jest.spyOn(URL, 'createObjectURL').mockImplementation((blob) => {
    const url = `blob:spec/${count++}`;
    blobs.set(url, (blob as Blob).text());
    return url;
  });
  jest.spyOn(URL, 'revokeObjectURL').mockImplementation((url) => void blobs.delete(url));
});

afterEach(() => {
  delete page.Worker;
  jest.restoreAllMocks();
});

const theWorker = () => BlobWorker.made[0]!;

describe('workerAlarm', () => {
  it('rings once, from a timer in the worker', async () => {
    const ring = jest.fn();
    const pageTimer = jest.spyOn(globalThis, 'setTimeout');
    const alarm = workerAlarm(ring);
    alarm.set(20);
    expect(pageTimer).not.toHaveBeenCalled();
    await wait(10);
    expect(ring).not.toHaveBeenCalled();
    await wait(60);
    expect(ring).toHaveBeenCalledTimes(1);
    alarm.stop();
  });

  it('replaces what it was set to when it is set again', async () => {
    const ring = jest.fn();
    const alarm = workerAlarm(ring);
    alarm.set(15);
    alarm.set(60);
    await wait(40);
    expect(ring).not.toHaveBeenCalled();
    await wait(60);
    expect(ring).toHaveBeenCalledTimes(1);
    alarm.stop();
  });

  it('hands the worker whole ms, the nearest', () => {
    const alarm = workerAlarm(() => undefined);
    alarm.set(16.67);
    expect(theWorker().received).toEqual([17]);
    alarm.stop();
  });

  it('revokes its Blob URL when the worker has rung, not before', async () => {
    const alarm = workerAlarm(() => undefined);
    expect(blobs.size).toBe(1);
    alarm.set(0);
    await wait(30);
    expect(blobs.size).toBe(0);
    alarm.stop();
  });

  it('terminates the worker, revokes the URL and rings no more when it is stopped', async () => {
    const ring = jest.fn();
    const alarm = workerAlarm(ring);
    alarm.set(0);
    alarm.stop();
    expect(theWorker().terminated).toBe(true);
    expect(theWorker().onmessage).toBeNull();
    expect(theWorker().onerror).toBeNull();
    expect(blobs.size).toBe(0);
    await wait(30);
    expect(ring).not.toHaveBeenCalled();
  });

  describe('where no worker can be made from a Blob', () => {
    it.each([
      ['there are no workers', () => delete page.Worker],
      [
        'the constructor throws',
        () => {
          page.Worker = function Refused() {
            throw new Error('refused by the policy');
          };
        },
      ],
    ])('rings from a page timer when %s', async (_, prepare) => {
      prepare();
      const ring = jest.fn();
      const alarm = workerAlarm(ring);
      alarm.set(10);
      await wait(40);
      expect(ring).toHaveBeenCalledTimes(1);
      expect(blobs.size).toBe(0);
      alarm.stop();
    });

    it('rings from a page timer, at what it was set to, when the worker reports an error', async () => {
      const ring = jest.fn();
      const alarm = workerAlarm(ring);
      alarm.set(10_000);
      alarm.set(10);
      const error = new Event('error', { cancelable: true });
      theWorker().onerror?.(error);
      expect(error.defaultPrevented).toBe(true); // or the console would show what is no fault
      expect(theWorker().terminated).toBe(true);
      await wait(60);
      expect(ring).toHaveBeenCalledTimes(1);
      alarm.set(10);
      await wait(40);
      expect(ring).toHaveBeenCalledTimes(2);
      alarm.stop();
    });

    it('does not ring again for what has rung before the error', async () => {
      const ring = jest.fn();
      const alarm = workerAlarm(ring);
      alarm.set(0);
      await wait(30);
      theWorker().onerror?.(new Event('error'));
      await wait(30);
      expect(ring).toHaveBeenCalledTimes(1);
      alarm.stop();
    });

    it('clears the page timer when it is stopped', async () => {
      delete page.Worker;
      const ring = jest.fn();
      const alarm = workerAlarm(ring);
      alarm.set(10);
      alarm.stop();
      await wait(40);
      expect(ring).not.toHaveBeenCalled();
    });
  });
});

describe('ticks', () => {
  it('uses a worker of its own, and ends it with the subscription', async () => {
    const indices: number[] = [];
    await new Promise<void>((resolve) => {
      ticks(100)
        .pipe(take(3))
        .subscribe({ next: ({ index }) => indices.push(index), complete: resolve });
    });
    expect(indices).toHaveLength(3);
    expect(BlobWorker.made).toHaveLength(1);
    expect(theWorker().terminated).toBe(true);
    expect(blobs.size).toBe(0);
  });
});
