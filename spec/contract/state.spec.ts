import { Subject, concat, filter, firstValueFrom, lastValueFrom, shareReplay, toArray, type Observable } from 'rxjs';
import {
  stepWith,
  type Incident,
  type EnvSpec,
  type EnvState,
  type GymEnv,
  type ParallelStep,
  type PythonRuntime,
  type RecoveryOptions,
  type Step,
} from '../../src/index';
import { realRuntime, unhurried } from '../helpers/real-runtime';

const endless = { restart: { limit: 1000, backoff: 0 }, deadlines: { grace: 200 } };
let runtime: PythonRuntime;
/** Where nothing ever dies. */
let other: PythonRuntime;
let envs: GymEnv[] = [];
let crashes: Incident[] = [];

beforeAll(() => {
  runtime = realRuntime(endless);
  other = realRuntime(endless);
  runtime.incidents$.subscribe((crash) => crashes.push(crash));
});
afterEach(async () => {
  for (const env of envs) await outcome(env.close());
  envs = [];
  crashes = [];
});
afterAll(() => {
  runtime.dispose();
  other.dispose();
});

const value = <T>(command$: Observable<T>): Promise<T> => lastValueFrom(command$);
const outcome = (command$: Observable<unknown>): Promise<unknown> =>
  lastValueFrom(command$).catch((error: unknown) => error);
const resume = { onCrash: 'resume' } as const;

function made(spec: EnvSpec, where = runtime): GymEnv {
  const env = where.env(spec);
  envs.push(env);
  return env;
}

/** The interpreter dies; whoever lives in it is brought back. */
async function die(): Promise<void> {
  expect(await outcome(runtime.run('import os; os._exit(1)'))).toMatchObject({ name: 'CrashError' });
}

/** What was reported beside the deaths themselves. */
const reports = (): Incident[] => crashes.filter(({ type }) => type !== 'crash');

interface Parts {
  readonly init?: string;
  readonly reset?: string;
  readonly step?: string;
  readonly more?: string;
  readonly after?: string;
}

const indented = (code: string): string => code.replaceAll('\n', '\n        ');

/** An env whose methods' bodies are given; `self.n` counts steps, `self.rng` is its generator. */
function source({
  init = 'pass',
  reset = 'pass',
  step = 'pass',
  more = '',
  after = 'env = Env()',
}: Parts = {}): string {
  return `
import random
from array import array

class Env:
    def __init__(self):
        self.rng = random.Random(1)
        self.n = 0
        ${indented(init)}
    def reset(self, *, seed=None, options=None):
        if seed is not None:
            self.rng.seed(seed)
        self.n = 0
        info = {}
        ${indented(reset)}
        return self.n, info
    def step(self, action):
        self.n += 1
        seen = None
        ${indented(step)}
        return [self.n, seen, self.rng.random(), random.random()], self.n / 2, False, False, {}
${more}
${after}
`;
}

/** A generator at work, which nobody can take apart. */
const uncapturable = 'self.waves = (value for value in ())';
const ownState = `
    def get_state(self):
        return {"n": self.n, "rng": self.rng.getstate()}
    def set_state(self, state):
        self.n = state["n"]
        self.rng.setstate(state["rng"])
`;

/** What an env with a state of its own may be wrapped in; each one's own state is seen in the steps. */
const wrappers = `
from collections import deque

class Wrapper:
    def __init__(self, env): self.env = env
    @property
    def unwrapped(self): return getattr(self.env, "unwrapped", self.env)
    def reset(self, **kwargs): return self.env.reset(**kwargs)
    def step(self, action): return self.env.step(action)

class Forwarding:
    def __init__(self, env): self.env = env
    def __getattr__(self, name):
        if name.startswith("_"): raise AttributeError(name)
        return getattr(self.env, name)

def limited(base, limit=5):
    class TimeLimit(base):
        elapsed = None
        def reset(self, **kwargs):
            self.elapsed = 0
            return self.env.reset(**kwargs)
        def step(self, action):
            observation, reward, terminated, truncated, info = self.env.step(action)
            self.elapsed += 1
            return observation, reward, terminated, self.elapsed >= limit, info
    return TimeLimit

class Slotted:
    __slots__ = ("env", "unwrapped", "is_reset")
    def __init__(self, env):
        self.env = env
        self.unwrapped = getattr(env, "unwrapped", env)
        self.is_reset = False
    def reset(self, **kwargs):
        self.is_reset = True
        return self.env.reset(**kwargs)
    def step(self, action):
        if not self.is_reset: raise RuntimeError("reset is needed")
        return self.env.step(action)

class Mean:
    def __init__(self): self.sum = self.count = 0

class Busy(Wrapper):
    """Its parts share one another, and what is the env's."""
    def __init__(self, env, ready=True):
        super().__init__(env)
        self.mean = self.same = Mean()
        self.rewards = deque(maxlen=3)
        self.inner = env.unwrapped
        self.rng = env.unwrapped.rng
        self.go = env.step
        self.later = lambda value: value
    def step(self, action):
        observation, reward, *rest = self.go(action)
        self.rewards.append(reward)
        self.mean.sum += reward
        self.same.count += 1
        if not hasattr(self, "first"): self.first = self.later(self.rng.random())
        mine = [list(self.rewards), self.mean.sum / self.mean.count, self.first, self.rng.random()]
        return [observation, mine, self.inner is self.unwrapped, self.inner.n], reward, *rest
`;

