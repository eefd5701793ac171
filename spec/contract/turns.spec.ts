import { concatMap, firstValueFrom, from, lastValueFrom, take, toArray, type Observable } from 'rxjs';
import {
  episodes,
  isNdArray,
  stepWith,
  untilDone,
  type AgentId,
  type EnvSpec,
  type GymEnv,
  type NdArray,
  type PythonRuntime,
  type Reset,
  type TurnStep,
  type Value,
} from '../../src/index';
import lastOneStanding from '../envs/last-one-standing.py';
import ticTacToe from '../envs/tic-tac-toe.py';
import { realRuntime, unhurried } from '../helpers/real-runtime';

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
const plain = (map: unknown): object => Object.fromEntries(map as ReadonlyMap<AgentId, Value>);
const numbers = (array: unknown): unknown[] => Array.from((array as NdArray).data as Int8Array);

const game = (spec: Partial<EnvSpec> = {}): GymEnv<TurnStep> => runtime.env<TurnStep>({ source: ticTacToe, ...spec });
const heap = (spec: Partial<EnvSpec> = {}): GymEnv<TurnStep> =>
  runtime.env<TurnStep>({ source: lastOneStanding, ...spec });
const [first, second, third] = ["('player', 0)", "('player', 1)", "('player', 2)"] as const;

const die = async (): Promise<void> => {
  const died = firstValueFrom(runtime.incidents$);
  runtime.run('import os; os._exit(1)').subscribe({ error: () => undefined });
  await died;
};

