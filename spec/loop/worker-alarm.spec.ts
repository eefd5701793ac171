import { runInNewContext } from 'node:vm';
import { take } from 'rxjs';
import { ticks } from '../../src/loop/ticks.js';
import { workerAlarm } from '../../src/loop/worker-alarm.js';

type Listener = (event: { data: unknown }) => void;

/** A worker takes this long to load its script, in ms; messages wait for that. */
const startup = 5;

/** Runs the script of a Blob URL in a scope of its own, as a worker does; Node has none of that kind. */
class BlobWorker {
  static readonly made: BlobWorker[] = [];
  onmessage: Listener | null = null;
  onerror: ((event: Event) => void) | null = null;
  terminated = false;
  readonly received: unknown[] = [];
  #scope: { onmessage?: Listener } | undefined;

  constructor(url: string) {
    BlobWorker.made.push(this);
    timers.setTimeout(() => {
      if (this.terminated) return;
      const postMessage = (data: unknown) => {
        if (!this.terminated) this.onmessage?.({ data });
      };
      const scope: { onmessage?: Listener; postMessage: unknown } = { postMessage, ...timers };
      runInNewContext(blobs.get(url) ?? 'throw new Error("the URL was revoked before it was read")', scope);
      this.#scope = scope;
      for (const data of this.received) scope.onmessage?.({ data });
    }, startup);
  }
  postMessage(data: unknown) {
    this.received.push(data);
    this.#scope?.onmessage?.({ data });
  }
  terminate() {
    this.terminated = true;
  }
}

const blobs = new Map<string, string>();
const page = globalThis as { Worker?: unknown };
const pass = (ms: number) => jest.advanceTimersByTime(ms);
let timers: Pick<typeof globalThis, 'setTimeout' | 'clearTimeout'>;

beforeEach(() => {
  jest.useFakeTimers();
  timers = { setTimeout, clearTimeout };
  page.Worker = BlobWorker;
  BlobWorker.made.length = 0;
  blobs.clear();
  jest.spyOn(globalThis, 'Blob').mockImplementation((parts) => ({ source: (parts as string[]).join('') }) as never);
  jest.spyOn(URL, 'createObjectURL').mockImplementation((blob) => {
    const url = `blob:spec/${blobs.size}`;
    blobs.set(url, (blob as unknown as { source: string }).source);
    return url;
  });
  jest.spyOn(URL, 'revokeObjectURL').mockImplementation((url) => void blobs.delete(url));
});

afterEach(() => {
  delete page.Worker;
  jest.restoreAllMocks();
  jest.useRealTimers();
});

const theWorker = () => BlobWorker.made[0]!;

describe('workerAlarm', () => {
  it('rings once, when its time has come, from a timer in the worker', () => {
    const ring = jest.fn();
    const pageTimer = jest.spyOn(globalThis, 'setTimeout');
    const alarm = workerAlarm(ring);
    alarm.set(20);
    pass(startup + 19);
    expect(ring).not.toHaveBeenCalled();
    pass(1);
    expect(ring).toHaveBeenCalledTimes(1);
    pass(1000);
    expect(ring).toHaveBeenCalledTimes(1);
    expect(pageTimer).not.toHaveBeenCalled();
    alarm.stop();
  });

  it('replaces its setting when it is set again', () => {
    const ring = jest.fn();
    const alarm = workerAlarm(ring);
    pass(startup);
    alarm.set(15);
    alarm.set(60);
    pass(59);
    expect(ring).not.toHaveBeenCalled();
    pass(1000);
    expect(ring).toHaveBeenCalledTimes(1);
    alarm.stop();
  });

  it('sends the worker whole ms, rounded', () => {
    const alarm = workerAlarm(() => undefined);
    alarm.set(16.67);
    expect(theWorker().received).toEqual([17]);
    alarm.stop();
  });

  it('revokes its Blob URL when the worker has rung, not before, and not again', () => {
    const alarm = workerAlarm(() => undefined);
    alarm.set(1);
    pass(startup);
    expect(blobs.size).toBe(1);
    pass(1);
    expect(blobs.size).toBe(0);
    alarm.set(1);
    pass(1);
    alarm.stop();
    expect(URL.revokeObjectURL).toHaveBeenCalledTimes(1);
  });

  it('terminates the worker, revokes the URL and rings no more when it is stopped', () => {
    const ring = jest.fn();
    const alarm = workerAlarm(ring);
    alarm.set(10);
    pass(startup);
    alarm.stop();
    expect(theWorker()).toMatchObject({ terminated: true, onmessage: null, onerror: null });
    expect(blobs.size).toBe(0);
    pass(1000);
    expect(ring).not.toHaveBeenCalled();
  });

  describe('where no worker can be made from a Blob', () => {
    const refuse = () => {
      throw new Error('refused by the policy');
    };

    it.each([
      ['there are no workers', () => delete page.Worker],
      ['the constructor throws', () => (page.Worker = jest.fn(refuse))],
      ['there are no Blob URLs', () => jest.mocked(URL.createObjectURL).mockImplementation(refuse)],
    ])('rings from a page timer when %s', (_, prepare) => {
      prepare();
      const ring = jest.fn();
      const alarm = workerAlarm(ring);
      alarm.set(9.6);
      pass(9);
      expect(ring).not.toHaveBeenCalled();
      pass(1);
      expect(ring).toHaveBeenCalledTimes(1);
      expect(blobs.size).toBe(0);
      alarm.stop();
    });

    it('rings from a page timer, at its latest setting, when the worker reports an error', () => {
      const ring = jest.fn();
      const alarm = workerAlarm(ring);
      alarm.set(10_000);
      alarm.set(10);
      const error = new Event('error', { cancelable: true });
      theWorker().onerror?.(error);
      expect(error.defaultPrevented).toBe(true); // or the console would show an error
      expect(theWorker().terminated).toBe(true);
      pass(10);
      expect(ring).toHaveBeenCalledTimes(1);
      alarm.set(10);
      alarm.set(20);
      pass(19);
      expect(ring).toHaveBeenCalledTimes(1);
      pass(1);
      expect(ring).toHaveBeenCalledTimes(2);
      alarm.stop();
    });

    it('does not ring again after an error, when it has rung already', () => {
      const ring = jest.fn();
      const alarm = workerAlarm(ring);
      alarm.set(10);
      pass(startup + 10);
      expect(ring).toHaveBeenCalledTimes(1);
      theWorker().onerror?.(new Event('error'));
      pass(1000);
      expect(ring).toHaveBeenCalledTimes(1);
      alarm.stop();
    });

    it('clears the page timer when it is stopped', () => {
      delete page.Worker;
      const alarm = workerAlarm(() => undefined);
      alarm.set(10);
      expect(jest.getTimerCount()).toBe(1);
      alarm.stop();
      expect(jest.getTimerCount()).toBe(0);
    });
  });
});

describe('ticks', () => {
  it('uses a worker of its own, and ends it with the subscription', () => {
    const indices: number[] = [];
    ticks(100)
      .pipe(take(3))
      .subscribe(({ index }) => indices.push(index));
    pass(startup + 20);
    expect(indices).toEqual([0, 1, 2]);
    expect(BlobWorker.made).toHaveLength(1);
    expect(theWorker().terminated).toBe(true);
    expect(blobs.size).toBe(0);
    expect(jest.getTimerCount()).toBe(0);
  });
});
