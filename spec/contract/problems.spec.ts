import { firstValueFrom, take, toArray } from 'rxjs';
import type { EnvSpec, GymEnv, Problem, PythonRuntime, Space } from '../../src/index';
import { realRuntime } from '../helpers/real-runtime';

let runtime: PythonRuntime;
beforeAll(() => {
  runtime = realRuntime();
});
afterAll(() => {
  runtime.dispose();
});

/** An env whose class has these lines, besides those that every env needs. */
const envWith = (lines: string, before = ''): EnvSpec => ({
  source: `
${before}
class Env:
    calls = 0
    def reset(self, *, seed=None, options=None):
        return 0, {}
    def step(self, action):
        return Env.calls, 0, False, False, {}
    ${lines.trim().replaceAll('\n', '\n    ')}
env = Env()`,
});

/** An env of that spec whose frames and problems are watched. */
function watched(spec: EnvSpec): { env: GymEnv; problems: Problem[]; frames: unknown[] } {
  const env = runtime.env(spec);
  const problems: Problem[] = [];
  const frames: unknown[] = [];
  env.problems$.subscribe((problem) => problems.push(problem));
  env.frames$.subscribe((frame) => frames.push(frame));
  return { env, problems, frames };
}

const play = async (env: GymEnv, steps: number): Promise<void> => {
  await firstValueFrom(env.reset());
  for (let i = 0; i < steps; i++) await firstValueFrom(env.step(0));
};

const failure = (env: GymEnv): Promise<unknown> => firstValueFrom(env.render()).catch((error: unknown) => error);

describe('a picture that cannot be had', () => {
  const raising = (error: string): string => `def render(self):\n    raise ${error}`;
  it.each<[what: string, spec: EnvSpec, message: string, hint: string | null, type: string]>([
    [
      'for want of pygame',
      envWith('def render(self):\n    import pygame'),
      'pygame is not installed',
      'add `pygame-ce` to packages',
      'ModuleNotFoundError',
    ],
    [
      'for want of what Gymnasium asks for',
      envWith(
        'def render(self):\n    try:\n        import pygame.draw\n    except ImportError as error:\n        raise Missing("pip it") from error',
        'class Missing(Exception): pass',
      ),
      'pygame is not installed',
      'add `pygame-ce` to packages',
      'Missing',
    ],
    [
      'for want of another package',
      envWith('def render(self):\n    from nowhere.at.all import anything'),
      'nowhere is not installed',
      'add `nowhere` to packages',
      'ModuleNotFoundError',
    ],
    [
      'as render() is not implemented',
      envWith(raising('NotImplementedError')),
      'the env has no render() of its own',
      'give it one that returns pixels, a list of objects or text',
      'NotImplementedError',
    ],
    [
      'as there is no render()',
      envWith('pass'),
      'the env has no render() of its own',
      'give it one that returns pixels, a list of objects or text',
      'AttributeError',
    ],
    [
      "as render_mode is 'human'",
      envWith('render_mode, metadata = "human", {"render_modes": ["human", "ansi"]}\ndef render(self): pass'),
      "render() returned nothing; the env was made with render_mode 'human'",
      `kwargs: { render_mode: 'ansi' }, or in the source render_mode="ansi"`,
      'RenderError',
    ],
    ['as render() raised', envWith(raising('SystemExit("no")')), 'SystemExit: no', null, 'SystemExit'],
  ])('%s is told with what to do, and render() errors with it', async (_, spec, message, hint, type) => {
    const { env, problems, frames } = watched(spec);
    await play(env, 3);
    await play(env, 1);
    expect(problems).toEqual([
      { kind: 'render', message, hint, episode: 1, count: 1 },
      { kind: 'render', message, hint, episode: 2, count: 5 },
    ]);
    expect(frames).toEqual([]);

    const error = await failure(env);
    expect(error).toMatchObject({ name: 'PythonError', type, command: 'render' });
    if (hint !== null) expect((error as Error).message).toContain(hint);
  });

  it('is told once, though the messages have other numbers each time', async () => {
    const { env, problems } = watched(
      envWith('n = 0\ndef render(self):\n    self.n += 1\n    raise ValueError(self.n, object())'),
    );
    await play(env, 5);
    expect(problems).toHaveLength(1);
  });

  it('is told for no more than fifty reasons', async () => {
    const { env, problems } = watched(
      envWith('n = 0\ndef render(self):\n    self.n += 1\n    raise ValueError("x" * self.n)'),
    );
    await play(env, 60);
    expect(problems).toHaveLength(50);
  });

  it('comes over whatever its message is', async () => {
    const { env, problems } = watched(envWith(raising('ValueError("\\ud800 €" + "x" * 5000)')));
    await play(env, 1);
    expect(problems[0]?.message).toHaveLength(1000);
  });
});

