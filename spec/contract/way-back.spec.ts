import { Subject, first, firstValueFrom, lastValueFrom, toArray, type Observable } from 'rxjs';
import type {
  Endpoint,
  EnvSpec,
  GymEnv,
  Incident,
  PythonRuntime,
  RuntimeOptions,
  WorkerFactory,
} from '../../src/index';
import { realOptions, realRuntime, unhurried } from '../helpers/real-runtime';

const delay = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const value = <T>(command$: Observable<T>): Promise<T> => firstValueFrom(command$);
const failure = (command$: Observable<unknown>): Promise<unknown> =>
  lastValueFrom(command$).catch((error: unknown) => error);
const resume = { onCrash: 'resume' } as const;

/** Counts its steps, answers what the expression says, and runs what it is told before that. */
const counting = (answers = 'self.n', { init = 'pass', step = 'pass', more = '' } = {}): EnvSpec => ({
  source: `
import time
class Env:
    def __init__(self):
        self.n = 0
        ${init}
    def reset(self, *, seed=None, options=None):
        return None, {}
    def step(self, action):
        if callable(globals().get('before')):
            before()
        self.n += 1
        ${step.replaceAll('\n', '\n        ')}
        return ${answers}, 1.0, False, False, {}
${more}
env = Env()`,
});
/** No pickle takes it, so that there are no checkpoints. */
const uncapturable = 'self.waves = (value for value in ())';
const never = { every: 10_000, ms: Infinity };

