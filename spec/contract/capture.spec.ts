// What an env's state is when its classes say less than they are, or nothing: set-up, state out and back, deaths.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { filter, firstValueFrom, lastValueFrom, take, toArray, type Observable } from 'rxjs';
import type { EntryPointSpec, GymEnv, Incident, PythonRuntime, Recovered, SourceSpec, Step } from '../../src/index';
import { realRuntime, unhurried } from '../helpers/real-runtime';

let runtime: PythonRuntime;
let incidents: Incident[] = [];
let env: GymEnv | undefined;

beforeAll(() => {
  runtime = realRuntime({ restart: { limit: 1000, backoff: 0, spare: true } });
  runtime.incidents$.subscribe((incident) => incidents.push(incident));
});
afterEach(async () => {
  if (env) await lastValueFrom(env.close());
  env = undefined;
  incidents = [];
});
afterAll(() => {
  runtime.dispose();
});

const value = <T>(command$: Observable<T>): Promise<T> => lastValueFrom(command$);
const failure = (command$: Observable<unknown>): Promise<unknown> =>
  lastValueFrom(command$).catch((error: unknown) => error);

const made = (source: string, more: Partial<SourceSpec> = {}): GymEnv => (env = runtime.env({ source, ...more }));

const steps = (of: GymEnv, count: number, from = 0): Promise<unknown[]> => {
  const actions = Array.from({ length: count }, (_, i) => (i + from) % 3);
  return value(of.stepMany(actions).pipe(toArray()));
};

async function die(): Promise<void> {
  const recovered = firstValueFrom(runtime.incidents$.pipe(filter(({ type }) => type !== 'crash')));
  expect(await failure(runtime.run('import os; os._exit(1)'))).toMatchObject({ name: 'CrashError' });
  await recovered;
}

interface Kind {
  readonly name: string;
  readonly before?: string;
  readonly bases?: string;
  readonly init?: string;
  readonly step?: string;
  readonly seen: string;
  readonly more?: string;
  readonly after?: string;
  /** Why its state cannot be captured. */
  readonly refused?: string;
}

const indented = (code: string): string => code.replaceAll('\n', '\n        ');

/** `seen` is what a step observes; each step adds its action to `self.n`. */
const source = ({
  before = '',
  bases = '',
  init = 'pass',
  step = 'pass',
  seen,
  more = '',
  after = '',
}: Kind): string => `
import random
${before}
class Env(${bases}):
    def __init__(self):
        self.n = 0
        ${indented(init)}
    def reset(self, seed=None, options=None):
        return [self.n, ${seen}], {}
    def step(self, action):
        self.n += action
        ${indented(step)}
        return [self.n, ${seen}], 1.0, False, False, {}
${more}
env = Env()
${after}
`;