const loopOn = (action: string, body = 'pass'): string => `
if action == "${action}":
    while True:
        ${body}`;

describe('the state of an env', () => {
  it('is what its own get_state and set_state say, also of what a wrapper wraps', async () => {
    const wrapper = `
class Wrapper:
    def __init__(self, env):
        self.env = self.unwrapped = env
        self.hook = lambda: None
    def reset(self, **kwargs): return self.env.reset(**kwargs)
    def step(self, action): return self.env.step(action)
env = Wrapper(Env())`;
    for (const after of ['env = Env()', wrapper]) {
      const env = made({ source: source({ init: uncapturable, more: ownState, after }) });
      await value(env.reset({ seed: 5 }));
      await value(env.step(0));
      const state = await value(env.getState());
      const hash = await value(env.stateHash());
      const expected = await value(env.step(0));
      await value(env.step(0));
      await value(env.setState(state));
      expect(await value(env.stateHash())).toBe(hash);
      expect(await value(env.step(0))).toEqual(expected);
    }
  });

  const wrapped = (after: string, more = ownState): EnvSpec => ({
    source: source({ init: uncapturable, more, after: `${wrappers}\nenv = ${after}` }),
  });

  it.each([
    ['a time limit', 'limited(Wrapper)(Env())'],
    ['wrappers that hand on what they lack', 'Forwarding(limited(Forwarding)(Env()))'],
    ['slots', 'Slotted(Wrapper(Env()))'],
    ['what cannot be pickled, and what is of the env inside', 'Slotted(Busy(Wrapper(Env())))'],
  ])('has that of the wrappers around an env that has its own: %s', async (_, after) => {
    const env = made(wrapped(after));
    await value(env.reset({ seed: 5 }));
    const fresh = await value(env.getState());
    const first = await value(env.step(0));
    for (let i = 0; i < 2; i++) await value(env.step(0));
    const state = await value(env.getState());
    const expected = [await value(env.step(0)), await value(env.step(0))];
    const twin = made(wrapped(after), other);
    await value(twin.setState(state));
    expect([await value(twin.step(0)), await value(twin.step(0))]).toEqual(expected);
    await value(env.setState(fresh));
    expect(await value(env.step(0))).toEqual(first);
  });

  it('is what the outermost wrapper says that has get_state and set_state', async () => {
    const env = made({
      source: source({
        init: uncapturable,
        more: ownState,
        after: `${wrappers}
class Saving(Wrapper):
    def reset(self, **kwargs):
        self.mine = self.lost = 0
        return self.env.reset(**kwargs)
    def step(self, action):
        self.mine += 1
        self.lost += 1
        return [self.mine, self.lost, self.unwrapped.n], *self.env.step(action)[1:]
    def get_state(self): return self.mine, self.unwrapped.get_state()
    def set_state(self, state):
        self.mine, inside = state
        self.unwrapped.set_state(inside)
env = limited(Wrapper, 2)(Saving(Env()))`,
      }),
    });
    await value(env.reset());
    const state = await value(env.getState());
    await value(env.step(0));
    await value(env.setState(state));
    expect(await value(env.step(0))).toMatchObject({ observation: [1, 2, 0], truncated: false });
  });

  it('is refused by an env in other wrappers, which stays as it was', async () => {
    const state = await value(made(wrapped('limited(Wrapper)(Env())')).getState());
    const env = made(wrapped('Busy(Wrapper(Env()))'), other);
    await value(env.step(0));
    const error = await outcome(env.setState(state));
    expect((error as Error).message).toContain(
      "expected the state of an env in ['Busy', 'Wrapper', 'Env'], got that of one in ['TimeLimit', 'Env']",
    );
    expect(await value(env.step(0))).toMatchObject({ index: 2, reward: 1 });
  });

  it("is its pickle where it has none, with the state of Python's own generator and the counters", async () => {
    const env = made({ source: source() });
    await value(env.reset({ seed: 5 }));
    await value(env.reset());
    await value(env.step(0));
    const state = await value(env.getState());
    const expected = await value(env.step(0));
    expect(expected).toMatchObject({ index: 2, episode: 2, return: 1.5 });
    await value(env.reset());
    await value(env.step(0));
    await value(env.setState(state));
    expect(await value(env.step(0))).toEqual(expected);
    // the global of that name is the env that goes on
    expect(await value(runtime.run('env.n'))).toBe(2);
  });

  it('survives structured clone, and goes to an env in another runtime', async () => {
    const spec = { source: source() };
    const env = made(spec);
    await value(env.reset({ seed: 5 }));
    await value(env.step(0));
    const state = structuredClone(await value(env.getState()));
    const twin = made(spec, other);
    await value(twin.setState(state));
    expect(await value(twin.stateHash())).toBe(await value(env.stateHash()));
    expect(await value(twin.step(0))).toEqual(await value(env.step(0)));
  });

  it('is refused with a StateError that names why it cannot be had', async () => {
    const env = made({ source: source({ init: uncapturable }) });
    await value(env.step(0));
    const error = await outcome(env.getState());
    expect(error).toMatchObject({ name: 'StateError', command: 'getState' });
    expect((error as Error).message).toMatch(/cannot be captured: env\.waves: TypeError: .*generator.*get_state\(\)/s);
    expect(await value(env.step(0))).toMatchObject({ index: 2 });
  });

  it('is refused with a StateError where it is none, and the env stays as it was', async () => {
    const env = made({ source: source() });
    await value(env.step(0));
    const error = await outcome(env.setState({ format: 2, bytes: new Uint8Array([1, 2, 3]) }));
    expect(error).toMatchObject({ name: 'StateError', command: 'setState' });
    expect((error as Error).message).toContain('cannot be brought back: UnpicklingError');
    expect(await value(env.step(0))).toMatchObject({ index: 2 });
    expect(await outcome(env.setState({} as EnvState))).toMatchObject({ name: 'UsageError', option: 'state' });
  });

  it('is kept although what raises comes after: a set_state that fails leaves the counters', async () => {
    const more = `
    def get_state(self): return self.n
    def set_state(self, state): raise KeyError("told to")`;
    const env = made({ source: source({ init: uncapturable, more }) });
    await value(env.step(0));
    const state = await value(env.getState());
    await value(env.step(0));
    expect((await outcome(env.setState(state))) as Error).toMatchObject({
      name: 'StateError',
      message: expect.stringContaining("KeyError: 'told to'") as string,
    });
    expect(await value(env.step(0))).toMatchObject({ index: 3 });
  });
});

