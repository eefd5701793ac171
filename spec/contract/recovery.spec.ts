import { Subject, filter, firstValueFrom, take, toArray, type Observable } from 'rxjs';
import {
  stepWith,
  type EnvState,
  type GymEnv,
  type PythonRuntime,
  type Unrecoverable,
  type RuntimeOptions,
  type SourceSpec,
} from '../../src/index';
import { realRuntime, unhurried } from '../helpers/real-runtime';

const value = <T>(command$: Observable<T>): Promise<T> => firstValueFrom(command$);
const failure = (command$: Observable<unknown>): Promise<unknown> =>
  firstValueFrom(command$).catch((error: unknown) => error);
const resume = { onCrash: 'resume' } as const;

/** An env that draws from a generator of its own and from the module's, keeps a history, and dies of `"die"`. */
const drawing = (more = ''): SourceSpec => ({
  source: `
import random
class Env:
    def reset(self, *, seed=None, options=None):
        if seed is not None or not hasattr(self, "own"):
            self.own = random.Random(seed)
        self.seen = []
        return self.look(), {}
    def look(self):
        return [len(self.seen), self.own.random(), random.random()]
    def step(self, action):
        if action == "die":
            import ctypes
            ctypes.string_at(1 << 31)
        if action == "loop":
            while True: pass
        self.seen.append(action)
        return self.look(), 1.0, False, False, {}
${more}
env = Env()`,
});