const kinds: readonly Kind[] = [
  {
    name: 'a pickle that holds the arguments of the constructor only',
    before: `
class ByArguments:
    def __getstate__(self): return {"arguments": ()}
    def __setstate__(self, state): self.__init__()`,
    bases: 'ByArguments',
    seen: 'self.n',
  },
  { name: 'slots', more: '    __slots__ = ("n", "m")', init: 'self.m = 1', step: 'self.m *= 2', seen: 'self.m' },
  {
    name: 'a copy that forgets',
    more: `
    def __deepcopy__(self, memo): return Env()
    def __reduce__(self): return (Env, ())`,
    seen: 'self.n',
  },
  {
    name: 'a state of its own that forgets its generator',
    init: 'self.random = random.Random(3)',
    seen: 'self.random.random()',
    more: `
    def get_state(self): return self.n
    def set_state(self, state): self.n = state`,
  },
  {
    name: 'memoryviews of one another',
    init: 'self.bytes = bytearray(16)\nself.part = memoryview(self.bytes)[4:8]',
    step: 'self.part[0] = self.part[0] + action',
    seen: 'list(self.bytes)',
  },
  {
    name: 'closures, lambdas and classes made in functions',
    init: `
count = 0
class Local:
    def __init__(self): self.sum = 0
def add(by):
    nonlocal count
    count += by
    return count
self.local, self.add, self.twice = Local(), add, lambda: 2 * self.n`,
    step: 'self.local.sum += self.add(action)',
    seen: '[self.add(0), self.local.sum, self.twice()]',
  },
  {
    name: 'what is shared, in cycles, and alive only weakly',
    before: 'import weakref\nclass Thing:\n    count = 0',
    init: `
self.thing = self.same = Thing()
self.weak = weakref.ref(self.thing)
self.cycle = [self]
self.cycle.append(self.cycle)`,
    step: 'self.weak().count += 1',
    seen: '[self.same.count, self.cycle[0] is self, self.cycle[1] is self.cycle]',
  },
  {
    name: 'sentinels and objects that a module has, too',
    before: `
UNSET = object()
class Settings:
    speed = 1
SETTINGS = Settings()`,
    init: 'self.best, self.settings = UNSET, SETTINGS',
    step: 'self.settings.speed += 1',
    seen: '[self.best is UNSET, SETTINGS.speed, self.settings is SETTINGS]',
  },
  { name: 'what lies in its class', more: '    games = []', step: 'Env.games.append(action)', seen: 'len(Env.games)' },
  { name: 'what lies in __main__', before: 'LOG = []', step: 'LOG.append(action)', seen: 'LOG[-2:]' },
  {
    name: 'lists and dicts that say less',
    before: `
class Hand(list):
    played = 0
    def append(self, card):
        self.played += 1
        super().append(card)
    def __reduce__(self): return (list, ())
class Dice(random.Random):
    rolls = 0
    def roll(self):
        self.rolls += 1
        return self.randrange(6)`,
    init: 'self.hand, self.dice = Hand(), Dice(4)',
    step: 'self.hand.append(self.dice.roll())',
    seen: '[list(self.hand), self.hand.played, self.dice.rolls]',
  },
  {
    name: 'a set in its own order',
    init: 'self.free = set(range(1000, 0, -7))\nfor i in range(0, 900, 3): self.free.discard(i)',
    step: 'self.free.discard(next(iter(self.free)))',
    seen: 'list(self.free)[:5]',
  },
  {
    name: 'wrappers that count',
    seen: 'self.n',
    after: `
class Counting:
    def __init__(self, env): self.env, self.count, self.inner = env, 0, env
    @property
    def unwrapped(self): return self.env
    def reset(self, **more): return self.env.reset(**more)
    def step(self, action):
        self.count += 1
        observation, *rest = self.env.step(action)
        return [observation, self.count, self.inner is self.env], *rest
env = Counting(env)`,
  },
  {
    name: 'a generator that runs',
    init: 'self.wave = (i * i for i in range(1000))',
    seen: 'next(self.wave)',
    refused: "env.wave: TypeError: cannot pickle 'generator' object",
  },
  {
    name: 'a part that refuses',
    before: `
class World:
    count = 0
    def __reduce__(self): raise TypeError("a World cannot be copied")`,
    init: 'self.worlds = [World()]',
    step: 'self.worlds[0].count += 1',
    seen: 'self.worlds[0].count',
    refused: 'env.worlds[0]: TypeError: TypeError: a World cannot be copied',
  },
];

describe.each(kinds)('an env with $name', ({ refused, ...kind }) => {
  it(refused ? 'says that its state cannot be captured, and why' : 'goes back to its state', async () => {
    const env = made(source(kind));
    await value(env.reset());
    await steps(env, 5);
    if (refused) {
      const error = await failure(env.getState());
      expect(error).toMatchObject({ name: 'StateError', command: 'getState' });
      expect((error as Error).message).toContain(refused);
      return;
    }
    const state = await value(env.getState());
    const hash = await value(env.stateHash());
    const seen = await steps(env, 10);
    await value(env.setState(state));
    expect(await value(env.stateHash())).toBe(hash);
    // names of `__main__` are not an env's to bring back
    if (!kind.seen.startsWith('LOG')) expect(await steps(env, 10)).toEqual(seen);
  });
});

/** What each of some envs of a new runtime does in 16 steps; between them their interpreter may die. */
async function play(of: readonly Kind[], dies: boolean): Promise<unknown[]> {
  const alone = of.map((kind) => runtime.env({ source: source(kind), recovery: { every: 5, ...unhurried } }));
  for (const each of alone) await value(each.seed(1));
  const seen: unknown[] = [];
  for (let round = 0; round < 2; round++) {
    for (const each of alone) seen.push(await steps(each, 8, 8 * round));
    if (dies && round === 0) await die();
  }
  for (const each of alone) await value(each.close());
  return seen;
}

describe('after a death', () => {
  const isOfAll = ({ name }: Kind): boolean => /__main__|class$/.test(name);
  const own = kinds.filter((kind) => !isOfAll(kind));

  it.each([
    ['all of these in one interpreter', own],
    ...kinds.filter(isOfAll).map((kind) => [kind.name, [kind]] as const),
  ] as const)('as if nothing had happened: %s', async (_, some) => {
    const expected = await play(some, false);
    incidents = [];
    expect(await play(some, true)).toEqual(expected);
    const recovered = incidents.filter(({ type }) => type !== 'crash');
    expect(recovered.map(({ type }) => type)).toEqual(some.map(() => 'recovered'));
  });
});