describe('stateHash', () => {
  /** The attributes in an order that an option says. */
  const hashed = (attributes: string, more = ''): EnvSpec => ({
    source: source({
      reset: `
names = ["pear", "apple", "fig", "kiwi", "plum"]
if options: names.reverse()
class_ = Thing
${attributes}`,
      more: `
class Thing:
    def __init__(self, name): self.name = name
class Slotted:
    __slots__ = ("name", "other")
${more}`,
    }),
  });

  it.each([
    ['dicts', 'self.d = {name: len(name) for name in names}'],
    ['sets', 'self.s = {*names}; self.f = frozenset(names)'],
    [
      'dicts that fill themselves',
      'import collections; self.d = collections.defaultdict(int, {name: 1 for name in names})',
    ],
    ['counters', 'import collections; self.d = collections.Counter(names)'],
    ['sets of a class of their own', 'self.s = type("Names", (set,), {})(names)'],
    ['objects', 'self.things = {name: Thing(name) for name in names}'],
    ['slots', 'self.slotted = Slotted(); self.slotted.name = names[2]; self.slotted.other = {*names}'],
    ['generators', 'self.generators = {name: random.Random(len(name)) for name in names}'],
    [
      'arrays and bytes',
      'self.a = array("d", [0.5, -0.0]); self.b = bytes(4); self.c = bytearray(4); self.nan = float("nan")',
    ],
    ['routines, classes and modules', 'self.parts = [len, Thing, random, self.step, lambda: 0]'],
    ['a cycle', 'self.me = self; self.ring = []; self.ring.append([self.ring])'],
    [
      'cycles that are entered from several sides',
      `
self.things = {name: Thing(name) for name in names}
order = sorted(names)
for left, right in zip(order, order[1:] + order[:1]):
    self.things[left].next = self.things[right]
    self.things[right].before = self.things[left]`,
    ],
  ])('is the same in two interpreters, whatever the order: %s', async (_, attributes) => {
    const here = made(hashed(attributes));
    const there = made(hashed(attributes), other);
    await value(here.reset({ seed: 3 }));
    await value(there.reset({ seed: 3, options: true }));
    const hash = await value(here.stateHash());
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(await value(there.stateHash())).toBe(hash);
    await value(here.step(0));
    expect(await value(here.stateHash())).not.toBe(hash);
    await value(there.step(0));
    expect(await value(there.stateHash())).toBe(await value(here.stateHash()));
  });

  it.each([
    ['a set', 'self.set = {*ring}'],
    ['the keys of a dict', 'self.dict = {thing: thing.name for thing in ring}'],
    ['sets in a set', 'self.set = {frozenset({thing, thing.next}) for thing in ring}'],
    ['a set of things that have sets', 'for thing in ring: thing.others = {*ring} - {thing}\nself.set = {*ring}'],
    ['a set of things that are the same', 'for thing in ring: thing.name = "same"\nself.set = {*ring}'],
    ['a set of things but one the same', 'for thing in ring: thing.name = thing.name == "3"\nself.set = {*ring}'],
  ])('is the same wherever objects that refer to each other lie: %s', async (_, attributes) => {
    const env = made(
      hashed(`
order = {"here": "01234567", "there": "61723054"}[(options or {}).get("order", "here")]
self.kept = []
made = {}
for name in order:
    self.kept = Thing(name)  # takes a place in memory
    made[name] = Thing(name)
ring = [made[name] for name in order]
self.kept = None
for name in order: made[name].next = made[str((int(name) + 1) % len(order))]
${attributes}`),
    );
    const hashes = new Set<string>();
    for (const order of ['here', 'there', 'here', 'there']) {
      await value(env.reset({ seed: 3, options: { order } }));
      hashes.add(await value(env.stateHash()));
    }
    expect(hashes.size).toBe(1);
  });

  it('is soon there for sets of things that have sets of each other', async () => {
    const env = made(
      hashed(`
things = [Thing(i) for i in range(40)]
for thing in things: thing.near = {*things[:thing.name], *things[thing.name + 1:]}
self.set = {*things}
self.numbers = {(x, y) for x in range(50) for y in range(50)}`),
    );
    await value(env.reset());
    const begun = performance.now();
    await value(env.stateHash());
    expect(performance.now() - begun).toBeLessThan(5000);
  });

  it.each([
    ['a key', 'self.d = {1: 0}', 'self.d = {2: 0}'],
    ['a type', 'self.d = [1]', 'self.d = (1,)'],
    ['the order of a list', 'self.d = [1, 2]', 'self.d = [2, 1]'],
    ['where things end', 'self.d = ["a", "b"]', 'self.d = ["ab"]'],
    ['keys and values', 'self.d = {1: 2}', 'self.d = {2: 1}'],
    ['an attribute deep inside', 'self.d = [{"x": Thing(1)}]', 'self.d = [{"x": Thing(2)}]'],
    ['the state of a generator', 'self.d = random.Random(1)', 'self.d = random.Random(2)'],
    ['a byte of an array', 'self.d = array("B", [1])', 'self.d = array("B", [2])'],
    [
      'who is next to whom in a set',
      'a, b, c = map(Thing, "abc"); a.next, b.next, c.next = b, c, a; self.d = {a, b, c}',
      'a, b, c = map(Thing, "abc"); a.next, b.next, c.next = b, a, c; self.d = {a, b, c}',
    ],
    [
      'rings in a set by their lengths',
      'a, b, c = map(Thing, "xxx"); a.next, b.next, c.next = b, c, a; self.d = {a, b, c}',
      'a, b, c = map(Thing, "xxx"); a.next, b.next, c.next = b, a, c; self.d = {a, b, c}',
    ],
    ['an infinity', 'self.d = float("inf")', 'self.d = float("-inf")'],
  ])('tells apart %s', async (_, one, two) => {
    const hashes = [];
    for (const attributes of [one, two]) {
      const env = made(hashed(attributes));
      await value(env.reset({ seed: 3 }));
      hashes.push(await value(env.stateHash()));
    }
    expect(hashes[0]).not.toBe(hashes[1]);
  });

  it.each([
    ['a generator function at work', 'self.g = (i for i in [])'],
    ['a lock that is held', 'import threading; self.lock = threading.Lock(); self.lock.acquire()'],
  ])('is refused with a StateError for %s', async (_, attributes) => {
    const env = made(hashed(attributes));
    await value(env.reset());
    expect(await outcome(env.stateHash())).toMatchObject({
      name: 'StateError',
      command: 'stateHash',
      message: expect.stringContaining('cannot be captured: env.') as string,
    });
  });
});

