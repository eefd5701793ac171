import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { filter, firstValueFrom, from, lastValueFrom, toArray, type Observable } from 'rxjs';
import { createPool, stepWith, type ParallelStep, type PoolRollout, type PythonPool, type Step } from '../../src/index';
import { createPool as createNodePool } from '../../src/node/create-runtime';
import { countingEnv, realOptions } from '../helpers/real-runtime';

const cartPole = readFileSync(join(__dirname, '../../examples/03-cart-pole/cart_pole.py'), 'utf8');
const value = <T>(command$: Observable<T>): Promise<T> => firstValueFrom(command$);

describe('a pool of two Pyodides', () => {
  let pool: PythonPool;
  beforeAll(() => {
    pool = createPool({ ...realOptions(), size: 2, globals: { size: 2 } });
  });
  afterAll(() => {
    pool.dispose();
  });

  it('boots one after the other, and sets the globals in all', async () => {
    const states: string[] = [];
    const watching = pool.status$.subscribe((each) => states.push(each.map(({ state }) => state).join(' ')));
    expect(await value(pool.ready$)).toMatchObject([{ attempt: 1 }, { attempt: 1 }]);
    watching.unsubscribe();
    expect(states.slice(0, 2)).toEqual(['idle idle', 'booting idle']);
    expect(states.at(-1)).toBe('ready ready');
    const sizes = await Promise.all(pool.runtimes.map((runtime) => value(runtime.run('size'))));
    expect(sizes).toEqual([2, 2]);
  });

  it('plays the episodes that its envs would play by themselves, from seed and seed + 1', async () => {
    const actions = Array.from({ length: 60 }, (_, index) => index % 2);
    const env = pool.env({ source: cartPole, autoreset: 'same-step' });
    await value(env.reset({ seed: 5 }));
    const actions$ = from(actions.map((action) => [action, action]));
    const pooled = await lastValueFrom(actions$.pipe(stepWith(env, { limit: 100 }), toArray()));

    for (const [member, runtime] of pool.runtimes.entries()) {
      const single = runtime.env({ source: cartPole });
      await value(single.reset({ seed: 5 + member }));
      const steps: Step[] = [];
      for (const action of actions) {
        const step = await value(single.step(action));
        steps.push(step);
        if (step.done) break;
      }
      expect(steps.length).toBeGreaterThan(10);
      const column = pooled.map((all) => all[member]!).slice(0, steps.length);
      expect(column.slice(0, -1)).toEqual(steps.slice(0, -1));
      const last = steps.at(-1)!;
      expect(column.at(-1)).toMatchObject({ done: true, return: last.return, info: { final_obs: last.observation } });
    }
  });

  it('has members that differ where nobody seeds them', async () => {
    const env = pool.env({ source: cartPole });
    const [one, two] = await value(env.reset());
    expect(one!.observation).not.toEqual(two!.observation);
  });

  it('takes each step exactly once when one interpreter dies, and leaves the other alone', async () => {
    const env = pool.env({ source: countingEnv });
    const attempts: number[][] = [];
    const watching = pool.ready$.subscribe((all) => attempts.push(all.map(({ attempt }) => attempt)));
    await value(env.reset());
    await value(env.step([0, 0]));
    const back = firstValueFrom(pool.incidents$.pipe(filter(({ incident }) => incident.type === 'recovered')));
    // the step waits behind what kills the interpreter
    pool.runtimes[1]!.run('import ctypes; ctypes.string_at(1 << 31)').subscribe({ error: () => undefined });
    const steps = await value(env.step([1, 1], { onCrash: 'resume' }));
    expect(steps.map(({ observation, index, return: total }) => [observation, index, total])).toEqual([
      [2, 2, 1],
      [2, 2, 1],
    ]);
    expect(await back).toMatchObject({ member: 1, incident: { attempt: 2 } });
    expect(await value(env.step([2, 2]))).toMatchObject([{ index: 3 }, { index: 3 }]);
    watching.unsubscribe();
    expect([attempts.at(0), attempts.at(-1)]).toEqual([
      [1, 1],
      [1, 2],
    ]);
  });

  it('rolls out in all at once: each comes to what it would come to by itself, also when one dies', async () => {
    const env = pool.env({ source: cartPole });
    const policy = 'def policy(observation): return 1 if observation[2] > 0 else 0';
    const play = () =>
      lastValueFrom(env.rollouts({ policy, steps: 200, every: 50, onCrash: 'resume' }).pipe(toArray()));
    await value(env.reset({ seed: 3 }));
    const calm = await play();
    await value(env.reset({ seed: 3 }));
    const died = value(pool.incidents$);
    const playing = play();
    pool.runtimes[1]!.run('import ctypes; ctypes.string_at(1 << 31)').subscribe({ error: () => undefined });
    const disturbed = await playing;
    expect(await died).toMatchObject({ member: 1, incident: { type: 'crash' } });
    for (const member of [0, 1]) {
      const of = (chunks: readonly PoolRollout[]) =>
        chunks
          .filter((chunk) => chunk.member === member)
          .map(({ from, observations, actions, rewards }) => ({ from, observations, actions, rewards }));
      expect(of(calm).map(({ from }) => from)).toEqual([0, 50, 100, 150]);
      expect(of(disturbed)).toEqual(of(calm));
    }
    expect(await value(env.step([0, 0]))).toMatchObject([{ done: false }, { done: false }]);
  });

  it('rolls out to the end in the others when one raises, and resets what is over by then', async () => {
    const env = pool.env({ source: countingEnv });
    const actions = (member: number) => ({ actions: member ? ['a', 'raise'] : [1, 2, 3, 4, 5], every: 1 });
    const chunks: PoolRollout[] = [];
    const error: unknown = await new Promise((resolve) => {
      env.rollouts(actions).subscribe({ next: (chunk) => chunks.push(chunk), error: resolve });
    });
    expect(error).toMatchObject({ name: 'PoolError', member: 1, cause: { name: 'PythonError' } });
    expect(chunks.filter(({ member }) => !member).map(({ index, done }) => [index, done])).toEqual([
      [1, false],
      [2, false],
      [3, false],
      [4, false],
      [5, true],
    ]);
    expect(await value(env.step([0, 0]))).toMatchObject([{ index: 0, done: false, return: 0 }, { index: 2 }]);
    const refused = env.rollouts({ policy: 'random', every: 0, steps: 1 });
    expect(await value(refused).catch((refusal: unknown) => refusal)).toMatchObject({ name: 'UsageError' });
  });

  it('resets PettingZoo envs, too', async () => {
    const source = `
class Env:
    possible_agents = agents = ["a", 1]
    def reset(self, *, seed=None, options=None):
        self.n = 0
        return {"a": 0, 1: 0}, {"a": {"new": True}, 1: {}}
    def step(self, actions):
        self.n += 1
        over = self.n == 2
        each = lambda value: {agent: value for agent in self.agents}
        return each(self.n), each(1), each(over), each(False), each({"n": self.n})
env = Env()`;
    const blank = <T>(nought: T) => new Map<string | number, T>([['a', nought], [1, nought]]); // prettier-ignore
    const [next, same] = (['next-step', 'same-step'] as const).map((autoreset) =>
      pool.env<ParallelStep>({ source, autoreset }),
    );
    const play = async (env: typeof next) => {
      const actions$ = from(
        [1, 2, 3].map(() => [
          { a: 0, 1: 0 },
          { a: 0, 1: 0 },
        ]),
      );
      return (await lastValueFrom(actions$.pipe(stepWith(env!), toArray()))).map(([step]) => step!);
    };
    expect((await play(next))[2]).toEqual({
      action: null,
      observation: blank(0),
      reward: blank(0),
      terminated: blank(false),
      truncated: blank(false),
      info: new Map<string | number, object>([['a', { new: true }], [1, {}]]), // prettier-ignore
      done: false,
      index: 0,
      episode: 2,
      return: blank(0),
    });
    expect((await play(same))[1]).toMatchObject({
      observation: blank(0),
      reward: blank(1),
      done: true,
      info: new Map<string | number, object>([
        ['a', { new: true, final_obs: 2, final_info: { n: 2 } }],
        [1, { final_obs: 2, final_info: { n: 2 } }],
      ]),
    });
  });
});

it("comes with Node's defaults from rxgym/node", async () => {
  const { worker } = realOptions();
  const pool = createNodePool({ worker, size: 1, restart: { snapshot: false } });
  expect(await value(pool.env({ source: countingEnv }).step([1]))).toMatchObject([{ index: 1 }]);
  pool.dispose();
  const { length } = createNodePool().runtimes;
  expect(length).toBeGreaterThanOrEqual(1);
});
