import { runInNewContext } from 'node:vm';
import { map, repeat, take } from 'rxjs';
import { attention$ } from '../../src/loop/attention.js';
import { lingerMs } from '../../src/loop/linger.js';
import { steadyAlarm } from '../../src/loop/steady-alarm.js';
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
  pass(lingerMs); // or the next test would share this one's worker
  delete page.Worker;
  jest.restoreAllMocks();
  jest.useRealTimers();
});

const theWorker = () => BlobWorker.made[0]!;
/** The delays that the worker was sent. */
const delays = () => theWorker().received.map((message) => (message as readonly number[])[2]);

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
    expect(jest.getTimerCount()).toBe(1); // of the worker
    pass(59);
    expect(ring).not.toHaveBeenCalled();
    pass(1000);
    expect(ring).toHaveBeenCalledTimes(1);
    alarm.stop();
  });

  it('sends the worker whole ms, rounded', () => {
    const alarm = workerAlarm(() => undefined);
    alarm.set(16.67);
    expect(delays()).toEqual([17]);
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

  it('rings no more when it is stopped, and is not set again', () => {
    const ring = jest.fn();
    const alarm = workerAlarm(ring);
    alarm.set(10);
    pass(startup);
    alarm.stop();
    alarm.set(10);
    alarm.stop();
    pass(500);
    expect(theWorker().terminated).toBe(false);
    expect(ring).not.toHaveBeenCalled();
  });

  it('shares one worker with all others, each with times of its own', () => {
    const rings: string[] = [];
    const [first, second] = ['first', 'second'].map((name) => workerAlarm(() => rings.push(name)));
    first!.set(30);
    second!.set(20);
    pass(startup + 30);
    expect(rings).toEqual(['second', 'first']);
    first!.set(10);
    second!.stop();
    pass(10);
    expect(rings).toEqual(['second', 'first', 'first']);
    expect(BlobWorker.made).toHaveLength(1);
    first!.stop();
  });

  it('rings no more for a setting that was replaced while its ring was on its way', () => {
    const ring = jest.fn();
    const alarm = workerAlarm(ring);
    pass(startup);
    alarm.set(10);
    const [, id] = theWorker().received[0] as readonly number[];
    alarm.set(50);
    theWorker().onmessage?.({ data: id });
    expect(ring).not.toHaveBeenCalled();
    pass(50);
    expect(ring).toHaveBeenCalledTimes(1);
    alarm.stop();
  });

  it('ends the worker a while after the last alarm was stopped, and starts none anew before', () => {
    workerAlarm(() => undefined).stop();
    pass(lingerMs - 1);
    const again = workerAlarm(() => undefined);
    pass(lingerMs);
    expect(theWorker().terminated).toBe(false);
    again.stop();
    pass(lingerMs - 1);
    expect(theWorker().terminated).toBe(false);
    pass(1);
    expect(theWorker()).toMatchObject({ terminated: true, onmessage: null, onerror: null });
    expect(blobs.size).toBe(0);
    expect(jest.getTimerCount()).toBe(0);
    workerAlarm(() => undefined).stop();
    expect(BlobWorker.made).toHaveLength(2);
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
      alarm.set(10_000);
      expect(jest.getTimerCount()).toBe(1);
      alarm.stop();
      pass(lingerMs);
      expect(jest.getTimerCount()).toBe(0);
    });

    it('tries a worker once, not at each new alarm', () => {
      const constructor = jest.fn(refuse);
      page.Worker = constructor;
      for (let step = 0; step < 3; step += 1) {
        workerAlarm(() => undefined).stop();
        pass(lingerMs - 1);
      }
      expect(constructor).toHaveBeenCalledTimes(1);
    });

    it('keeps alarms apart on the page, too', () => {
      delete page.Worker;
      const rings: string[] = [];
      const [first, second] = ['first', 'second'].map((name) => workerAlarm(() => rings.push(name)));
      first!.set(30);
      second!.set(20);
      pass(20);
      second!.stop();
      pass(10);
      expect(rings).toEqual(['second', 'first']);
      first!.stop();
    });
  });
});