describe('seed', () => {
  it("seeds Python's random and the env, and begins no episode; 0 is a seed", async () => {
    const env = made({
      source: source({ more: '    def seed(self, seed):\n        self.rng.seed(seed)\n        self.seeded = seed' }),
    });
    await value(env.reset());
    const draws = [];
    for (let i = 0; i < 2; i++) {
      await value(env.seed(0));
      const step = await value(env.step(0));
      expect(step).toMatchObject({ index: i + 1, episode: 1 });
      draws.push((step.observation as number[]).slice(2));
    }
    expect(draws[0]).toEqual(draws[1]);
    expect(await value(runtime.run('env.seeded'))).toBe(0);
    expect(await outcome(env.seed(-1))).toMatchObject({ name: 'UsageError', option: 'seed' });
  });

  it("seeds NumPy's generator where it is imported, and takes its state along", async () => {
    const fake = `
import sys, types, random as r
numpy = types.ModuleType("numpy")
numpy.random = types.SimpleNamespace()
numpy.random.inner = r.Random(1)
numpy.random.seed = lambda seed: numpy.random.inner.seed(seed)
numpy.random.get_state = lambda: numpy.random.inner.getstate()
numpy.random.set_state = lambda state: numpy.random.inner.setstate(state)
numpy.frombuffer = lambda data, dtype: types.SimpleNamespace(reshape=lambda shape: data)
sys.modules["numpy"] = numpy
`;
    const env = made({
      source: source({ step: 'seen = sys.modules["numpy"].random.inner.random()', after: `${fake}env = Env()` }),
    });
    try {
      await value(env.reset());
      await value(env.seed(2 ** 33 + 7));
      const state = await value(env.getState());
      const { observation } = await value(env.step(0));
      expect(await value(runtime.run('r.Random(7).random()'))).toBe((observation as number[])[1]);
      await value(env.setState(state));
      expect((await value(env.step(0))).observation).toEqual(observation);
    } finally {
      await value(runtime.run('import sys; sys.modules.pop("numpy")'));
    }
  });

  it('is done again after a crash', async () => {
    const env = made({ source: source() });
    const twin = made({ source: source() }, other);
    for (const each of [env, twin]) {
      await value(each.reset({ seed: 1 }));
      await value(each.seed(9));
      await value(each.step(0));
    }
    await die();
    expect(await value(env.step(0))).toEqual(await value(twin.step(0)));
  });
});