describe('an env that outlives its interpreter', () => {
  let runtime: PythonRuntime;
  const start = (spec: SourceSpec, options: RuntimeOptions = {}): GymEnv => {
    runtime = realRuntime({ ...options, restart: { backoff: 1, limit: 100, ...options.restart } });
    return runtime.env(spec);
  };
  const die = (): Promise<unknown> => failure(runtime.run('import os; os._exit(1)'));
  const recovered = (): Promise<unknown> =>
    failure(runtime.incidents$.pipe(filter((report) => report.type === 'recovered')));
  afterEach(() => {
    runtime.dispose();
  });

  /** The observations of a seeded run with deaths between, in and after steps. */
  async function play(env: GymEnv, deaths: readonly number[]): Promise<unknown[]> {
    await value(env.seed(11)); // the module's generator
    const seen: unknown[] = [(await value(env.reset({ seed: 7 }))).observation];
    for (let i = 0; i < 12; i++) {
      if (deaths.includes(i)) await die();
      if (i === 6) seen.push((await value(env.reset(resume))).observation);
      const { observation, index, episode, return: total } = await value(env.step(i, resume));
      seen.push([observation, index, episode, total]);
    }
    return seen;
  }

  let undisturbed: unknown[] | undefined;

  it.each<[name: string, more: string, recovery: SourceSpec['recovery']]>([
    ['is pickled, with checkpoints', '', { every: 2, ...unhurried }],
    ['is pickled, without', '', { ms: Infinity }],
    [
      'has get_state and set_state',
      `
    def get_state(self): return [self.own.getstate(), list(self.seen)]
    def set_state(self, state): self.own, self.seen = random.Random(), state[1]; self.own.setstate(state[0])`,
      { every: 2, ...unhurried },
    ],
    [
      'cannot be pickled, so that all is replayed',
      '    cannot = property(lambda self: self)\n    def __getstate__(self): raise TypeError("no")',
      {},
    ],
  ])('sees what an undisturbed run sees, when it %s', async (_, more, recovery) => {
    // the same for all of them
    undisturbed ??= await play(start(drawing()), []);
    runtime.dispose();
    expect(await play(start({ ...drawing(more), recovery }), [1, 6, 11])).toEqual(undisturbed);
  });

  it('draws again what nobody seeded', async () => {
    const env = start(drawing());
    const first = await value(env.reset());
    const second = await value(env.step(1));
    await die();
    const state = await value(env.getState());
    const third = await value(env.step(1));
    await value(env.setState(state));
    expect((await value(env.step(1))).observation).toEqual(third.observation);
    expect(new Set([first, second, third].map(({ observation }) => JSON.stringify(observation))).size).toBe(3);
  });

  it('replays globals and code at their own time, also code that the source needs', async () => {
    const env = start({
      source: `
class Env:
    def reset(self, *, seed=None, options=None): return helper(), {}
    def step(self, action): return [helper(), speed], 1.0, False, False, {}
env = Env()`,
      globals: {},
      recovery: { ms: Infinity },
    });
    await value(runtime.run('speed = 1\ndef helper(): return "first"'));
    await value(env.reset());
    await value(env.step(0));
    await value(runtime.setGlobals({ speed: 2 }));
    await value(env.step(0));
    await value(runtime.run('def helper(): return "second"'));
    await value(env.step(0));
    const replayed = recovered();
    await die();
    expect((await value(env.step(0))).observation).toEqual(['second', 2]);
    // code is followed by a checkpoint
    expect(await replayed).toMatchObject({ replayed: 1, checkpoint: true });

    // a checkpoint holds the env; the globals of its time come first in the log
    await value(env.getState());
    await value(env.step(0));
    await value(runtime.setGlobals({ speed: 3 }));
    const again = recovered();
    await die();
    expect((await value(env.step(0))).observation).toEqual(['second', 3]);
    expect(await again).toMatchObject({ replayed: 2, checkpoint: true });
  });

  it('stands before a step that was interrupted, and after a worker that would not be', async () => {
    const env = start(drawing(), { deadlines: { grace: 200 } });
    await value(env.reset({ seed: 1 }));
    await value(env.step(1));
    const hash = await value(env.stateHash());
    expect(await failure(env.step('loop', { deadline: 200 }))).toMatchObject({ outcome: 'interrupted' });
    expect(await value(env.stateHash())).toBe(hash);
    env.step('loop').subscribe().unsubscribe();
    expect(await value(env.stateHash())).toBe(hash);
    expect(await value(runtime.ready$)).toMatchObject({ attempt: 1 });
  });

  it('replaces the worker of a step that swallows its interrupt, and stands before it', async () => {
    const env = start(
      {
        source: `
class Env:
    n = 0
    def reset(self, *, seed=None, options=None): return 0, {}
    def step(self, action):
        self.n += 1
        while action == "deaf":
            try:
                while True: pass
            except KeyboardInterrupt: pass
        return self.n, 1.0, False, False, {}
env = Env()`,
      },
      { deadlines: { grace: 200 } },
    );
    await value(env.step(1));
    expect(await failure(env.step('deaf', { deadline: 200 }))).toMatchObject({
      name: 'DeadlineError',
      outcome: 'replaced',
    });
    expect(await value(env.step(1))).toMatchObject({ observation: 2, index: 2 });
    expect(await value(runtime.ready$)).toMatchObject({ attempt: 2 });
  });

  const clocked: SourceSpec = {
    source: `
import time
class Env:
    def reset(self, *, seed=None, options=None): return 0, {}
    def step(self, action): return time.perf_counter(), 1.0, False, False, {}
env = Env()`,
    recovery: { ms: Infinity },
  };

  it('says that an env is not deterministic, and begins anew', async () => {
    const env = start(clocked);
    const reports = value(runtime.incidents$.pipe(take(2), toArray()));
    await value(env.reset());
    await value(env.step(1));
    const dead = die();
    const [resumed] = await Promise.all([failure(env.step(1, resume)), dead]);
    expect(resumed).toMatchObject({ name: 'ReplayDivergedError', at: 1 });
    expect(((await reports)[1] as Unrecoverable).error).toBe(resumed);
    expect(await value(env.step(1))).toMatchObject({ index: 1, episode: 2 });
  });

  it('goes on with a new episode where that was the second choice', async () => {
    const env = start(clocked);
    await value(env.reset());
    await value(env.step(1));
    const actions$ = new Subject<number>();
    const steps = value(actions$.pipe(stepWith(env, { ...resume, onUnrecoverable: 'reset' }), take(1)));
    const dead = die();
    actions$.next(1);
    await dead;
    await value(env.ready$);
    const again = setInterval(() => actions$.next(2), 50);
    expect(await steps).toMatchObject({ index: 1, episode: expect.any(Number) as number });
    clearInterval(again);
  });

  it('tells who resumes that the log was too short for an env without checkpoints', async () => {
    const env = start({ ...drawing('    def __reduce__(self): raise TypeError("no")'), recovery: { log: 3, ms: 1 } });
    await value(env.reset());
    for (let i = 0; i < 5; i++) await value(env.step(i));
    const dead = die();
    const [resumed] = await Promise.all([failure(env.step(1, resume)), dead]);
    expect(resumed).toMatchObject({ name: 'StateError' });
    expect(await value(env.step(1))).toMatchObject({ index: 1 });
  });

  it.each(['spare', 'snapshot'] as const)(
    'comes back from a %s',
    async (how) => {
      const env = start(drawing(), { restart: { spare: how === 'spare', snapshot: how === 'snapshot' } });
      await value(env.reset({ seed: 1 }));
      await value(env.step(1));
      const before = await value(env.stateHash());
      // both are made in the background; how long that takes is the machine's affair
      for (let deaths = 1; deaths < 8; deaths++) {
        await new Promise((resolve) => setTimeout(resolve, 5000 * deaths));
        await die();
        expect(await value(env.stateHash())).toBe(before);
        if ((await value(runtime.ready$)).how === how) break;
      }
      expect((await value(runtime.ready$)).how).toBe(how);
      expect(await value(env.step(1, resume))).toMatchObject({ index: 2 });
    },
    300_000,
  );
});