describe('a turn-based env', () => {
  it('says what it is, who acts, what that agent sees and may do', async () => {
    const env = game();
    expect(await value(env.ready$)).toMatchObject({
      kind: 'turns',
      agents: ['crosses', 'noughts'],
      agentIds: ['crosses', 'noughts'],
      actionSpace: new Map([
        ['crosses', { type: 'Discrete', n: 9 }],
        ['noughts', { type: 'Discrete', n: 9 }],
      ]),
    });
    const reset = await value(env.reset({ seed: 1 }));
    expect(reset).toMatchObject({ agent: 'crosses', episode: 1, observation: { board: { shape: [9] } } });

    const step = await value(env.step(4));
    expect(step).toMatchObject({ agent: 'noughts', index: 1, episode: 1, done: false });
    expect(numbers((step.observation as Record<string, Value>)['board'])).toEqual([0, 0, 0, 0, -1, 0, 0, 0, 0]);
    // the env has it in the observation only
    expect(numbers(step.info['action_mask'])).toEqual([1, 1, 1, 1, 0, 1, 1, 1, 1]);
    expect([step.reward, step.terminated, step.return].map(plain)).toEqual([
      { crosses: 0, noughts: 0 },
      { crosses: false, noughts: false },
      { crosses: 0, noughts: 0 },
    ]);
  });

  it('is played to its end, where nobody acts and all have what they got', async () => {
    const env = game();
    await value(env.reset());
    const steps = await all(from([0, 3, 1, 4, 2]).pipe(stepWith(env), untilDone()));

    expect(steps.map(({ agent }) => agent)).toEqual(['noughts', 'crosses', 'noughts', 'crosses', null]);
    expect(steps.at(-1)).toEqual({
      action: 2,
      startedAt: expect.any(Number) as number,
      agent: null,
      observation: null,
      info: {},
      reward: new Map([
        ['crosses', 1],
        ['noughts', -1],
      ]),
      terminated: new Map([
        ['crosses', true],
        ['noughts', true],
      ]),
      truncated: new Map([
        ['crosses', false],
        ['noughts', false],
      ]),
      return: new Map([
        ['crosses', 1],
        ['noughts', -1],
      ]),
      done: true,
      index: 5,
      episode: 1,
    });
    expect(await failure(env.step(5))).toMatchObject({
      name: 'PythonError',
      message: expect.stringContaining('reset'),
    });
    expect(await value(env.reset())).toMatchObject({ agent: 'crosses', episode: 2 });
  });

  it('takes the turns of the dead, and counts what they give', async () => {
    const env = heap();
    expect(await value(env.ready$)).toMatchObject({ kind: 'single', agents: null }); // nothing says more before a reset
    expect(await value(env.reset())).toMatchObject({ agent: first, observation: 0, info: { action_mask: [1, 1, 1] } });
    const steps = await all(env.stepMany([2, 0, 1, 1, 1]));

    expect(steps.map(({ agent }) => agent)).toEqual([second, third, first, second, null]);
    // the second one's observe() raises
    expect(steps.map(({ observation }) => observation)).toEqual([null, 4, 6, null, null]);
    expect(plain(steps[2]!.reward)).toEqual({ [first]: 1, [second]: 1, [third]: -1 });
    expect(plain(steps[2]!.terminated)).toEqual({ [first]: false, [second]: false, [third]: true });
    expect(plain(steps[3]!.terminated)).toEqual({ [first]: false, [second]: false });
    // 1 for who goes out, and 10 in a dead agent's turn
    expect(plain(steps[4]!.reward)).toEqual({ [first]: 11, [second]: -1 });
    expect(plain(steps[4]!.terminated)).toEqual({ [first]: true, [second]: true });
    expect(plain(steps[4]!.return)).toEqual({ [first]: 12, [second]: 0, [third]: -1 });
  });

  it('truncates all at maxSteps', async () => {
    const env = game({ maxSteps: 2 });
    const steps = await all(from([0, 1]).pipe(concatMap((field) => env.step(field))));

    expect(steps.map(({ done }) => done)).toEqual([false, true]);
    expect(steps[1]).toMatchObject({ agent: null, observation: null });
    expect(plain(steps[1]!.truncated)).toEqual({ crosses: true, noughts: true });
  });

  it('stands where it stood when a step raises', async () => {
    const env = game();
    await value(env.step(0));
    expect(await failure(env.step(0))).toMatchObject({
      type: 'ValueError',
      message: expect.stringContaining('field 0 is taken'),
    });
    expect(await value(env.step(1))).toMatchObject({ agent: 'crosses', index: 2 });
  });

  it('shows its frames, and takes beforeStep', async () => {
    const env = game({ beforeStep: 'env.before = getattr(env, "before", 0) + 1' });
    const seen: unknown[] = [];
    const watching = env.frames$.subscribe((frame) => seen.push(frame.kind === 'text' && frame.text));
    await value(env.reset());
    await value(env.step(0));
    watching.unsubscribe();

    expect(seen).toEqual(['...\n...\n...', 'X..\n...\n...']);
    expect(await value(runtime.run('env.before'))).toBe(1);
  });

  it('tells a policy of episodes() who acts', async () => {
    const asked: unknown[] = [];
    const steps = await all(
      episodes(game(), ({ agent, info }) => {
        asked.push(agent);
        return numbers((info as Record<string, Value>)['action_mask']).indexOf(1);
      }),
    );

    expect(asked).toEqual(['crosses', 'noughts', 'crosses', 'noughts', 'crosses', 'noughts', 'crosses']);
    expect(plain(steps.at(-1)!.return)).toEqual({ crosses: 1, noughts: -1 });
  });

  it('is brought back from its state', async () => {
    const env = heap();
    await value(env.reset());
    await all(env.stepMany([2, 0]));
    const state = await value(env.getState());
    const rest = await all(env.stepMany([1, 1, 1]));
    await value(env.setState(state));

    expect(await all(env.stepMany([1, 1, 1]))).toEqual(rest);
  });

  it.each([
    ['a replay from the set-up', { every: 1000, ms: Infinity }],
    ['checkpoints', { every: 1, ...unhurried }],
  ])('survives deaths of the interpreter in the middle of a game, by %s', async (_, recovery) => {
    const [undisturbed, dying] = [heap(), heap({ recovery })];
    const actions = [2, 0, 1, 1, 1];
    const play = async (env: GymEnv<TurnStep>, between: () => Promise<void>): Promise<(Reset | TurnStep)[]> => {
      const seen: (Reset | TurnStep)[] = [await value(env.reset({ seed: 3 }))];
      for (const action of actions) {
        await between();
        seen.push(await value(env.step(action, { onCrash: 'resume' })));
      }
      return seen;
    };
    const expected = await play(undisturbed, () => Promise.resolve());
    let turns = 0;

    expect(await play(dying, () => (turns++ % 2 ? die() : Promise.resolve()))).toEqual(expected);
  });
});