describe('an env whose interpreter dies', () => {
  /** Plays the same in both runtimes, one of which dies between the two halves, and compares every answer. */
  async function survives<S extends Step | ParallelStep>(
    spec: EnvSpec,
    first: (env: GymEnv, where: PythonRuntime) => Promise<unknown>,
    second: (env: GymEnv, where: PythonRuntime) => Promise<S | S[]>,
  ): Promise<S | S[]> {
    const env = made(spec);
    const twin = made(spec, other);
    expect(await first(env, runtime)).toEqual(await first(twin, other));
    await die();
    const answer = await second(env, runtime);
    expect(answer).toEqual(await second(twin, other));
    expect(reports()).toEqual([expect.objectContaining({ type: 'recovered' })]);
    return answer;
  }
  const steps = (env: GymEnv, amount: number, action: number | string = 0): Promise<Step[]> =>
    lastValueFrom(concat(...Array.from({ length: amount }, () => env.step(action))).pipe(toArray()));
  const often: RecoveryOptions = { every: 3, ...unhurried };
  const untilQuiet = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 50));

  const begin = async (env: GymEnv): Promise<unknown> => {
    await value(env.seed(4));
    return value(env.reset({ seed: 2 }));
  };

  it.each([
    ['of its own', { init: uncapturable, more: ownState }, false],
    ['that is pickled', {}, true],
    ['that nobody can have', { init: uncapturable }, false],
  ])('goes on with a state %s', async (_, parts, checkpoint) => {
    await survives(
      { source: source(parts), recovery: often },
      async (env) => {
        await begin(env);
        const all = await steps(env, 7);
        await untilQuiet();
        await value(env.reset());
        return [...all, ...(await steps(env, 2))];
      },
      (env) => steps(env, 3),
    );
    expect(reports()).toMatchObject([{ checkpoint }]);
  });

  it('goes on with the counters of the wrappers around an env that has its own state', async () => {
    const all = (await survives(
      {
        source: source({
          init: uncapturable,
          more: ownState,
          after: `${wrappers}\nenv = limited(Wrapper)(Slotted(Env()))`,
        }),
      },
      async (env) => {
        await begin(env);
        const some = await steps(env, 3);
        await value(env.getState());
        return some;
      },
      (env) => steps(env, 2),
    )) as Step[];
    expect(all.map(({ truncated }) => truncated)).toEqual([false, true]);
    // what an env says of itself cannot be proved, so all is replayed
    expect(reports()).toMatchObject([{ checkpoint: false, replayed: 5 }]);
  });

  it('goes on from its set-up over several resets where its state cannot be had', async () => {
    const last = (await survives(
      { source: source({ init: uncapturable }) },
      async (env) => {
        await begin(env);
        for (const seed of [undefined, 3, undefined]) {
          await steps(env, 4);
          await value(env.reset({ seed }));
        }
        return steps(env, 2);
      },
      (env) => steps(env, 2),
    )) as Step[];
    expect(last.at(-1)).toMatchObject({ index: 4, episode: 4 });
    // seed, 4 resets, 14 steps
    expect(reports()).toMatchObject([{ replayed: 19, checkpoint: false }]);
  });

  it('goes on after two deaths in a row', async () => {
    const spec = { source: source() };
    const env = made(spec);
    const twin = made(spec, other);
    for (const each of [env, twin]) {
      await begin(each);
      await steps(each, 2);
    }
    await die();
    expect(await steps(env, 1)).toEqual(await steps(twin, 1));
    await die();
    await die();
    expect(await steps(env, 1)).toEqual(await steps(twin, 1));
    expect(reports().every(({ type }) => type === 'recovered')).toBe(true);
  });

  it('resets to the same where nobody seeded it', async () => {
    const env = made({
      source: source({ init: uncapturable, reset: 'self.rng = random.Random(seed)\nself.n = self.rng.random()' }),
    });
    const { observation } = await value(env.reset());
    await steps(env, 2);
    await die();
    expect((await value(env.step(0))).observation).toEqual(expect.arrayContaining([(observation as number) + 3]));
    expect(reports()).toMatchObject([{ type: 'recovered', replayed: 3 }]);
  });

  it("goes on with Python's own generator, also where nobody seeded it", async () => {
    const env = made({ source: source({ init: uncapturable }) });
    await value(env.reset());
    await steps(env, 5);
    await die();
    await value(env.step(0));
    expect(reports()).toMatchObject([{ type: 'recovered', replayed: 6 }]);
  });

  describe('and that depends on what is run in __main__', () => {
    const dependent = { init: 'self.base = base', step: 'seen = [self.base, base, extra]' };

    it.each([
      ['from the log', { init: `${uncapturable}\nself.base = base`, step: dependent.step }],
      ['from a checkpoint', dependent],
    ])('sees everything as it was at its time, %s', async (_, parts) => {
      const all = (await survives(
        { source: source(parts), recovery: often },
        async (env, where) => {
          await value(where.setGlobals({ base: 1 }));
          await value(where.run('extra = base * 10'));
          await begin(env);
          const some = await steps(env, 2);
          await value(where.setGlobals({ base: 2 }));
          some.push(...(await steps(env, 2)));
          await value(where.run('extra += base'));
          some.push(...(await steps(env, 2)));
          await untilQuiet();
          await value(where.run('extra += by', { globals: { by: 100 } }));
          await value(where.setGlobals({ base: 3 }));
          await value(where.run('extra += base'));
          some.push(...(await steps(env, 1)));
          await value(where.setGlobals({ base: 4 }));
          return some;
        },
        (env) => steps(env, 2),
      )) as Step[];
      expect(all.map(({ observation }) => (observation as unknown[])[1])).toEqual([
        [1, 4, 115],
        [1, 4, 115],
      ]);
    });

    it('sees the globals of the runtime as they were at its set-up', async () => {
      const spec = { source: source(dependent) };
      const own = realRuntime({ ...endless, globals: { base: 1 } });
      try {
        await value(own.run('extra = base * 10'));
        await value(own.setGlobals({ base: 2 }));
        const env = own.env(spec);
        await value(env.step(0));
        await value(own.setGlobals({ base: 3 }));
        await value(env.step(0));
        await outcome(own.run('import os; os._exit(1)'));
        expect((await value(env.step(0))).observation).toEqual(expect.arrayContaining([[2, 3, 10]]));
      } finally {
        own.dispose();
      }
    });

    it('knows what was sent before its set-up and not yet acknowledged', async () => {
      const env = made({ source: source(dependent) });
      await Promise.all([value(runtime.run('base = 5\nextra = 6')), value(env.step(0))]);
      await die();
      expect((await value(env.step(0))).observation).toEqual(expect.arrayContaining([[5, 5, 6]]));
    });

    it('does nothing twice when a step is undone in the same interpreter', async () => {
      const spec = { source: source({ ...dependent, step: `${loopOn('loop')}\n${dependent.step}` }) };
      const env = made(spec);
      await value(runtime.run('base = 1\nextra = 1'));
      await value(env.reset({ seed: 1 }));
      await value(env.getState());
      await value(runtime.run('extra += 1'));
      await value(env.step(0));
      expect(await outcome(env.step('loop', { deadline: 100 }))).toMatchObject({ outcome: 'interrupted' });
      expect((await value(env.step(0))).observation).toEqual(expect.arrayContaining([[1, 1, 2]]));
      expect(crashes).toMatchObject([{ type: 'recovered', attempt: expect.any(Number) as number }]);
    });
  });

  it('runs beforeStep, and truncates at maxSteps, as if nothing had happened', async () => {
    await value(runtime.run('wind = 0'));
    await value(other.run('wind = 0'));
    const all = (await survives(
      { source: source({ init: uncapturable, step: 'seen = wind' }), beforeStep: 'wind += 1', maxSteps: 5 },
      async (env) => {
        await begin(env);
        return steps(env, 3);
      },
      (env) => steps(env, 2),
    )) as Step[];
    expect(all.map(({ truncated, observation }) => [truncated, (observation as number[])[1]])).toEqual([
      [false, 4],
      [true, 5],
    ]);
  });

  it('renders nothing again', async () => {
    const env = made({
      source: source({
        more: '    def render(self):\n        renders.append(1)\n        return "frame"',
      }),
      globals: { renders: [] },
    });
    env.frames$.subscribe();
    await value(env.reset());
    await steps(env, 3);
    expect(await value(runtime.run('len(renders)'))).toBe(4);
    await die();
    expect(await value(runtime.run('len(renders)'))).toBe(4);
    await value(env.step(0));
    expect(await value(runtime.run('len(renders)'))).toBe(5);
  });

  it('goes on with agents that are ints, and their returns', async () => {
    const parallel = `
import random
class Parallel:
    possible_agents = [0, 1]
    def __init__(self): self.hook = lambda: None
    def reset(self, seed=None, options=None):
        self.agents = [0, 1]
        self.rng = random.Random(seed)
        return {agent: self.rng.random() for agent in self.agents}, {agent: {} for agent in self.agents}
    def step(self, actions):
        draws = {agent: self.rng.random() + actions[agent] for agent in self.agents}
        no = {agent: False for agent in self.agents}
        return draws, draws, no, no, {agent: {} for agent in self.agents}
env = Parallel()`;
    const play = async (env: GymEnv): Promise<ParallelStep> => {
      const step = (await value(env.step({ 0: 1, 1: 2 }))) as unknown as ParallelStep;
      return step;
    };
    const last = (await survives(
      { source: parallel },
      async (env) => [await value(env.reset({ seed: 8 })), await play(env), await play(env)],
      play,
    )) as ParallelStep;
    expect([...last.observation.keys()]).toEqual([0, 1]);
    expect(last.index).toBe(3);
    expect(last.return.get(0)).toBeGreaterThan(3);
  });

  it('goes on with arrays as actions and observations', async () => {
    await survives(
      {
        source: source({
          init: `${uncapturable}\nself.field = array("d", [0, 0])`,
          step: 'if action: self.field[1] += action[1] + self.rng.random()\nseen = self.field',
        }),
      },
      async (env) => {
        await begin(env);
        return [await value(env.step(new Float32Array([1, 2]))), await value(env.step(new Float32Array([3, 4])))];
      },
      (env) => steps(env, 1),
    );
  });
});