it('a checkpoint that leads elsewhere is passed over: the whole log is replayed', async () => {
  // where nobody looks for an env's state
  const env = made(
    source({ name: '', before: 'import sys', init: 'sys.count = 0', step: 'sys.count += 1', seen: 'sys.count' }),
  );
  await value(env.seed(1));
  const seen = await steps(env, 5);
  await value(env.getState());
  seen.push(...(await steps(env, 3)));
  await die();
  seen.push(...(await steps(env, 2)));

  const counts = seen.map((step) => (step as Step<[number, number]>).observation[1]);
  expect(counts).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  expect(incidents.at(-1)).toMatchObject({ type: 'recovered', checkpoint: false, replayed: 9 });
});

it('a wrapper shares with an env that has only a state of its own what it shared, whatever that is called', async () => {
  const env = made(`
import random
class Env:
    def __init__(self):
        self.random, self.wave = random.Random(1), (i for i in range(9))
    def reset(self, seed=None, options=None):
        return 0, {}
    def step(self, action):
        return self.random.random(), 0.0, False, False, {}
    def get_state(self): return self.random.getstate()
    def set_state(self, state): self.random.setstate(state)
class Peeking:
    def __init__(self, env): self.env, self.random = env, env.random
    def reset(self, **more): return self.env.reset(**more)
    def step(self, action): return [self.random.random(), self.random is self.env.random], *self.env.step(action)[1:]
env = Peeking(Env())
`);
  await value(env.reset());
  const state = await value(env.getState());
  const seen = await steps(env, 3);
  await value(env.setState(state));
  expect(await steps(env, 3)).toEqual(seen);
});

describe('frames that change the env', () => {
  const looking = (render: string): string => `
import random
class Env:
    def __init__(self):
        self.random, self.camera, self.cache = random.Random(1), 0, None
        self.screen = Surface((2, 2)) if 'Surface' in globals() else None
    def reset(self, seed=None, options=None):
        return 0, {}
    def step(self, action):
        return [self.random.random(), random.random(), self.camera], 0.0, False, False, {}
    def render(self):
        ${render}
        return "frame"
env = Env()
`;

  it.each([
    ['draws from its generator', 'self.random.random()'],
    ["draws from Python's own generator", 'random.random()'],
    ['moves a camera', 'self.camera += 1'],
  ])('are rendered again in a replay where render() %s', async (_, render) => {
    const play = async (dies: boolean): Promise<unknown[]> => {
      const env = made(looking(render), { recovery: { ms: 1e6, every: 1000 } });
      const watching = env.frames$.subscribe();
      await value(env.seed(1));
      await value(env.reset());
      const seen = await steps(env, 1);
      for (let i = 0; i < 6; i++) seen.push(await value(env.step(i)));
      await value(env.render());
      if (dies) await die();
      seen.push(await value(env.step(0)));
      watching.unsubscribe();
      await value(env.close());
      return seen;
    };
    const undisturbed = await play(false);
    incidents = [];
    expect(await play(true)).toEqual(undisturbed);
    expect(incidents.map(({ type }) => type)).toEqual(['crash', 'recovered']);
  });

  const zoo = readFileSync(join(__dirname, '../zoo/painting.py'), 'utf8');
  const standIn = zoo.slice(0, zoo.indexOf('class Canvas')).replace('from .walk import Walk', '');

  it.each([
    ['make what they need', 'self.cache = self.cache or [1]', ''],
    ['paint on a surface', 'self.screen.set_at((0, 0), self.screen.pixels[0] + 1)', standIn],
  ])('are not where they only %s', async (_, render, pygame) => {
    const env = made(pygame + looking(render), { recovery: { ms: 1e6, every: 1000 } });
    env.frames$.subscribe();
    await value(env.reset());
    await value(env.step(0));
    await die();
    // the set-up, a reset and a step
    expect(incidents.at(-1)).toMatchObject({ type: 'recovered', replayed: 2 });
  });
});

it('what other envs and the page define beside an env is no change of what all share', async () => {
  const first = made(source(kinds[0]!));
  await value(first.reset());
  const second = made('class Late:\n    seen = []\n' + source(kinds[0]!).replaceAll('Env', 'Other'));
  await value(second.reset());
  await value(runtime.run('class Policy:\n    table = {}'));
  const state = await value(first.getState());
  const rest = await steps(first, 3);
  await value(first.setState(state));
  expect(await steps(first, 3)).toEqual(rest);

  await value(runtime.run('Late.seen.append(1)'));
  expect(await failure(first.getState())).toMatchObject({
    name: 'StateError',
    message: expect.stringContaining('__main__.Late.seen was changed, which all envs share') as string,
  });
  await value(first.close());
});