describe('an env made without a render_mode', () => {
  const render = 'def render(self):\n    Env.calls += 1\n    return "seen"';

  it.each<[what: string, lines: string]>([
    ['that sets the attribute itself', 'render_mode = None'],
    ['whose class lists modes', '__getattr__ = lambda self, name: None\nmetadata = {"render_modes": ["rgb_array"]}'],
  ])('and %s is not rendered, which is told while frames$ is watched', async (_, lines) => {
    const { env, problems, frames } = watched(envWith(`${lines}\n${render}`));
    await play(env, 3);
    expect(frames).toEqual([]);
    expect(problems).toEqual([
      {
        kind: 'render',
        message: 'nothing is rendered, as the env was made without render_mode',
        hint: `kwargs: { render_mode: 'rgb_array' }, or in the source render_mode="rgb_array"`,
        episode: 1,
        count: 1,
      },
    ]);
    expect(await firstValueFrom(env.step(0))).toMatchObject({ observation: 0 });
  });

  it('is rendered where it has never heard of modes', async () => {
    const gymnasium = `
class Base:
    render_mode, metadata = None, {"render_modes": []}
Base.__module__ = "gymnasium.core"`;
    const spec = envWith(render, gymnasium) as { source: string };
    const { env, problems, frames } = watched({ source: spec.source.replace('class Env:', 'class Env(Base):') });
    await play(env, 1);
    expect(frames).toEqual([
      { kind: 'text', text: 'seen' },
      { kind: 'text', text: 'seen' },
    ]);
    expect(problems).toEqual([]);
  });
});

describe('gymnasium.make', () => {
  /** A Gymnasium of which only this is used. `mode`: what the env was made with. */
  const gymnasium = (rows: string): string => `
import sys, types
gym = types.ModuleType("gymnasium")
class Made:
    metadata = {"render_modes": ["human", "ansi", "rgb_array"]}
    def __init__(self, render_mode="none"): self.mode = render_mode
    def reset(self, **kwargs): return self.mode, {}
    def step(self, action): return 0, 0, True, False, {}
class Text(Made): metadata = {"render_modes": ["ansi"]}
class Human(Made): metadata = {"render_modes": ["human"]}
class Plain(Made): metadata = None
class Refusing(Made):
    def __init__(self): self.mode = "refused"
module = types.ModuleType("some_envs")
module.Made = Made
sys.modules["some_envs"] = module
class Spec:
    def __init__(self, entry_point, **kwargs): self.entry_point, self.kwargs = entry_point, kwargs
registry = {${rows}}
gym.spec = registry.__getitem__
def make(name, **kwargs):
    spec = registry[name.rpartition(":")[2]]
    found = Made if isinstance(spec.entry_point, str) else spec.entry_point
    return found(**{**spec.kwargs, **kwargs})
gym.make = make
sys.modules["gymnasium"] = gym`;

  it.each<[id: string, kwargs: Readonly<Record<string, string>> | undefined, mode: string]>([
    ['named', undefined, 'rgb_array'],
    ['some_envs:named', undefined, 'rgb_array'],
    ['named', { render_mode: 'ansi' }, 'ansi'],
    ['text', undefined, 'ansi'],
    ['human', undefined, 'none'],
    ['plain', undefined, 'none'],
    ['function', undefined, 'none'],
    ['said', undefined, 'human'],
    ['refusing', undefined, 'refused'],
  ])('of %s with kwargs %j chooses the mode %s', async (make, kwargs, mode) => {
    await firstValueFrom(
      runtime.run(
        gymnasium(
          '"named": Spec("some_envs:Made"), "text": Spec(Text), "human": Spec(Human), "plain": Spec(Plain), ' +
            '"function": Spec(lambda **kwargs: Made(**kwargs)), "said": Spec(Made, render_mode="human"), "refusing": Spec(Refusing)',
        ),
      ),
    );
    const env = runtime.env(kwargs ? { make, kwargs } : { make });
    expect(await firstValueFrom(env.reset())).toMatchObject({ observation: mode });
  });
});

