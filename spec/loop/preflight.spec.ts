import { EMPTY, NEVER, delay, firstValueFrom, of, tap, throwError, type Observable, type SchedulerLike } from 'rxjs';
import { preflight, type Measured, type Measuring, type PreflightConfig, type Step } from '../../src/index.js';
import { storageFacts } from '../../src/loop/measures.js';
import { fakeParallel, fakeSingle, fakeTurns, type FakeEnv } from '../agents/fake-env.js';
import { runMarbles } from '../operators/run-marbles.js';
import { usageError } from '../operators/usage-error.js';

const heap = 64 * 2 ** 20;
const quick = {
  boot: (): Observable<{ bootMs: number; isolated: boolean }> => of({ bootMs: 2500, isolated: true }),
  run: (): Observable<number> => of(heap),
};

interface Given {
  readonly env?: (scheduler: SchedulerLike) => FakeEnv<Step>;
  readonly runtime?: Partial<typeof quick>;
  readonly config?: PreflightConfig;
  /** In ms between two pictures; none where it is not given. */
  readonly frames?: number;
}

/** Measures in virtual time; a step takes 20 ms. */
function measured({ env: make, runtime, config = {}, frames = 10 }: Given = {}) {
  const heard: (Measuring | Measured)[] = [];
  let took = -1;
  let env!: FakeEnv<Step>;
  runMarbles(({ scheduler, animate, flush }) => {
    animate(frames ? `${frames - 1}ms x `.repeat(1200 / frames) : '-');
    env = make ? make(scheduler) : fakeSingle({ length: 1000, step: 20, scheduler });
    preflight({ ...quick, ...runtime }, env, { scheduler, ...config }).subscribe({
      next: (event) => heard.push(event),
      complete: () => (took = scheduler.now()),
    });
    flush();
  });
  return { heard, took, env, result: heard.at(-1) as Measured };
}

const reasons = ({ reasons }: Measured) => reasons.map(({ need, weight, message }) => `${need} ${weight}: ${message}`);

