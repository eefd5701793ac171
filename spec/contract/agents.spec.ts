import { concatMap, firstValueFrom, from, lastValueFrom, toArray, type Observable } from 'rxjs';
import type { EnvSpec, NdArray, ParallelStep, PythonRuntime, Step, Value } from '../../src/index';
import comeAndGo from '../envs/come-and-go.py';
import team from '../envs/team.py';
import { realRuntime } from '../helpers/real-runtime';

let runtime: PythonRuntime;
beforeAll(() => {
  runtime = realRuntime({ restart: { backoff: 0, limit: 100 } });
});
afterAll(() => {
  runtime.dispose();
});

const value = <T>(command$: Observable<T>): Promise<T> => firstValueFrom(command$);
const all = <T>(source$: Observable<T>): Promise<T[]> => lastValueFrom(source$.pipe(toArray()));
const failure = (command$: Observable<unknown>): Promise<unknown> =>
  firstValueFrom(command$).catch((error: unknown) => error);
const numbers = (array: unknown): unknown[] => Array.from((array as NdArray).data as Float64Array);

const die = async (): Promise<void> => {
  const died = firstValueFrom(runtime.incidents$);
  runtime.run('import os; os._exit(1)').subscribe({ error: () => undefined });
  await died;
};

/** An env whose reset and step are given; `self.n` counts its steps. */
const envWith = (step: string, { reset = '0, {}', more = '' } = {}): EnvSpec => ({
  source: `
from array import array
class Env:
    def reset(self, seed=None, options=None):
        self.n = 0
        return ${reset}
    def step(self, action):
        self.n, self.action = self.n + 1, action
        n = self.n
        return ${step}
${more}
env = Env()`,
});

describe('agents that come and go', () => {
  const visitor = (n: number): string => `('visitor', ${n})`;
  const parallel = (spec: object = {}) => runtime.env<ParallelStep>({ source: comeAndGo, ...spec });
  const actions = [0, 1, 2, 0, 1, 2].map((action, i) => ({ [visitor(Math.floor(i / 2) + 1)]: action }));

  it('are known by the text of what they are, and are not all dead where one is born', async () => {
    const env = parallel();
    expect((await value(env.reset())).observation).toMatchObject(new Map([[visitor(1), { shape: [2] }]]));
    const steps = await all(env.stepMany(actions));

    expect(steps.map(({ done }) => done)).toEqual([false, false, false, false, false, true]);
    expect(steps.map(({ terminated }) => [...terminated.keys()])).toEqual([1, 1, 2, 2, 3, 3].map((n) => [visitor(n)]));
    expect([...steps[1]!.observation.keys()]).toEqual([visitor(1), visitor(2)]);
    expect(steps[5]!.return).toEqual(
      new Map([
        [visitor(1), 2],
        [visitor(2), 3],
        [visitor(3), 4],
      ]),
    );
  });

  it('are listed beside what Python calls them', async () => {
    const env = runtime.env({
      source: `${comeAndGo}\nComeAndGo.possible_agents = [('visitor', 1), 7, 'b', True, 2 ** 60]\nComeAndGo.observation_space = lambda self, agent: None`,
    });
    expect(await value(env.ready$)).toMatchObject({
      kind: 'parallel',
      agents: [visitor(1), 7, 'b', 'True', String(2n ** 60n)],
      agentIds: [['visitor', 1], 7, 'b', true, 2n ** 60n],
    });
  });

  it('are brought back by a replay, and from a state', async () => {
    const [dying, undisturbed] = [parallel({ recovery: { every: 1000, ms: Infinity } }), parallel()];
    const expected = await all(from(actions).pipe(concatMap((action) => undisturbed.step(action))));
    const steps: ParallelStep[] = [];
    for (const action of actions) {
      if (steps.length % 2) await die();
      steps.push(await value(dying.step(action, { onCrash: 'resume' })));
    }
    expect(steps).toEqual(expected);

    const other = parallel();
    await all(other.stepMany(actions.slice(0, 3)));
    const state = await value(other.getState());
    await value(other.reset());
    await value(other.setState(state));
    expect(await all(other.stepMany(actions.slice(3)))).toEqual(expected.slice(3));
  });

  it('have columns of their own in a rollout', async () => {
    const env = parallel();
    const policy = 'def policy(observation, agent): return agent[1] % 3';
    const [chunk] = await all(env.rollout({ policy, steps: 8 }));

    expect(chunk).toMatchObject({ count: 8, total: 8, done: false, index: 2, episode: 2 });
    expect(chunk!.resets.map(({ at, observation }) => [at, [...(observation as Map<string, Value>).keys()]])).toEqual([
      [0, [visitor(1)]],
      [6, [visitor(1)]],
    ]);
    const columns = (agent: string): unknown[] => {
      const { rows, rewards, terminations, acted, actions, observed, observations } = chunk!.agents.get(agent)!;
      return [...[rows, rewards, terminations, acted, actions, observed].map(numbers), (observations as NdArray).shape];
    };
    expect(columns(visitor(1))).toEqual([
      [0, 1, 6, 7],
      [1.5, 1.5, 1.5, 1.5],
      [0, 1, 0, 1],
      [0, 1, 6, 7],
      [1, 1, 1, 1],
      [0, 1, 6, 7],
      [4, 2],
    ]);
    expect(columns(visitor(2))).toEqual([
      [2, 3],
      [2.5, 2.5],
      [0, 1],
      [2, 3],
      [2, 2],
      [1, 2, 3, 7],
      [4, 2],
    ]);
  });

  it('take given actions and random ones in a rollout, also over deaths', async () => {
    const [rolled, stepped] = [parallel(), parallel()];
    const steps = await all(from(actions).pipe(concatMap((action) => stepped.step(action))));
    await value(rolled.reset());
    const chunks = await all(rolled.rollout({ actions, every: 2, onCrash: 'resume' }));
    const rewards = chunks.flatMap(({ agents }) => [...agents.values()].flatMap((columns) => numbers(columns.rewards)));
    expect(rewards).toEqual(steps.flatMap(({ reward }) => [...reward.values()]));

    const counts: number[] = [];
    await rolled.rollout({ policy: 'random', steps: 40, every: 8, onCrash: 'resume' }).forEach(({ count, agents }) => {
      counts.push(count);
      for (const columns of agents.values()) expect(new Set(numbers(columns.actions))).not.toContain(0);
      if (counts.length === 2) runtime.run('import os; os._exit(1)').subscribe({ error: () => undefined });
    });
    expect(counts).toEqual([8, 8, 8, 8, 8]);
  });
});