describe('the state of an env', () => {
  let runtime: PythonRuntime;
  beforeAll(() => {
    runtime = realRuntime();
  });
  afterAll(() => {
    runtime.dispose();
  });

  it('goes to another interpreter, with counters and generators', async () => {
    const env = runtime.env(drawing());
    await value(env.reset({ seed: 3 }));
    await value(env.step(1));
    const state = structuredClone(await value(env.getState()));
    const expected = await value(env.step(2));

    const other = realRuntime();
    const twin = other.env(drawing());
    await value(twin.setState(state));
    expect(await value(twin.step(2))).toEqual(expected);
    expect(await value(twin.stateHash())).toBe(await value(env.stateHash()));
    await value(twin.step(3));
    expect(await value(twin.stateHash())).not.toBe(await value(env.stateHash()));
    other.dispose();
  });

  it('is the own one of what a wrapper wraps', async () => {
    const env = runtime.env({
      source: `
class Inner:
    value = 0
    def get_state(self): return {"value": self.value}
    def set_state(self, state): self.value = state["value"]
class Wrapper:
    unwrapped = Inner()
    unpicklable = lambda self: None
    def __reduce__(self): raise TypeError("not this one")
    def reset(self, *, seed=None, options=None): self.unwrapped.value = 5; return 0, {}
    def step(self, action): self.unwrapped.value += action; return self.unwrapped.value, 0, False, False, {}
env = Wrapper()`,
    });
    await value(env.reset());
    const state = await value(env.getState());
    await value(env.step(10));
    await value(env.setState(state));
    expect(await value(env.step(1))).toMatchObject({ observation: 6 });
  });

  it('has a hash in which the order of dicts and sets is nothing', async () => {
    const env = (fields: string): GymEnv =>
      runtime.env({
        source: `
class Env:
    def __init__(self): self.fields = ${fields}; self.me = self
    def reset(self, *, seed=None, options=None): return 0, {}
    def step(self, action): return 0, 0, False, False, {}
env = Env()`,
      });
    const one = await value(env('{"a": 1, "b": {"x", "y"}}').stateHash());
    const two = await value(env('{"b": {"y", "x"}, "a": 1}').stateHash());
    const three = await value(env('{"b": {"y", "x"}, "a": 1.0}').stateHash());
    expect(one).toMatch(/^[0-9a-f]{64}$/);
    expect([one === two, one === three]).toEqual([true, false]);
  });

  it('that cannot be had is a StateError that names why', async () => {
    const env = runtime.env(drawing('    def __reduce__(self): raise TypeError("holds a socket")'));
    for (const command$ of [env.getState(), env.stateHash()]) {
      const error = await failure(command$ as Observable<unknown>);
      expect(error).toMatchObject({ name: 'StateError' });
      expect((error as Error).message).toContain('holds a socket');
    }
    const broken: EnvState = { format: 2, bytes: new Uint8Array([1, 2, 3]) };
    expect(await failure(env.setState(broken))).toMatchObject({ name: 'StateError', command: 'setState' });
    const wrong = { format: 2 } as unknown as EnvState;
    expect(await failure(env.setState(wrong))).toMatchObject({ name: 'UsageError', option: 'state' });
  });

  it('is seeded without a new episode; 0 is a seed', async () => {
    const env = runtime.env(drawing());
    await value(env.reset({ seed: 1 }));
    const draw = async (): Promise<unknown> => {
      await value(env.seed(0));
      return ((await value(env.step(1))).observation as number[])[2];
    };
    expect(await draw()).toBe(await draw());
    expect(await failure(env.seed(-1))).toMatchObject({ name: 'UsageError', option: 'seed' });
  });
});