/** A page that is hidden, or not, while a test runs. */
function fakeDocument(visibilityState: 'hidden' | 'visible') {
  const page = Object.assign(new EventTarget(), { visibilityState });
  (globalThis as { document?: unknown }).document = page;
  return (state: 'hidden' | 'visible') => {
    page.visibilityState = state;
    page.dispatchEvent(new Event('visibilitychange'));
  };
}
afterEach(() => {
  delete (globalThis as { document?: unknown }).document;
});

describe('steadyAlarm', () => {
  it('rings from the page while it is visible, from the worker while it is hidden, each time once and when it is due', () => {
    const turn = fakeDocument('visible');
    const rings: number[] = [];
    const begun = performance.now();
    const alarm = steadyAlarm(() => rings.push(performance.now() - begun));
    alarm.set(20);
    pass(20);
    alarm.set(100);
    pass(40);
    expect(BlobWorker.made).toHaveLength(0);
    turn('hidden');
    expect(delays()).toEqual([60]);
    pass(startup + 59);
    expect(rings).toEqual([20]);
    pass(1);
    alarm.set(100);
    pass(70);
    turn('visible');
    pass(29);
    expect(rings).toEqual([20, startup + 120]);
    pass(1000);
    expect(rings).toEqual([20, startup + 120, startup + 220]);
    expect(theWorker().terminated).toBe(true);
    alarm.stop();
  });

  it('is silent and at rest when it is stopped, also when the page is hidden then', () => {
    const turn = fakeDocument('visible');
    const ring = jest.fn();
    const alarm = steadyAlarm(ring);
    alarm.set(10);
    alarm.stop();
    alarm.set(10);
    turn('hidden');
    pass(1000);
    expect(ring).not.toHaveBeenCalled();
    expect(BlobWorker.made).toHaveLength(0);
  });
});

describe('ticks of a hidden page', () => {
  beforeEach(() => {
    fakeDocument('hidden');
  });

  it('use a worker, and end it a while after the subscription', () => {
    const indices: number[] = [];
    ticks(100)
      .pipe(take(3))
      .subscribe(({ index }) => indices.push(index));
    pass(startup + 20);
    expect(indices).toEqual([0, 1, 2]);
    expect(BlobWorker.made).toHaveLength(1);
    pass(lingerMs);
    expect(theWorker().terminated).toBe(true);
    expect(blobs.size).toBe(0);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('have one worker for all clocks, and for all subscriptions to them', () => {
    const slow$ = ticks(10);
    const subscriptions = [slow$, slow$, ticks(50)].map((ticks$) => ticks$.subscribe());
    const times: number[] = [];
    subscriptions.push(
      slow$
        .pipe(
          take(1),
          map(({ time }) => times.push(time)),
          repeat(),
        )
        .subscribe(),
    );
    pass(2000);
    expect(BlobWorker.made).toHaveLength(1);
    expect(times.length).toBeGreaterThanOrEqual(19);
    expect(times.length).toBeLessThanOrEqual(21);
    for (const subscription of subscriptions) subscription.unsubscribe();
    pass(lingerMs);
    expect(theWorker().terminated).toBe(true);
  });
});

describe('attention$', () => {
  const globals = globalThis as { window?: unknown; document?: unknown };
  afterEach(() => {
    delete globals.window;
    delete globals.document;
  });

  it('has its alarms in the worker, since those of a hidden page are slowed down', () => {
    const pageTimer = jest.spyOn(globalThis, 'setTimeout');
    globals.window = new EventTarget();
    globals.document = Object.assign(new EventTarget(), { visibilityState: 'hidden' });
    const states: string[] = [];
    const subscription = attention$().subscribe(({ type }) => states.push(type));
    expect(delays()).toEqual([3000, 10_000]);
    pass(startup + 9999);
    expect(states).toEqual(['away', 'warn']);
    expect(pageTimer).not.toHaveBeenCalled();
    pass(1);
    expect(states).toEqual(['away', 'warn', 'exclude']);
    subscription.unsubscribe();
  });
});