describe('an env that is not deterministic', () => {
  const clock = 'import time\nseen = time.perf_counter_ns() if action == "clock" else 0';

  it.each([
    ['a number', clock],
    ['a byte of an array', `${clock}\nseen = array("q", [seen])`],
  ])('is found out by %s: who resumes is told, and the env begins anew', async (_, step) => {
    const env = made({ source: source({ init: uncapturable, step }) });
    await value(env.reset());
    await value(env.step('clock'));
    const dying = outcome(runtime.run('import os; os._exit(1)'));
    const [resuming, waiting] = await Promise.all([outcome(env.step(0, resume)), outcome(env.step(0)), dying]);
    expect(resuming).toMatchObject({ name: 'ReplayDivergedError', at: 1 });
    expect(waiting).toBe(resuming);
    expect(reports()).toEqual([{ type: 'unrecoverable', error: resuming }]);
    expect(await value(env.step(0))).toMatchObject({ index: 1, episode: 2 });
    // from where it began anew there is a way back again
    await value(env.reset());
    await die();
    expect(await value(env.step(0))).toMatchObject({ index: 1, episode: 3 });
  });

  it('goes on with a new episode where that was asked for', async () => {
    const env = made({ source: source({ init: uncapturable, step: clock }) });
    const actions$ = new Subject<string>();
    const steps$ = actions$.pipe(
      stepWith(env, { onCrash: 'resume', onUnrecoverable: 'reset' }),
      shareReplay({ bufferSize: Infinity, refCount: false }),
    );
    const all = value(steps$.pipe(toArray()));
    actions$.next('clock');
    await firstValueFrom(steps$);
    const diverged = firstValueFrom(runtime.incidents$.pipe(filter(({ type }) => type === 'unrecoverable')));
    const dying = outcome(runtime.run('import os; os._exit(1)'));
    actions$.next('given up');
    await Promise.all([dying, diverged]);
    actions$.next('go on');
    actions$.complete();
    expect((await all).map(({ index, episode }) => [index, episode])).toEqual([
      [1, 1],
      [1, 2],
    ]);
  });

  it('is not found out by its info, where clocks may be', async () => {
    const env = made({
      source: source({ init: uncapturable, reset: 'import time\ninfo["at"] = time.perf_counter_ns()' }),
    });
    await value(env.reset());
    await value(env.step(0));
    await die();
    expect(await value(env.step(0))).toMatchObject({ index: 2 });
  });
});