describe('a parallel env', () => {
  const step = '{0: 1}, {0: 1}, {0: n == 2}, {0: False}, {}';

  it.each<[what: string, more: string, agents: unknown, known: unknown]>([
    ['an empty possible_agents', 'Env.possible_agents = []', [], 'parallel'],
    [
      'an array of them',
      `
class Ints:
    def __init__(self, *values): self.values = values
    def __iter__(self): return map(Int, self.values)
    def __bool__(self): raise ValueError('the truth value of an array is ambiguous')
class Int:
    def __init__(self, value): self.value = value
    def __index__(self): return self.value
    def __hash__(self): return hash(self.value)
    def __eq__(self, other): return self.value == getattr(other, 'value', other)
Env.possible_agents = Ints(0)
Env.agents = Ints(0)`,
      [0],
      'parallel',
    ],
    ['spaces by agent alone', 'Env.action_spaces = {0: None}', [0], 'parallel'],
    ['nothing that names them', '', null, 'single'],
  ])('that has %s knows its agents when they act', async (_, more, agents, kind) => {
    const env = runtime.env<ParallelStep>(envWith(step, { reset: '{0: 0}, {}', more }));
    expect(await value(env.ready$)).toMatchObject({ kind, agents });
    await value(env.reset());
    await value(env.step({ 0: 5 }));
    const last = await value(env.step({ 0: 6 }));

    expect(last).toMatchObject({ done: true, observation: new Map([[0, 1]]), return: new Map([[0, 2]]) });
    expect(await value(runtime.run('[*env.action] == [0]'))).toBe(true); // not '0'
  });

  it('gives the ints of a Dict space their type back', async () => {
    const more = `
class Dict:
    spaces = {0: None, 1: None, 'a': None}
Env.action_space = Dict()`;
    const env = runtime.env(envWith('list(action), 0, False, False, {}', { more }));
    expect((await value(env.step({ 0: 1, 1: 2, a: 3 }))).observation).toEqual([0, 1, 'a']);
  });
});