describe('preflight', () => {
  it('says what was measured, and that it is enough', () => {
    const { result } = measured();
    expect(result).toEqual({
      type: 'measured',
      verdict: 'ok',
      reasons: [],
      bootMs: 2500,
      stepsPerSecond: 50,
      frameRate: expect.closeTo(100, 0) as number,
      heapMB: 64,
      isolated: true,
      storage: null,
    });
  });

  it('says what it measures meanwhile, with a ratio that never goes back', () => {
    const { heard } = measured();
    const measuring = heard.slice(0, -1) as Measuring[];
    expect(measuring.map(({ measure }) => measure)).toEqual(['boot', 'steps', 'heap', 'storage']);
    const ratios = measuring.map(({ ratio }) => ratio);
    expect(ratios).toEqual([...ratios].sort((a, b) => a - b));
  });

  it('leaves the env reset, and cuts no step off', () => {
    const { env } = measured();
    expect(env.log.slice(0, 2)).toEqual(['boot', 'reset undefined']);
    expect(env.log.at(-1)).toBe('reset undefined');
    expect(env.latest).not.toHaveProperty('done');
    // of 1,000 ms, and the first one, which is not counted
    expect(env.log.filter((each) => each.startsWith('step'))).toHaveLength(50);
  });

  it('counts neither the first step nor resets', () => {
    const env = (scheduler: SchedulerLike) => fakeSingle({ length: 2, step: 10, reset: 90, scheduler });
    expect(measured({ env }).result.stepsPerSecond).toBe(100);
  });

  it('plays parallel and turn-based envs at random', () => {
    const seen: Measured[] = [];
    for (const make of [() => fakeParallel({ a: 3, b: 3 }), () => fakeTurns()]) {
      runMarbles(({ scheduler, flush }) => {
        const env = make() as unknown as FakeEnv<Step>;
        const step = env.step.bind(env);
        Object.assign(env, {
          step: (action: number) => step(action).pipe(delay(50, scheduler)),
        });
        preflight(quick, env, { scheduler, needs: { frameRate: 0 } }).subscribe((event) => {
          if (event.type === 'measured') seen.push(event);
        });
        flush();
      });
    }
    expect(seen).toMatchObject([
      { verdict: 'ok', stepsPerSecond: 20 },
      { verdict: 'ok', stepsPerSecond: 20 },
    ]);
  });

  it('is slow where steps, frames and boot miss what is needed by the tolerance at most, else unfit', () => {
    const needs = { stepsPerSecond: 60, frameRate: 120, bootMs: 2000 };
    const slow = measured({ config: { needs } }).result;
    expect(slow.verdict).toBe('slow');
    expect(reasons(slow)).toEqual([
      'bootMs slow: the boot took 2500 ms, at most 2000 are needed',
      'stepsPerSecond slow: 50 steps a second, 60 are needed',
      'frameRate slow: 100 pictures a second, 120 are needed',
    ]);
    const unfit = measured({ config: { needs, tolerance: 1.1 } }).result;
    expect(unfit.verdict).toBe('unfit');
    expect(unfit.reasons.map(({ weight }) => weight)).toEqual(['unfit', 'unfit', 'unfit']);
  });

  it('is unfit where memory, storage or isolation is not what is needed', () => {
    const boot = () => of({ bootMs: 1, isolated: false });
    const { result } = measured({
      runtime: { boot },
      config: { needs: { heapMB: 32, storageMB: 5, isolated: true } },
    });
    expect(result.verdict).toBe('unfit');
    expect(reasons(result)).toEqual([
      'heapMB unfit: Python takes 64 MB, at most 32 are needed',
      'storageMB unfit: this page is told of no storage, 5 are needed',
      'isolated unfit: the page is not cross-origin isolated: it lacks the headers COOP and COEP',
    ]);
  });

  it('is slow in a page that paints nothing, unless no frames are needed', () => {
    const hidden = measured({ frames: 0 }).result;
    expect(hidden).toMatchObject({ verdict: 'slow', frameRate: null });
    expect(reasons(hidden)).toEqual(['frameRate slow: no frame was seen: the page is hidden, or has no screen']);
    expect(measured({ frames: 0, config: { needs: { frameRate: 0 } } }).result.verdict).toBe('ok');
  });

  it('takes a boot that fails for a reason, and goes on with what needs no Python', () => {
    const error = new Error('no network');
    const { result, env } = measured({ runtime: { boot: () => throwError(() => error) } });
    expect(result).toMatchObject({ verdict: 'unfit', bootMs: null, stepsPerSecond: null, heapMB: null });
    expect(result.frameRate).toBeCloseTo(100, 0);
    expect(result.reasons).toEqual([
      { need: 'bootMs', weight: 'unfit', message: 'Python or the env did not come up: no network', error },
    ]);
    expect(env.log).toEqual([]);
  });

  it('does not take what ends without a result for well', () => {
    const { result } = measured({ runtime: { boot: () => EMPTY } });
    expect(reasons(result)).toEqual(['bootMs unfit: Python or the env did not come up: it ended without a result']);
  });

  it('takes a step that fails for a reason, and resets the env', () => {
    const broken = (scheduler: SchedulerLike) => {
      const env = fakeSingle({ step: 20, scheduler });
      return Object.assign(env, { step: () => throwError(() => new Error('ValueError: no')) });
    };
    const { result, env } = measured({ env: broken });
    expect(result).toMatchObject({ verdict: 'unfit', stepsPerSecond: null, heapMB: 64 });
    expect(reasons(result)).toEqual(['stepsPerSecond unfit: the env could not be stepped: ValueError: no']);
    expect(env.log).toEqual(['boot', 'reset undefined', 'reset undefined']);
  });

  it.each<[string, Given, number, string]>([
    ['boot', { runtime: { boot: () => NEVER }, config: { bootLimit: 5000, needs: { frameRate: 0 } } }, 6000, 'bootMs'],
    [
      'step',
      { env: () => Object.assign(fakeSingle(), { step: () => NEVER }), config: { limit: 300 } },
      1300,
      'stepsPerSecond',
    ],
    [
      'reset',
      { env: () => Object.assign(fakeSingle(), { reset: () => NEVER }), config: { limit: 300 } },
      1600,
      'stepsPerSecond',
    ],
    [
      'look at the memory',
      { runtime: { run: () => NEVER }, config: { limit: 300, needs: { heapMB: 99 } } },
      1320,
      'heapMB',
    ],
  ])('does not wait for a %s that does not end', (_, given, most, need) => {
    const { result, took } = measured(given);
    expect(took).toBeGreaterThan(0);
    expect(took).toBeLessThanOrEqual(most);
    expect(result.reasons.map((reason) => reason.need)).toEqual([need]);
  });

  it('asks the sources that it is given, and is cancelled by who leaves', () => {
    const asked = measured({ config: { sources: 2 } }).env.log.filter((each) => each.startsWith('step'));
    expect(new Set(asked)).toEqual(new Set(['step 2']));

    let isStopped = false;
    const boot = () => NEVER.pipe(tap({ unsubscribe: () => (isStopped = true) }));
    preflight({ ...quick, boot }, fakeSingle())
      .subscribe()
      .unsubscribe();
    expect(isStopped).toBe(true);
  });

  it('refuses what is no runtime, no env, and a bad option', () => {
    const env = fakeSingle();
    const call =
      (...[runtime, given, config]: unknown[]) =>
      () =>
        preflight(runtime as typeof quick, given as FakeEnv<Step>, config as PreflightConfig);
    expect(call(null, env)).toThrow(usageError('preflight.runtime'));
    expect(call(quick, {})).toThrow(usageError('preflight.env'));
    expect(call(quick, env, { needs: { fps: 1 } })).toThrow(usageError('preflight.needs.fps'));
    expect(call(quick, env, { needs: { stepsPerSecond: -1 } })).toThrow(usageError('preflight.needs.stepsPerSecond'));
    expect(call(quick, env, { limit: Infinity })).toThrow(usageError('preflight.limit'));
    expect(call(quick, env, { duration: 10 })).toThrow(usageError('preflight.duration'));
  });
});

describe('the storage of a site', () => {
  const globals = globalThis as { navigator?: unknown };
  const before = Object.getOwnPropertyDescriptor(globals, 'navigator');
  const give = (storage: unknown) =>
    Object.defineProperty(globals, 'navigator', { value: { storage }, configurable: true });
  afterEach(() => {
    delete globals.navigator;
    if (before) Object.defineProperty(globals, 'navigator', before);
  });

  it('is what the browser says', async () => {
    give({ estimate: () => Promise.resolve({ quota: 1000, usage: 10 }), persisted: () => Promise.resolve(true) });
    expect(await firstValueFrom(storageFacts())).toEqual({ quota: 1000, usage: 10, persisted: true });
  });

  it('is unknown where the browser has none', async () => {
    give(undefined);
    expect(await firstValueFrom(storageFacts())).toBeNull();
  });

  it('is not waited for without end', () => {
    give({ estimate: () => new Promise(() => undefined) });
    const { result, took } = measured({ config: { limit: 300, needs: { storageMB: 1 } } });
    expect(took).toBe(1300);
    expect(reasons(result)).toEqual(['storageMB unfit: this page is told of no storage, 1 are needed']);
  });
});