describe('the log', () => {
  it('that overflows without a checkpoint ends what resumes with a StateError, and the env begins anew', async () => {
    const env = made({ source: source({ init: uncapturable }), recovery: { log: 3 } });
    await value(env.reset());
    for (let i = 0; i < 3; i++) await value(env.step(0));
    const dying = outcome(runtime.run('import os; os._exit(1)'));
    const [resuming] = await Promise.all([outcome(env.step(0, resume)), dying]);
    expect(resuming).toMatchObject({ name: 'StateError', command: 'recovery' });
    expect(await value(env.step(0))).toMatchObject({ index: 1, episode: 2 });
  });

  it('holds as much as it says', async () => {
    const env = made({ source: source({ init: uncapturable }), recovery: { log: 3 } });
    await value(env.reset());
    for (let i = 0; i < 2; i++) await value(env.step(0));
    await die();
    expect(await value(env.step(0))).toMatchObject({ index: 3 });
  });

  it('is mended by a checkpoint', async () => {
    const env = made({ source: source(), recovery: { log: 3 } });
    await value(env.reset());
    for (let i = 0; i < 9; i++) await value(env.step(0));
    await value(env.getState());
    await value(env.step(0));
    await die();
    expect(await value(env.step(0))).toMatchObject({ index: 11 });
  });

  it('does not grow with globals that are set before every step', async () => {
    const env = made({ source: source({ step: 'seen = wind' }), recovery: { log: 6, every: 2, ...unhurried } });
    for (let wind = 0; wind < 12; wind++) {
      await value(runtime.setGlobals({ wind }));
      await value(env.step(0));
      if (wind % 2) await value(env.getState());
    }
    await die();
    expect((await value(env.step(0))).observation).toEqual(expect.arrayContaining([13, 11]));
  });
});