describe('an env of lists', () => {
  const listed = (spec: object = {}) => runtime.env<ParallelStep>({ source: team, ...spec });

  it('is a parallel one of agents 0, 1, 2 from its first step on', async () => {
    const env = listed();
    expect(await value(env.ready$)).toMatchObject({ kind: 'single' });
    expect((await value(env.reset())).observation).toHaveLength(3);
    const steps = await all(
      env.stepMany([
        [0, 0, 0],
        new Map([
          [0, 1],
          [2, 3],
          [1, 2],
        ]),
        { 0: 0, 1: 0, 2: 0 },
      ]),
    );

    expect(steps.map(({ done, index }) => [done, index])).toEqual([
      [false, 1],
      [false, 2],
      [true, 3],
    ]);
    expect(steps[1]).toMatchObject({
      reward: new Map([
        [0, 1],
        [1, 3],
        [2, 5],
      ]),
      terminated: new Map([
        [0, true],
        [1, true],
        [2, false],
      ]),
      return: new Map([
        [0, 1],
        [1, 4],
        [2, 7],
      ]),
      info: new Map([0, 1, 2].map((agent) => [agent, { n: 2 }])),
    });
    expect([...((await value(env.reset())).observation as Map<number, Value>).keys()]).toEqual([0, 1, 2]);
    expect(await failure(env.step({ 0: 1 }))).toMatchObject({ message: expect.stringContaining('none for [1, 2]') });
    expect(await value(env.step([0, 0, 0]))).toMatchObject({ index: 1 }); // the other one was refused before it counted
  });

  it('is known before its first step by a list of spaces', async () => {
    const env = listed({ source: `${team}\nTeam.action_space = [None, None, None]` });
    expect(await value(env.ready$)).toMatchObject({ kind: 'parallel', agents: [0, 1, 2] });
    expect((await value(env.reset())).observation).toBeInstanceOf(Map);
  });

  it.each([true, false])('is rolled out in columns by agent, known or not (%s)', async (isKnown) => {
    const [rolled, stepped] = [listed(), listed()];
    if (isKnown) await value(rolled.step([0, 0, 0]));
    await value(rolled.reset());
    const actions = [
      [0, 1, 2],
      [3, 4, 5],
      [6, 7, 8],
      [9, 9, 9],
    ];
    const [chunk] = await all(rolled.rollout({ actions }));
    const steps = await all(from(actions.slice(0, 3)).pipe(concatMap((action) => stepped.step(action))));

    expect(chunk).toMatchObject({ count: 4, index: 1, done: false, resets: [{ at: 3 }] });
    for (const agent of [0, 1, 2]) {
      const columns = chunk!.agents.get(agent)!;
      expect(numbers(columns.rewards).slice(0, 3)).toEqual(steps.map(({ reward }) => reward.get(agent)));
      expect(numbers(columns.actions)).toEqual(actions.map((row) => row[agent]));
      expect(columns.observations).toMatchObject({ shape: [4, 2], dtype: 'float32' });
    }
    expect(await value(rolled.step([0, 0, 0]))).toMatchObject({ index: 2 });
  });

  it.each([
    ['flags for an only agent', '0, 1.0, [False, False], False, {}', 'expected one flag'],
    ['rewards of more than are there', '[0, 0], [1, 1, 1], [False, False], False, {}', 'expected one flag'],
    ['no reward', '0, "much", False, False, {}', 'expected a number as reward'],
    ['no step', 'None', 'expected env.step() to return'],
  ])('tells of %s what came, and counts the step all the same', async (_, step, message) => {
    const env = runtime.env({ ...envWith(step), maxSteps: 3 });
    expect(await failure(env.step(0))).toMatchObject({
      name: 'PythonError',
      type: 'TypeError',
      message: expect.stringContaining(message),
    });
    expect(await failure(env.rollout({ actions: [0] }))).toMatchObject({ message: expect.stringContaining(message) });
    await value(runtime.run('Env.step = lambda self, action: (0, 1.0, False, False, {})'));
    expect(await value(env.step(0))).toMatchObject({ index: 3, done: true, return: 1 });
  });
});