describe('the way back', () => {
  let runtime: PythonRuntime;
  let reports: Incident[];
  let worker: Endpoint;
  let shared: PythonRuntime | undefined;
  let envs: GymEnv[];
  /** One runtime for all that want nothing special. */
  const start = (options?: RuntimeOptions): void => {
    reports = [];
    if (options) runtime = made(options);
    else runtime = shared ??= made({});
  };
  const made = (options: RuntimeOptions): PythonRuntime => {
    const make = realOptions().worker as WorkerFactory;
    const remembered = (): Endpoint => (worker = make());
    const fresh = realRuntime({
      worker: remembered,
      ...options,
      restart: { backoff: 1, limit: 100, ...options.restart },
    });
    fresh.incidents$.subscribe((report) => reports.push(report));
    return fresh;
  };
  const envOf = (spec: EnvSpec): GymEnv => {
    const env = runtime.env(spec);
    envs.push(env);
    return env;
  };
  const die = (): Promise<unknown> => failure(runtime.run('import os; os._exit(1)'));
  const observation = async (env: GymEnv): Promise<unknown> => (await value(env.step(0))).observation;
  beforeEach(() => {
    envs = [];
  });
  afterEach(async () => {
    // one that is alone has more in its checkpoints
    for (const env of envs) await failure(env.close());
    if (runtime !== shared) runtime.dispose();
  });
  afterAll(() => {
    shared?.dispose();
  });

  it('ends what was sent on it, also when the interpreter dies on it once more', async () => {
    start();
    const env = envOf({ ...counting('self.n', { init: uncapturable }), recovery: never });
    await value(env.step(0));
    await value(env.step(0));
    const resumed = new Subject<unknown>();
    const before = (await value(runtime.ready$)).attempt;
    const ends = firstValueFrom(resumed.pipe(toArray()));
    env.progress$.pipe(first(({ stage, attempt }) => stage === 'env' && attempt > before)).subscribe(() => {
      env.step(0, resume).subscribe(resumed);
      worker.terminate();
    });
    await die();

    expect(await ends).toMatchObject([{ index: 3, observation: 3 }]);
    expect(reports).toMatchObject([{ type: 'crash' }, { type: 'crash' }, { type: 'recovered' }]);
  });

  it('brings along what ran before, whether or not an env does', async () => {
    start();
    await value(runtime.run('x = 1'));
    await value(runtime.setGlobals({ y: 2 }));
    await value(runtime.run('calls = []; z = x + y'));
    await value(runtime.run('calls.append(z)'));
    await die();

    expect(await value(runtime.run('[x, y, z, calls]'))).toEqual([1, 2, 3, [3]]);
  });

  it('brings along what a closed env was there with, for the next', async () => {
    start();
    await value(runtime.run('def helper(n):\n    return n * 10'));
    const first = envOf(counting('helper(self.n)'));
    expect(await observation(first)).toBe(10);
    await value(first.close());
    await die();

    expect(await observation(envOf(counting('helper(self.n)')))).toBe(10);
  });

  it('brings along what ran, when the interpreter dies in a first set-up', async () => {
    start();
    await value(runtime.run('def helper(n):\n    return n * 10'));
    const env = envOf(counting('helper(self.n)', { init: 'helper(time.sleep(0.5) or 1)' }));
    env.progress$.pipe(first(({ stage }) => stage === 'env')).subscribe(() => worker.terminate());

    expect(await failure(env.step(0, resume))).toMatchObject({ observation: 10 });
    expect(reports).toMatchObject([{ type: 'crash', error: { phase: 'setUp' } }]);
  });

  it('keeps code, however many globals were set since', async () => {
    start({ restart: { log: 5 } });
    await value(runtime.run('def helper(n):\n    return n * wind'));
    await value(runtime.setGlobals({ wind: 0 }));
    const env = envOf(counting('helper(self.n)'));
    await value(env.step(0));
    for (let wind = 0; wind < 20; wind++) await value(runtime.setGlobals({ wind }));
    await value(env.getState());
    await die();

    expect(await observation(env)).toBe(2 * 19);
  });

  const scoring = counting('[self.n, score, wind]', {
    init: 'pass',
    step: 'global score\nscore += 1\nwhile action == "loop": pass',
    more: 'score = 0\nwind = 0',
  });
  const windy: EnvSpec = { ...scoring, beforeStep: 'wind += 1' };

  it('brings along the plain values that an env keeps beside itself in __main__', async () => {
    start();
    const env = envOf(windy);
    for (let i = 0; i < 3; i++) await value(env.step(0));
    await value(env.getState());
    await die();

    expect(await observation(env)).toEqual([4, 4, 4]);
    expect(reports).toMatchObject([{ type: 'crash' }, { type: 'recovered', replayed: 0 }]);
  });

  it('puts them back also where a step did not happen, and nothing died', async () => {
    start();
    const env = envOf(windy);
    await value(env.step(0));
    await value(env.getState());
    await value(env.step(0));
    expect(await failure(env.step('loop', { deadline: 200 }))).toMatchObject({ outcome: 'interrupted' });

    expect(await observation(env)).toEqual([3, 3, 3]);
    expect(reports).toMatchObject([{ type: 'recovered', how: 'same', replayed: 1 }]);
  });

  it('leaves none behind that only the step that did not happen had bound', async () => {
    start();
    const step = 'global hits\nhits = globals().get("hits", 0) + 1\nwhile action == "loop": pass';
    const env = envOf(counting('[self.n, hits]', { step, more: 'globals().pop("hits", None)' }));
    await value(env.reset());
    await value(env.getState());
    await failure(env.step('loop', { deadline: 200 }));

    expect(await observation(env)).toEqual([1, 1]);
  });

  it.each(['loop', 'die'])('leaves them as they are, too, when the next step ends by %s', async (action) => {
    start();
    const env = envOf(windy);
    await value(env.step(0));
    const state = await value(env.getState());
    await value(runtime.setGlobals({ wind: 10 }));
    await value(env.step(0));
    // at once: no checkpoint comes between
    const brought = value(env.setState(state));
    const ended = action === 'die' ? die() : failure(env.step(action, { deadline: 200 }));
    await Promise.all([brought, ended]);

    expect(await observation(env)).toEqual([2, 3, 12]);
  });

  it('sets globals that came later no sooner', async () => {
    start();
    const env = envOf({ ...counting('[self.n, globals().get("breeze", 0)]'), recovery: never });
    await value(env.step(0));
    await value(runtime.setGlobals({ breeze: 10 }));
    await value(env.step(0));
    await die();

    expect(await observation(env)).toEqual([3, 10]);
    expect(reports.at(-1)).toMatchObject({ type: 'recovered', replayed: 3 });
  });

  it('runs nothing again that ran before the set-up, where the interpreter lives on', async () => {
    start();
    await value(runtime.run('visits = [*globals().get("visits", []), 1]'));
    const env = envOf({ ...scoring, recovery: never });
    await value(env.reset());
    await failure(env.step('loop', { deadline: 200 }));

    expect(await value(runtime.run('len(visits)'))).toBe(1);
  });

  it('keeps what a wrapper shares with an env that has a state of its own', async () => {
    start();
    const env = envOf({
      source: `
class Inner:
    def __init__(self):
        self.items = []
        self.unwrapped = self
    def reset(self, *, seed=None, options=None):
        return 0, {}
    def step(self, action):
        self.items.append(1)
        while action == 'loop': pass
        return len(self.items), 1.0, False, False, {}
    def get_state(self):
        return list(self.items)
    def set_state(self, items):
        self.items[:] = items
class Wrapper:
    def __init__(self, env):
        self.env, self.unwrapped, self.items = env, env, env.items
    def reset(self, **more):
        return self.env.reset(**more)
    def step(self, action):
        _, *rest = self.env.step(action)
        return len(self.items), *rest
env = Wrapper(Inner())`,
      recovery: never,
    });
    await value(env.step(0));
    await value(env.getState());
    await failure(env.step('loop', { deadline: 200 }));

    expect([await observation(env), await observation(env)]).toEqual([2, 3]);
  });

  it('knows what a policy is to see next', async () => {
    start();
    const env = envOf({ ...counting('[self.n]'), recovery: never });
    await value(env.step(0));
    await value(env.step(0));
    await value(env.getState());
    await die();
    const policy = 'def policy(observation):\n    return observation[0] * 10';

    expect(await value(env.rollout({ policy, steps: 2 }))).toMatchObject({
      actions: { data: new Int32Array([20, 30]) },
    });
  });

  it('says that it does not know it, where that cannot be pickled', async () => {
    start();
    const env = envOf({ ...counting('memoryview(bytes([self.n, 0]))[::2]'), recovery: never });
    await value(env.step(0));
    await value(env.getState());
    await die();
    const policy = 'def policy(observation):\n    return observation[0]';

    expect(await failure(env.rollout({ policy, steps: 1 }))).toMatchObject({
      type: 'TypeError',
      message: expect.stringContaining('cannot be pickled'),
    });
    expect(await value(env.step(0))).toMatchObject({ index: 2 });
  });

  it('leaves them alone where a user brings a state back', async () => {
    start();
    const env = envOf(windy);
    await value(env.step(0));
    const state = await value(env.getState());
    await value(env.step(0));
    await value(runtime.setGlobals({ wind: 10 }));
    await value(env.setState(state));
    expect(await observation(env)).toEqual([2, 3, 11]);
    await die();

    expect(await observation(env)).toEqual([3, 4, 12]);
  });

  it('has as long as what it does again had', async () => {
    start({ deadlines: { run: 600, step: 600 } });
    const env = envOf({ ...counting('self.n', { init: uncapturable, step: 'time.sleep(0.1)' }), recovery: never });
    for (let i = 0; i < 10; i++) await value(env.step(0));
    await die();

    expect(await observation(env)).toBe(11);
  });

  it('that takes too long is told as a StateError, and the env begins anew', async () => {
    start({ deadlines: { step: 200, reset: 200, run: 1500, grace: 300 } });
    // quick until then; what comes of a step is the same
    const step = "time.sleep(6 if action == 'slow' and time.time() > until else 0)";
    const env = envOf({ ...counting('self.n', { init: uncapturable, step }), recovery: never });
    await value(env.reset());
    await value(runtime.setGlobals({ until: Date.now() / 1000 + 1 }));
    await value(env.step('slow'));
    await delay(1500);
    const dying = die();
    const resumed = failure(env.step('quick', resume));
    await dying;

    expect(await resumed).toMatchObject({
      name: 'StateError',
      command: 'recovery',
      message: expect.stringContaining('took too long'),
    });
    expect(await value(env.step('quick'))).toMatchObject({ index: 1, observation: 1 });
    expect(reports).toContainEqual({ type: 'unrecoverable', error: await resumed });
  });

  it('that is lost is told on incidents$, though nobody waits for it', async () => {
    start();
    const env = envOf({ ...counting('self.n', { init: uncapturable }), recovery: { ...never, log: 2 } });
    for (let i = 0; i < 4; i++) await value(env.step(0));
    await die();
    await value(runtime.run('1'));

    expect(await value(env.step(0, resume))).toMatchObject({ index: 1, observation: 1 });
    expect(reports).toMatchObject([
      { type: 'crash' },
      { type: 'unrecoverable', error: { name: 'StateError', command: 'recovery' } },
    ]);
  });

  it('goes on where the interpreter died while the env’s packages were installed', async () => {
    start();
    const spec = { ...counting(), packages: ['no-such-package'] };
    const unknown = (await failure(envOf(spec).step(0))) as Error;
    const env = envOf(spec);
    const ends = failure(env.step(0, resume));
    worker.terminate();

    expect(await ends).toEqual(unknown);
    expect(reports).toMatchObject([{ type: 'crash', error: { phase: 'install' } }]);
  });

  it('ends for what waits when the env is closed on it', async () => {
    start();
    const env = envOf(counting());
    await value(env.step(0));
    const died = firstValueFrom(runtime.incidents$);
    runtime.run('import os; os._exit(1)').subscribe({ error: () => undefined });
    await died;
    const waiting = failure(env.step(0, resume));
    await value(env.close());

    expect(await waiting).toMatchObject({ name: 'DisposedError' });
  });

  it('is not endangered by a state that takes long to get', async () => {
    start({ deadlines: { step: 300 } });
    const slow = `
    asked = 0
    def get_state(self):
        Env.asked += 1
        time.sleep(0.6)
        return self.n
    def set_state(self, n): self.n = n`;
    const more = { init: uncapturable, more: slow };
    const env = envOf({ ...counting('self.n', more), recovery: { every: 3, ...unhurried } });
    for (let i = 1; i <= 12; i++) expect(await observation(env)).toBe(i);
    expect(await value(runtime.run('Env.asked'))).toBeGreaterThan(0);
    await die();

    expect(await observation(env)).toBe(13);
    expect(reports).toMatchObject([{ type: 'crash' }, { type: 'recovered' }]);
  });
});
