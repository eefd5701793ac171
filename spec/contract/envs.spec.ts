import { firstValueFrom, type Observable } from 'rxjs';
import type { EnvSpec, GymEnv, ParallelStep, Problem, PythonRuntime, Step } from '../../src/index';
import { realRuntime } from '../helpers/real-runtime';

let runtime: PythonRuntime;
beforeAll(() => {
  runtime = realRuntime();
});
afterAll(() => {
  runtime.dispose();
});

const value = <T>(command$: Observable<T>): Promise<T> => firstValueFrom(command$);
const failure = (command$: Observable<unknown>): Promise<unknown> =>
  firstValueFrom(command$).catch((error: unknown) => error);

/** An env whose `step` body is given; `self.n` counts the steps of the episode. */
const envWith = (step: string, more = ''): EnvSpec => ({
  source: `
class Env:
    def reset(self, *, seed=None, options=None):
        self.n = 0
        return [seed, options], {"options": options}
    def step(self, action):
        self.n += 1
        ${step.replaceAll('\n', '\n        ')}
${more}
env = Env()`,
});

describe('an env from Python source', () => {
  it('hands seed and options to reset as data; 0 is a seed', async () => {
    const env = runtime.env(envWith('return 0, 0, False, False, {}'));
    const options = { "it's": ['"', null], start: new Float32Array([1]) };
    const reset = await value(env.reset({ seed: 0, options }));
    expect(reset.observation).toEqual([
      0,
      { "it's": ['"', null], start: { data: new Float32Array([1]), shape: [1], dtype: 'float32' } },
    ]);
    expect((await value(env.reset())).observation).toEqual([null, null]);
  });

  it('takes any string as an action, as it is', async () => {
    const env = runtime.env(envWith('return action, 0, False, False, {}'));
    const action = `'); raise SystemExit("\\n\n"""`;
    expect((await value(env.step(action))).observation).toBe(action);
  });

  it('takes flags and rewards of any truth and number', async () => {
    const env = runtime.env(envWith('import decimal\nreturn None, decimal.Decimal("0.5"), 1, None, {}'));
    expect(await value(env.step(0))).toMatchObject({ reward: 0.5, terminated: true, truncated: false, done: true });
  });

  it('counts rewards beyond what a number counts exactly', async () => {
    const env = runtime.env(envWith('return 0, 2**70, False, False, {}'));
    expect(await value(env.step(0))).toMatchObject({ reward: 2 ** 70, return: 2 ** 70 });
  });

  it('understands the four values and the bare observation of Gym before 0.26', async () => {
    const env = runtime.env({
      source: `
class Old:
    def seed(self, seed): self.seeded = seed
    def reset(self):
        self.n = 0
        return self.seeded
    def step(self, action):
        self.n += 1
        return self.n, 1, self.n == 2, {"TimeLimit.truncated": True}
    def render(self, mode="human"):
        return memoryview(bytes(4)).cast("B", [2, 2]) if mode == "rgb_array" else None
env = Old()`,
    });
    expect(await value(env.reset({ seed: 7 }))).toEqual({ observation: 7, info: {}, episode: 1 });
    expect(await value(env.step(0))).toMatchObject({ terminated: false, truncated: false, done: false });
    expect(await value(env.step(0))).toMatchObject({ terminated: false, truncated: true, done: true });
    expect(await value(env.render())).toMatchObject({ kind: 'pixels', width: 2, height: 2, channels: 4 });
  });

  it('truncates at maxSteps and counts index, episode and return', async () => {
    const env = runtime.env({ ...envWith('return 0, self.n, False, False, {}'), maxSteps: 3 });
    const steps: Step[] = [];
    for (let i = 0; i < 3; i++) steps.push(await value(env.step(0)));
    expect(steps.map(({ index, return: total, truncated }) => [index, total, truncated])).toEqual([
      [1, 1, false],
      [2, 3, false],
      [3, 6, true],
    ]);
    await value(env.reset());
    expect(await value(env.step(0))).toMatchObject({ index: 1, episode: 2, return: 1 });
  });

  it('runs beforeStep before every step, with live globals', async () => {
    const env = runtime.env({
      ...envWith('return seen, 0, False, False, {}'),
      globals: { speed: 1 },
      beforeStep: 'seen = speed * 10',
    });
    expect((await value(env.step(0))).observation).toBe(10);
    await value(runtime.setGlobals({ speed: 2 }));
    expect((await value(env.step(0))).observation).toBe(20);
  });

  it('describes spaces and metadata when it is ready', async () => {
    const env = runtime.env(
      envWith(
        'return 0, 0, False, False, {}',
        `
    metadata = {"render_fps": 50}
class Discrete:
    def __init__(self): self.n, self.start = 2, 0
class Box:
    def __init__(self):
        import array
        self.shape, self.dtype = (2,), "float32"
        self.low, self.high = array.array("f", [-1, float("-inf")]), array.array("f", [1, float("inf")])
class Dict:
    def __init__(self): self.spaces = {"a": Discrete(), "b": Box()}
Env.action_space = Discrete()
Env.observation_space = Dict()`,
      ),
    );
    const discrete = { type: 'Discrete', n: 2, start: 0 };
    const bound = (data: number[]): object => ({ data: new Float32Array(data), shape: [2], dtype: 'float32' });
    const box = { type: 'Box', shape: [2], dtype: 'float32', low: bound([-1, -Infinity]), high: bound([1, Infinity]) };
    expect(await value(env.ready$)).toEqual({
      kind: 'single',
      agents: null,
      agentIds: null,
      numEnvs: null,
      actionSpace: discrete,
      observationSpace: {
        type: 'Dict',
        spaces: new Map<string, object>([
          ['a', discrete],
          ['b', box],
        ]),
      },
      metadata: { render_fps: 50 },
      attempt: 1,
    });
  });

  it.each<[python: string, frame: object | null]>([
    ['None', null],
    ['"line\\n"', { kind: 'text', text: 'line\n' }],
    ['(bytes(8), (1, 2, 4))', { kind: 'pixels', width: 2, height: 1, channels: 4, data: new Uint8Array(8) }],
    [
      'memoryview(bytes(range(6))).cast("B", [3, 2])',
      {
        kind: 'pixels',
        width: 2,
        height: 3,
        channels: 4,
        data: new Uint8Array([0, 1, 2, 3, 4, 5].flatMap((grey) => [grey, grey, grey, 255])),
      },
    ],
    [
      '[{"object_type": "rect", "x": 0.5}]',
      { kind: 'objects', delta: false, removed: [], objects: [{ object_type: 'rect', x: 0.5 }] },
    ],
    ['{"objects": [], "removed": ["a"]}', { kind: 'objects', delta: true, removed: ['a'], objects: [] }],
    ['[]', { kind: 'objects', delta: false, removed: [], objects: [] }],
  ])('renders %s', async (python, frame) => {
    const env = runtime.env(envWith('return 0, 0, False, False, {}', `    def render(self): return ${python}`));
    expect(await value(env.render())).toEqual(frame);
  });

  it('tells render() of a frame that is none, and a step goes on without it', async () => {
    const env = runtime.env(
      envWith('return 0, 0, False, False, {}', '    def render(self): return memoryview(bytes(8)).cast("f")'),
    );
    expect(await failure(env.render())).toMatchObject({ name: 'PythonError', type: 'TypeError' });
    const problems: Problem[] = [];
    env.problems$.subscribe((problem) => problems.push(problem));
    env.frames$.subscribe();
    expect(await value(env.step(0))).toMatchObject({ index: 1 });
    expect(problems).toEqual([
      {
        kind: 'render',
        message: expect.stringMatching(/^TypeError: expected .* pixels .*, got float32 of shape \(2,\)$/) as string,
        hint: null,
        episode: 1,
        count: 1,
      },
    ]);
  });

  it.each<[what: string, spec: EnvSpec, error: object]>([
    ['leaves no env', { source: 'x = 1' }, { name: 'PythonError', type: 'NameError', command: 'setUp' }],
    ['leaves something else', { source: 'env = 1' }, { name: 'PythonError', type: 'TypeError' }],
    ['raises', { source: 'raise ValueError("at set-up")' }, { name: 'PythonError', type: 'ValueError' }],
    [
      'names a module that is not there',
      { entryPoint: 'nowhere:Env' },
      { name: 'PythonError', type: 'ModuleNotFoundError' },
    ],
  ])('ends every command that waits for it when it %s', async (_, spec, error) => {
    const env = runtime.env(spec);
    const all = await Promise.all(
      [env.ready$, env.reset(), env.step(0)].map((command$) => failure(command$ as Observable<unknown>)),
    );
    for (const each of all) expect(each).toMatchObject(error);
    // and tries again with the next command
    expect(await failure(env.step(0))).toMatchObject(error);
    expect(await value(runtime.run('1 + 1'))).toBe(2);
  });

  it('does not take the env of the source before it', async () => {
    await value(runtime.env(envWith('return 0, 0, False, False, {}')).reset());
    expect(await failure(runtime.env({ source: 'pass' }).reset())).toMatchObject({ type: 'NameError' });
  });

  it.each<[spec: object, option: string]>([
    [{}, 'spec'],
    [{ source: 'x', make: 'y' }, 'spec'],
    [{ entryPoint: 'no-colon' }, 'entryPoint'],
    [{ source: 'x', maxSteps: 0 }, 'maxSteps'],
    [{ source: 'x', packages: 'numpy' }, 'packages'],
    [{ source: 'x', globals: [] }, 'globals'],
    [{ source: 'x', render: { every: 0.5 } }, 'render.every'],
  ])('refuses the spec %j at once', (spec, option) => {
    expect(() => runtime.env(spec as EnvSpec)).toThrow(
      expect.objectContaining({ name: 'UsageError', option }) as Error,
    );
  });
});