describe('describing an env', () => {
  const spaces = `
class Discrete:
    def __init__(self, n): self.n = n
class Box:
    def __init__(self, low, high): self.low, self.high, self.shape = low, high, (3,)
class Graph:
    def __init__(self): self.node_space, self.edge_space = Discrete(2), None
class Sequence:
    def __init__(self): self.feature_space, self.stack = Discrete(4), False
class MultiBinary:
    def __init__(self): self.n = (2, 3)`;

  it.each<[what: string, lines: string, message: string]>([
    ['a property', '@property\ndef action_space(self): raise KeyError("why")', "action_space raised KeyError: 'why'"],
    [
      'an attribute error',
      '@property\ndef action_space(self): return self.nothing',
      'action_space raised AttributeError',
    ],
    [
      'a __getattr__',
      'def __getattr__(self, name):\n    if name == "action_space": raise RuntimeError("why")\n    raise AttributeError(name)',
      'action_space raised RuntimeError: why',
    ],
    [
      'a method of an agent',
      'possible_agents = [0]\ndef action_space(self, agent): raise SystemExit("why")\ndef observation_space(self, agent): return Discrete(2)',
      'action_space(0) raised SystemExit: why',
    ],
  ])('goes on where %s raises: the space is null, and a problem', async (_, lines, message) => {
    const { env, problems } = watched(envWith(lines, spaces));
    const ready = await firstValueFrom(env.ready$);
    const isParallel = ready.agents !== null;
    expect(ready.actionSpace).toEqual(isParallel ? new Map([[0, null]]) : null);
    expect(ready.observationSpace).toEqual(isParallel ? new Map([[0, { type: 'Discrete', n: 2 }]]) : null);
    expect(problems).toEqual([
      {
        kind: 'space',
        message: expect.stringContaining(message) as string,
        hint: expect.any(String) as string,
        episode: 0,
        count: 1,
      },
    ]);
    expect(await firstValueFrom(env.reset())).toMatchObject({ episode: 1 });
    if (!isParallel) expect(await firstValueFrom(env.step(1))).toMatchObject({ index: 1 });
  });

  it('goes on where everything raises', async () => {
    const names = ['possible_agents', 'num_envs', 'metadata', 'render_mode', 'unwrapped'];
    const raising = names.map((name) => `@property\ndef ${name}(self): raise ZeroDivisionError`);
    const { env } = watched(envWith(`${raising.join('\n')}\ndef render(self): return "seen"`));
    expect(await firstValueFrom(env.ready$)).toMatchObject({ agents: null, numEnvs: null, metadata: {} });
    expect(await firstValueFrom(env.step(1))).toMatchObject({ index: 1 });
    expect(await firstValueFrom(env.render())).toEqual({ kind: 'text', text: 'seen' });
  });

  it.each<[python: string, described: object]>([
    ['Graph()', { type: 'Graph', node_space: { type: 'Discrete', n: 2 } }],
    ['Sequence()', { type: 'Sequence', feature_space: { type: 'Discrete', n: 4 }, stack: false }],
    ['MultiBinary()', { type: 'MultiBinary', n: [2, 3] }],
    ['Box(array("f", [-1] * 3), array("f", [float("inf")] * 3))', { type: 'Box', shape: [3], low: -1, high: Infinity }],
    ['Box(array("B", [0] * 3), array("q", [2**62] * 3))', { type: 'Box', shape: [3], low: 0, high: 2n ** 62n }],
    [
      'Box(array("b", [0, 0, 1]), 5)',
      { type: 'Box', shape: [3], low: { data: new Int8Array([0, 0, 1]), shape: [3], dtype: 'int8' }, high: 5 },
    ],
  ])('says all of %s', async (python, described) => {
    const env = runtime.env(envWith(`observation_space = ${python}`, `from array import array\n${spaces}`));
    expect((await firstValueFrom(env.ready$)).observationSpace).toEqual(described);
  });

  const made = envWith('pass', spaces) as { source: string };
  const making: EnvSpec = {
    source: made.source.replace(
      '        return 0, {}',
      '        self.action_space = Discrete((options or {}).get("n", 3))\n        return 0, {}',
    ),
  };

  it('is done again where a reset has made or changed a space', async () => {
    const env = runtime.env(making);
    const spoken = firstValueFrom(env.ready$.pipe(take(3), toArray()));
    await firstValueFrom(env.reset());
    // it is there before the reset is
    expect((await firstValueFrom(env.ready$)).actionSpace).toEqual({ type: 'Discrete', n: 3 });
    await firstValueFrom(env.reset()); // another space, but in the same words
    await firstValueFrom(env.reset({ options: { n: 5 } }));
    expect((await spoken).map(({ actionSpace }) => (actionSpace as Space | null)?.n)).toEqual([undefined, 3, 5]);
  });

  it('is done again where the first step resets', async () => {
    const env = runtime.env(making);
    await firstValueFrom(env.step(0));
    expect((await firstValueFrom(env.ready$)).actionSpace).toEqual({ type: 'Discrete', n: 3 });
  });

  it('leaves nothing in the answer of the reset that has changed a space', async () => {
    const spec = envWith('pass', `from array import array\n${spaces}`) as { source: string };
    const change =
      '        self.observation_space = Box(array("f", [1, 2]), array("f", bytes(400_000)))\n        return array("f", [7]), {}';
    const env = runtime.env({ source: spec.source.replace('        return 0, {}', change) });
    const { observation } = await firstValueFrom(env.reset());
    expect(observation).toEqual({ data: new Float32Array([7]), shape: [1], dtype: 'float32' });
    expect((await firstValueFrom(env.ready$)).observationSpace).toMatchObject({
      low: { data: new Float32Array([1, 2]) },
      high: 0,
    });
  });
});