it('what a module holds that the first reset imports is there after a death, and with several envs', async () => {
  const files = {
    'shy/__init__.py': `
class Env:
    def reset(self, seed=None, options=None):
        from shy import late
        self.part = late.Part()
        return 0, {}
    def step(self, action):
        return self.part.more(), 0.0, False, False, {}
`,
    'shy/late.py': `
numbers = [7]
class Part:
    count = 0
    def more(self):
        self.count += numbers[0]
        return self.count
`,
  };
  const shy = (): GymEnv => runtime.env({ entryPoint: 'shy:Env', files });
  // the module is there already when the next one is set up
  const before = shy();
  await value(before.reset());
  await value(before.close());
  const alone = shy();
  await steps(alone, 2);
  await value(alone.getState());
  await die();
  expect((await value(alone.step(0))).observation).toBe(21);
  expect(incidents.at(-1)).toMatchObject({ type: 'recovered', checkpoint: true, replayed: 0 });
  await value(alone.close());

  await failure(runtime.run('import os; os._exit(1)'));
  const [first, second] = [shy(), shy()];
  await value(second.ready$.pipe(take(1)));
  await steps(first, 2);
  const state = await value(first.getState());
  await steps(first, 2);
  await value(first.setState(state));
  expect((await value(first.step(0))).observation).toBe(21);
  await value(first.close());
  await value(second.close());
});

describe('state beside the env', () => {
  const play = async (env: GymEnv, dies: boolean): Promise<unknown[]> => {
    await value(env.reset({ seed: 1 }));
    const seen = await steps(env, 9);
    // a checkpoint with nothing behind it
    await value(env.getState());
    if (dies) await die();
    seen.push(...(await steps(env, 12)));
    await value(env.close());
    return seen;
  };
  const rare = (next: string): string => `self.t += 1\n        x = ${next} if self.t % 5 == 0 else 0`;
  const walking = (before: string, next: string): string => `
${before}
class Env:
    def reset(self, seed=None, options=None):
        self.t = 0
        return 0, {}
    def step(self, action):
        ${rare(next)}
        return x, 0.0, False, False, {}
env = Env()`;
  const world = `
import random
entities, rng = [], random.Random()
def start(seed): entities.clear(); rng.seed(seed)
def tick(): entities.append(rng.random()); return sum(entities)`;

  it.each<[string, SourceSpec | EntryPointSpec, isInState: boolean]>([
    [
      'a module that the env’s imports',
      {
        entryPoint: 'walker:Env',
        files: {
          'walker.py': `
import world
class Env:
    def reset(self, seed=None, options=None):
        world.start(seed)
        self.t = 0
        return 0, {}
    def step(self, action):
        ${rare('world.tick()')}
        return x, 0.0, False, False, {}`,
          'world.py': world,
        },
      },
      true,
    ],
    [
      'a module that the first reset imports',
      {
        source: walking('', '__import__("world").tick()').replace(
          'self.t = 0',
          'self.t = 0; __import__("world").start(3)',
        ),
        files: { 'world.py': world },
      },
      false,
    ],
    ['a counter of itertools', { source: walking('import itertools\nids = itertools.count(5)', 'next(ids)') }, true],
    ['a generator', { source: walking('ids = (i * i for i in range(100))', 'next(ids)') }, false],
    ['a function', { source: walking('def new(): new.n += 1; return new.n\nnew.n = 0', 'new()') }, false],
    ['a default argument', { source: walking('def new(kept=[]): kept.append(1); return len(kept)', 'new()') }, false],
    [
      'a closure',
      {
        source: walking(
          'def make():\n    n = 0\n    def new():\n        nonlocal n; n += 1; return n\n    return new\nnew = make()',
          'new()',
        ),
      },
      false,
    ],
  ])('in %s is there after a death', async (_, spec, isInState) => {
    await failure(runtime.run('import os; os._exit(1)'));
    const undisturbed = await play(runtime.env(spec), false);
    await failure(runtime.run('import os; os._exit(1)'));
    incidents = [];
    expect(await play(runtime.env(spec), true)).toEqual(undisturbed);
    const [recovered] = incidents.filter(({ type }) => type === 'recovered') as Recovered[];
    expect(recovered?.replayed).toBe(isInState ? 0 : 10);
  });
});