describe('an env by name', () => {
  const module = `
import sys, types
gym = types.ModuleType("gymnasium")
class Made:
    def __init__(self, **kwargs): self.kwargs = kwargs
    def reset(self, **kwargs): return self.kwargs, kwargs
    def step(self, action): return 0, 0, True, False, {}
gym.make = lambda name, **kwargs: Made(name=name, **kwargs)
gym.nested = types.SimpleNamespace(Made=Made)
sys.modules["gymnasium"] = gym`;

  it('is made by gymnasium.make with its kwargs, seed and options given by keyword', async () => {
    await value(runtime.run(module));
    const env = runtime.env({ make: 'CartPole-v1', kwargs: { render_mode: 'rgb_array' } });
    expect(await value(env.reset({ seed: 1, options: { low: 0 } }))).toMatchObject({
      observation: { name: 'CartPole-v1', render_mode: 'rgb_array' },
      info: { seed: 1, options: { low: 0 } },
    });
  });

  it('is made by an entry point, also a nested one', async () => {
    await value(runtime.run(module));
    const env = runtime.env({ entryPoint: 'gymnasium:nested.Made', kwargs: { size: 3 } });
    expect((await value(env.reset())).observation).toEqual({ size: 3 });
  });
});

describe('a PettingZoo parallel env', () => {
  const source = `
class Parallel:
    possible_agents = [0, "b"]
    def action_space(self, agent): return None
    def observation_space(self, agent): return None
    def reset(self, seed=None, options=None):
        self.agents, self.n = list(self.possible_agents), 0
        return {agent: self.n for agent in self.agents}, {agent: {} for agent in self.agents}
    def step(self, actions):
        self.n += 1
        alive = self.agents
        self.agents = [agent for agent in alive if agent != 0 or self.n < 2]
        assert all(type(agent) in (int, str) for agent in actions)
        return ({a: [a, actions.get(a)] for a in alive}, {a: 1.5 for a in alive},
                {a: a == 0 and self.n == 2 for a in alive}, {a: self.n == 3 for a in alive}, {a: {"n": self.n} for a in alive})
env = Parallel()`;
  let env: GymEnv<ParallelStep>;
  beforeEach(() => {
    env = runtime.env<ParallelStep>({ source });
  });

  it('keeps the type of its agents, in what it says and in what it is told', async () => {
    expect((await value(env.ready$)).agents).toEqual([0, 'b']);
    expect((await value(env.reset())).observation).toEqual(
      new Map<unknown, unknown>([
        [0, 0],
        ['b', 0],
      ]),
    );
    const byObject = await value(env.step({ 0: 'left', b: 'right' }));
    expect(byObject.observation).toEqual(
      new Map<unknown, unknown>([
        [0, [0, 'left']],
        ['b', ['b', 'right']],
      ]),
    );
    const byMap = await value(
      env.step(
        new Map<string | number, string>([
          [0, 'up'],
          ['b', 'down'],
        ]),
      ),
    );
    expect(byMap.reward).toEqual(
      new Map<unknown, unknown>([
        [0, 1.5],
        ['b', 1.5],
      ]),
    );
    expect(byMap.return).toEqual(
      new Map<unknown, unknown>([
        [0, 3],
        ['b', 3],
      ]),
    );
    expect(byMap.info.get(0)).toEqual({ n: 2 });
  });

  it('knows its agents by name also after they left, and obeys __all__', async () => {
    const all = runtime.env<ParallelStep>({
      source: `
class Parallel:
    possible_agents = [0]
    def reset(self, seed=None, options=None): return {0: 0}, {}
    def step(self, actions):
        self.agents = []
        return {0: list(actions)}, {0: 0}, {0: True, "__all__": False}, {0: False}, {}
env = Parallel()`,
    });
    await value(all.step({ 0: 1 }));
    const step = await value(all.step({ 0: 1 }));
    expect(step.observation).toEqual(new Map([[0, [0]]]));
    expect(step.done).toBe(false);
    expect([...step.terminated.keys()]).toEqual([0]);
  });

  it('is done when every agent is', async () => {
    const dones: boolean[] = [];
    for (let i = 0; i < 3; i++) dones.push((await value(env.step({ b: 1 }))).done);
    expect(dones).toEqual([false, false, true]);
  });
});

it('leaves the wasm heap and the live proxies where they were over thousands of steps and frames', async () => {
  const env = runtime.env(
    envWith(
      'import array\nreturn {"a": array.array("f", bytes(4096))}, 1, False, False, {"b": b"x" * 1000}',
      '    def render(self): return memoryview(bytes(64 * 64 * 3)).cast("B", [64, 64, 3])',
    ),
  );
  const measure = (): Promise<unknown> =>
    value(runtime.run('import gc, pyodide_js\ngc.collect()\npyodide_js._module.HEAPU8.byteLength'));
  const play = async (steps: number): Promise<void> => {
    const watching = env.frames$.subscribe();
    const action = new Float32Array(256);
    for (let i = 0; i < steps; i++) await value(env.step({ action }));
    watching.unsubscribe();
  };
  await play(500);
  const before = await measure();
  await play(5000);
  expect(await measure()).toBe(before);
});