describe('a rollout of a turn-based env', () => {
  const policy = `\ufeff
    def policy(observation, agent, info):
        return list(info['action_mask']).index(1)`;

  it('has columns by agent, and comes to what steps come to', async () => {
    const [rolled, stepped] = [heap(), heap()];
    await value(rolled.reset());
    await value(stepped.reset());
    const [chunk] = await all(rolled.rollout({ actions: [2, 0, 1, 1, 1, 0, 0] }));
    const steps = await all(from([2, 0, 1, 1, 1]).pipe(concatMap((action) => stepped.step(action))));

    expect(chunk).toMatchObject({ from: 0, count: 7, total: 7, done: false, index: 2, episode: 2 });
    expect(chunk!.resets).toEqual([
      { at: 5, episode: 2, agent: first, observation: 0, info: { action_mask: [1, 1, 1] } },
    ]);
    const columns = chunk!.agents.get(third)!;
    expect(numbers(columns.rows)).toEqual([0, 1, 2, 5, 6]);
    expect(numbers(columns.rewards)).toEqual([0, 0, -1, 0, 0]);
    expect(numbers(columns.terminations)).toEqual([0, 0, 1, 0, 0]);
    expect(numbers(columns.acted)).toEqual([2]);
    expect(numbers(columns.actions)).toEqual([1]);
    expect(numbers(columns.observed)).toEqual([1, 6]);
    expect(numbers(columns.observations)).toEqual([steps[1]!.observation, 2]);
  });

  it('asks a policy for each turn, and by agent where it is told so', async () => {
    const env = game();
    const [one] = await all(env.rollout({ policy, until: 'done' }));
    expect(one).toMatchObject({ count: 7, done: true, index: 7, episode: 1 });
    expect([...one!.agents].map(([agent, { actions }]) => [agent, numbers(actions)])).toEqual([
      ['crosses', [0, 2, 4, 6]],
      ['noughts', [1, 3, 5]],
    ]);

    const last =
      'def policy(observation):\n    mask = list(observation["action_mask"])\n    return 8 - mask[::-1].index(1)';
    await value(env.reset());
    const [two] = await all(env.rollout({ policy: { crosses: policy, noughts: last }, until: 'done' }));
    expect(numbers(two!.agents.get('crosses')!.actions)).toEqual([0, 1, 2]);
    expect(numbers(two!.agents.get('noughts')!.actions)).toEqual([8, 7]);

    await value(env.reset());
    const wanting = env.rollout({ policy: new Map([['crosses', policy]]), steps: 3 });
    expect(await failure(wanting.pipe(take(2)))).toMatchObject({
      name: 'PythonError',
      message: expect.stringContaining("for 'noughts'"),
    });
  });

  it('samples what the masks allow', async () => {
    const env = game();
    const chunks = await all(env.rollout({ policy: 'random', steps: 300, every: 100 }));
    expect(chunks.map(({ count }) => count)).toEqual([100, 100, 100]);
    const given = chunks.flatMap(({ agents }) =>
      [...agents.values()].flatMap(({ actions }) => (isNdArray(actions) ? numbers(actions) : [])),
    );
    expect(given).toHaveLength(300);
    expect(new Set(given).size).toBe(9);
  });

  it('goes on after a death as if it had not been', async () => {
    const [dying, undisturbed] = [heap(), heap()];
    const options = { actions: Array.from({ length: 40 }, (_, i) => i % 3), every: 8, onCrash: 'resume' } as const;
    await value(dying.reset());
    await value(undisturbed.reset());
    const chunks: unknown[] = [];
    await dying.rollout(options).forEach((chunk) => {
      chunks.push(chunk);
      if (chunks.length === 3) runtime.run('import os; os._exit(1)').subscribe({ error: () => undefined });
    });

    expect(chunks).toEqual(await all(undisturbed.rollout(options)));
  });
});