describe('a step that does not end', () => {
  const half = 'self.half = self.rng.random()\nrandom.random()';

  it.each([
    ['is pickled', ''],
    ['cannot be had', uncapturable],
  ])('has not been, where the state %s', async (_, init) => {
    const env = made({ source: source({ init: init || 'pass', step: `${half}\n${loopOn('loop')}` }) });
    const twin = made({ source: source({ init: init || 'pass', step: half }) }, other);
    for (const each of [env, twin]) {
      await value(each.seed(4));
      await value(each.reset({ seed: 1 }));
      await value(each.step(0));
    }
    const hash = async (): Promise<string | null> => (init ? null : value(env.stateHash()));
    const before = await hash();
    const late = await outcome(env.step('loop', { deadline: 100 }));
    expect(late).toMatchObject({ name: 'DeadlineError', outcome: 'interrupted' });
    expect(await hash()).toBe(before);

    const sent = env.step('loop').subscribe();
    await new Promise((resolve) => setTimeout(resolve, 50));
    sent.unsubscribe();
    expect(await hash()).toBe(before);

    // at once: Python may not have begun, or have ended
    env.step(0).subscribe().unsubscribe();
    expect(await hash()).toBe(before);
    expect(await value(env.step(0))).toEqual(await value(twin.step(0)));
    expect(crashes.every(({ type }) => type === 'recovered')).toBe(true);
  });

  it('has not been, also where it swallows KeyboardInterrupt and its worker is replaced', async () => {
    const stubborn = `
if action == "loop":
    while True:
        try:
            while True: pass
        except KeyboardInterrupt: pass`;
    const env = made({ source: source({ step: `${half}\n${stubborn}` }) });
    await value(env.reset({ seed: 1 }));
    await value(env.step(0));
    const before = await value(env.stateHash());
    const late = await outcome(env.step('loop', { deadline: 100 }));
    expect(late).toMatchObject({ name: 'DeadlineError', outcome: 'replaced' });
    expect(await value(env.stateHash())).toBe(before);
    expect(await value(env.step(0))).toMatchObject({ index: 2 });
  });

  it('is not in a checkpoint that was due while it ran', async () => {
    // the 4th operation makes one due that waits for nothing
    const env = made({
      source: source({ step: `${half}\n${loopOn('loop')}` }),
      recovery: { every: 1, ms: 100_000, ...unhurried },
    });
    await value(env.getState());
    const sent = [
      env.reset({ seed: 1 }),
      ...Array.from({ length: 3 }, () => env.step(0)),
      env.step('loop', { deadline: 100 }),
    ];
    const all = await Promise.all(sent.map((command$) => outcome(command$)));
    expect(all.at(-1)).toMatchObject({ name: 'DeadlineError', outcome: 'interrupted' });
    expect(await value(runtime.run('env.n'))).toBe(3);
    await die();
    expect(await value(env.step(0))).toMatchObject({ index: 4, observation: expect.arrayContaining([4]) as number[] });
  });
});