describe('a reward of several objectives', () => {
  type VectorRewards = Step<Value, NdArray>;

  it.each(['[1, n]', '(1.0, n)', "memoryview(array('f', [1, n]))"])(
    'as %s is an array, as its return',
    async (reward) => {
      const env = runtime.env<VectorRewards>(envWith(`0, ${reward}, n == 3, False, {}`));
      const steps = await all(env.stepMany([0, 0, 0]));

      expect(steps[1]!.reward).toEqual({ data: new Float64Array([1, 2]), shape: [2], dtype: 'float64' });
      expect(steps.map((step) => numbers(step.return))).toEqual([
        [1, 1],
        [2, 3],
        [3, 6],
      ]);
      expect(steps.map(({ done }) => done)).toEqual([false, false, true]);

      const [chunk] = await all(env.rollout({ actions: [0, 0, 0, 0], steps: 4 }));
      expect(chunk!.rewards).toMatchObject({ shape: [4, 2], dtype: 'float64' });
      expect(numbers(chunk!.rewards)).toEqual([1, 1, 1, 2, 1, 3, 1, 1]);
      expect(numbers((await value(env.step(0))).return)).toEqual([2, 3]);
    },
  );

  it('is a number where it is one', async () => {
    const env = runtime.env(envWith('0, [0.5], [n == 2], [False], {}'));
    expect(await all(env.stepMany([0, 0]))).toMatchObject([
      { reward: 0.5, done: false },
      { return: 1, terminated: true },
    ]);
  });

  it('is refused where it changes', async () => {
    const env = runtime.env(envWith('0, 1 if n == 1 else [1, 2], n == 2, False, {}'));
    await value(env.step(0));
    expect(await failure(env.step(0))).toMatchObject({ message: expect.stringContaining('one number') });
  });
});

describe('what reset and step return', () => {
  it.each([
    ['0, None', 0],
    ['[0, {}]', 0],
    ['[{"a": 1}, {"b": 2}]', [{ a: 1 }, { b: 2 }]],
    ['[0, None]', [0, null]],
  ])('is read leniently: reset as %s', async (reset, observation) => {
    expect(await value(runtime.env(envWith('0, 0, False, {}', { reset })).reset())).toMatchObject({
      observation,
      info: {},
    });
  });

  it('is read leniently: four values without an info', async () => {
    const env = runtime.env(envWith('0, 1, n == 2, None'));
    expect(await all(env.stepMany([0, 0]))).toMatchObject([
      { done: false, info: {} },
      { done: true, terminated: true, info: {} },
    ]);
    expect(await all(env.rollout({ actions: [0, 0, 0] }))).toMatchObject([{ count: 3, index: 1 }]);
  });
});

describe('an action', () => {
  const spaces = `
class Space:
    def __init__(self, **fields): vars(self).update(fields)
class OneOf(Space): pass
class Sequence(Space): pass
class Graph(Space): pass
pair = Space(spaces=[None, None])
Env.action_space = `;
  const fitted = async (space: string, action: unknown, answer = 'repr(action)'): Promise<Value> =>
    (
      await value(
        runtime.env(envWith(`${answer}, 0, False, False, {}`, { more: spaces + space })).step(action as number),
      )
    ).observation;

  it('for a OneOf is a tuple of an index and an action for that space', async () => {
    expect(await fitted('OneOf(spaces=[None, pair])', [1, [3, 4]])).toBe('(1, (3, 4))');
  });

  it('for a Sequence is a tuple of actions, or a stack of them', async () => {
    expect(
      await fitted('Sequence(feature_space=pair)', [
        [1, 2],
        [3, 4],
      ]),
    ).toBe('((1, 2), (3, 4))');
    expect(
      await fitted('Sequence(feature_space=pair, stack=True)', [
        [1, 2],
        [3, 4],
      ]),
    ).toBe('((1, 3), (2, 4))');
    expect(await fitted('Sequence(feature_space=Space(spaces={"a": None}), stack=True)', [{ a: 1 }, { a: 2 }])).toBe(
      "{'a': (1, 2)}",
    );
  });

  it('for a Graph is a GraphInstance', async () => {
    const graph = 'Graph(node_space=None, edge_space=None)';
    const answer = '[type(action).__name__, *action]';
    expect(await fitted(graph, { nodes: [1, 2], edges: [5], edge_links: [[0, 1]] }, answer)).toEqual([
      'GraphInstance',
      [1, 2],
      [5],
      [[0, 1]],
    ]);
    expect(await fitted(graph, { nodes: [1] }, answer)).toEqual(['GraphInstance', [1], null, null]);
  });
});
