import { filter, firstValueFrom, from, interval, lastValueFrom, map, merge, toArray, type Observable } from 'rxjs';
import {
  createPool,
  stepWith,
  type Autoreset,
  type PoolIncident,
  type PoolError,
  type PoolOptions,
  type PoolProgress,
  type PythonPool,
  type RuntimeStatus,
  type Step,
} from '../../src/index';
import { standInWorker, type Faults } from '../helpers/stand-in-worker';

let pool: PythonPool;
afterEach(() => {
  pool.dispose();
});

/** A pool of stand-ins; `faultsOf` says what the worker spawned at that place does wrong. */
function start(options: PoolOptions = {}, faultsOf: (spawned: number) => Faults = () => ({})): PythonPool {
  let spawned = 0;
  return (pool = createPool({
    size: 2,
    worker: () => standInWorker(faultsOf(spawned++)),
    ...options,
    restart: { snapshot: false, backoff: 0, ...options.restart },
  }));
}

const value = <T>(command$: Observable<T>): Promise<T> => firstValueFrom(command$);
const outcome = (command$: Observable<unknown>): Promise<unknown> =>
  firstValueFrom(command$).catch((error: unknown) => error);
const playing = (autoreset?: Autoreset) => start().env({ source: 'counting-env', autoreset });

describe('createPool', () => {
  it.each<[options: object, option: string, got: string]>([
    [{ size: 0 }, 'size', '0'],
    [{ size: 1.5 }, 'size', '1.5'],
    [{ size: '2' }, 'size', '2'],
    [{ size: 1e9 }, 'size', '1000000000'],
    [{ queue: 0 }, 'queue', '0'],
  ])('refuses %j with what was expected and what came', (options, option, got) => {
    const refusal = expect.objectContaining({ name: 'UsageError', option, got }) as Error;
    expect(() => createPool(options)).toThrow(refusal);
    pool = createPool({ size: 1 });
  });

  it.each([
    [8, 7],
    [1, 1],
    [undefined, 1],
  ])('by default, on %p cores, has %p runtimes', (hardwareConcurrency, size) => {
    const { navigator } = globalThis;
    Object.defineProperty(globalThis, 'navigator', { value: { hardwareConcurrency }, configurable: true });
    pool = createPool();
    Object.defineProperty(globalThis, 'navigator', { value: navigator, configurable: true });
    expect(pool.runtimes).toHaveLength(size);
  });

  it('starts nothing by itself', () => {
    const spawned: number[] = [];
    const env = start({}, (index) => ({ onCommand: () => spawned.push(index) })).env({ source: 'counting-env' });
    merge(pool.status$, pool.incidents$, env.steps$).subscribe();
    expect(spawned).toEqual([]);
  });
});

describe('the boots', () => {
  it('begin one after another: each when the one before has its files', async () => {
    const log: string[] = [];
    const faultsOf = (spawned: number): Faults => {
      log.push(`${spawned} spawned`);
      return { onCommand: ({ type }) => log.push(`${spawned} ${type}`) };
    };
    const ready = await value(start({ size: 3 }, faultsOf).boot());
    expect(ready.map(({ attempt }) => attempt)).toEqual([1, 1, 1]);
    expect(log).toEqual(['0 spawned', '0 boot', '1 spawned', '1 boot', '2 spawned', '2 boot']);
  });

  it('also wait when a command begins them, and stop at one that fails; boot() tries again', async () => {
    let spawned = 0;
    const env = start({}, (index) => {
      spawned += 1;
      return index === 0 ? { refuseBoot: 'told to' } : {};
    }).env({ source: 'counting-env' });
    const progress: PoolProgress[] = [];
    pool.progress$.subscribe((each) => progress.push(each));
    expect(await outcome(env.reset())).toMatchObject({ name: 'BootError' });
    expect(await outcome(pool.ready$)).toMatchObject({ name: 'BootError' });
    expect(spawned).toBe(1);

    expect(await value(pool.boot())).toHaveLength(2);
    expect(await value(env.reset())).toHaveLength(2);
    expect(progress.at(-1)).toMatchObject({ ratio: 1 });
  });

  it('have a combined progress, which begins at 0, never goes back and ends at 1', async () => {
    const env = start().env({ source: 'counting-env' });
    const [boots, all]: PoolProgress[][] = [[], []];
    pool.progress$.subscribe((progress) => boots!.push(progress));
    env.progress$.subscribe((progress) => all!.push(progress));
    await Promise.all([value(pool.ready$), value(env.ready$)]);
    for (const list of [boots!, all!]) {
      const ratios = list.map(({ ratio }) => ratio);
      expect(ratios).toEqual([...ratios].sort((a, b) => a - b));
      expect(list.at(-1)).toMatchObject({ ratio: 1, label: 'Ready', members: [{ ratio: 1 }, { ratio: 1 }] });
    }
    expect(boots![0]).toEqual({ ratio: 0, label: 'Waiting', members: [null, null] });
    expect(await value(env.progress$)).toMatchObject({ ratio: 1 });
  });
});

describe('an env of a pool', () => {
  it('has results in the order of its members, which get a seed each', async () => {
    const env = start({ size: 3 }).env({ source: 'counting-env' });
    const seen: (readonly Step[])[] = [];
    env.steps$.subscribe((steps) => seen.push(steps));
    expect((await value(env.reset({ seed: 7 }))).map(({ info }) => info)).toEqual([
      { seed: 7 },
      { seed: 8 },
      { seed: 9 },
    ]);
    expect((await value(env.reset())).map(({ info }) => info)).toEqual([
      { seed: null },
      { seed: null },
      { seed: null },
    ]);
    const steps = await value(env.step(['a', 'b', 'c']));
    expect(steps.map(({ info, index }) => [info['action'], index])).toEqual([
      ['a', 1],
      ['b', 1],
      ['c', 1],
    ]);
    expect(seen).toEqual([steps]);
    expect(await value(env.members[1]!.step('by itself'))).toMatchObject({ index: 2 });
  });

  it('runs one command at a time, in their order, whichever member is faster', async () => {
    const log: string[] = [];
    const env = start({}, (spawned) => ({
      onCommand: ({ type }) => log.push(...(type === 'step' ? [`${spawned}`] : [])),
    })).env({ source: 'counting-env', autoreset: 'disabled' });
    const ends: number[] = [];
    await value(env.ready$);
    await Promise.all([1, 2, 3].map((n) => value(env.step([n, n])).then(([step]) => ends.push(step!.index))));
    expect(ends).toEqual([1, 2, 3]);
    expect(log.map((_, index) => log.slice(index, index + 2).sort()).filter((_, index) => index % 2 === 0)).toEqual(
      Array.from({ length: 3 }, () => ['0', '1']),
    );
  });

  it('does not send a command that is unsubscribed before it begins', async () => {
    const env = playing();
    const first = value(env.step([1, 1]));
    env.step(['never', 'never']).subscribe().unsubscribe();
    const third = value(env.step([3, 3]));
    expect((await first).map(({ index }) => index)).toEqual([1, 1]);
    expect((await third).map(({ index, info }) => [index, info['action']])).toEqual([
      [2, 3],
      [2, 3],
    ]);
  });

  it('lets no more commands wait than the queue holds', async () => {
    const env = start({ queue: 2 }).env({ source: 'counting-env' });
    const commands = Array.from({ length: 4 }, () => outcome(env.step([1, 1])));
    expect(await commands[3]).toMatchObject({ name: 'QueueOverflowError', limit: 2 });
    expect(await commands[2]).toMatchObject([{ index: 3 }, { index: 3 }]);
  });

  it.each<[actions: unknown]>([[[1]], [[1, 2, 3]], ['12'], [[1, () => 1]]])(
    'refuses %p, and takes no step',
    async (actions) => {
      const env = playing();
      expect(await outcome(env.step(actions as never))).toMatchObject({
        name: 'UsageError',
        option: expect.stringContaining('actions') as string,
      });
      expect(await outcome(env.step([1, 1], { deadline: -1 }))).toMatchObject({
        name: 'UsageError',
        option: 'deadline',
      });
      expect(await outcome(env.reset({ seed: -3 }))).toMatchObject({ name: 'UsageError', option: 'seed' });
      expect(await value(env.step([1, 1]))).toMatchObject([{ index: 1 }, { index: 1 }]);
    },
  );

  it('has the error of the member that raised, and the results of the others', async () => {
    const env = playing();
    const error = (await outcome(env.step([1, 'raise']))) as PoolError;
    expect(error).toMatchObject({
      name: 'PoolError',
      member: 1,
      errors: [undefined, { name: 'PythonError' }],
      results: [{ index: 1 }, undefined],
    });
    expect(error.cause).toBe(error.errors[1]);
    expect(error.message).toMatch(/^member 1 of 2: ValueError in step/);
    expect(await value(env.members[1]!.step('again'))).toMatchObject({ index: 1 });
    expect(await value(env.step([2, 2]))).toMatchObject([{ index: 2 }, { index: 2 }]);
  });

  it('counts what stepWith drops in the timings of each member', async () => {
    const env = playing();
    await value(env.reset());
    const drops = env.members.map(({ timings$ }) =>
      lastValueFrom(
        timings$.pipe(
          map((timings) => timings.drops),
          toArray(),
        ),
      ),
    );
    const actions = [1, 2, 3, 4].map((n) => [n, n]);
    await lastValueFrom(from(actions).pipe(stepWith(env, { busy: 'latest' })));
    await value(env.step([5, 5]));
    await value(env.close());
    expect(await Promise.all(drops)).toEqual([
      [0, 2, 0],
      [0, 2, 0],
    ]);
  });

  it('ends with its pool: pending commands, and its streams', async () => {
    const env = playing();
    await value(env.ready$);
    const streams: Observable<unknown>[] = [env.steps$, env.progress$, pool.incidents$, pool.status$, pool.progress$];
    const ends = streams.map((stream$) => lastValueFrom(stream$, { defaultValue: null }));
    const pending = [outcome(env.step(['loop', 1])), outcome(env.step([1, 1])), outcome(env.reset())];
    setTimeout(() => pool.dispose(), 20);
    for (const end of await Promise.all(pending)) expect(end).toMatchObject({ name: 'DisposedError' });
    expect((await Promise.all(ends))[3]).toEqual([{ state: 'disposed' }, { state: 'disposed' }]);
    expect(await outcome(env.step([1, 1]))).toMatchObject({ name: 'DisposedError' });
  });

  it('is closed in all runtimes, which go on', async () => {
    const env = playing();
    await value(env.reset());
    const steps = lastValueFrom(env.steps$, { defaultValue: 'completed' });
    expect(await value(env.close())).toBeNull();
    expect(await steps).toBe('completed');
    expect(await outcome(env.step([1, 1]))).toMatchObject({ name: 'DisposedError' });
    expect(await value(pool.env({ source: 'counting-env' }).step([1, 1]))).toHaveLength(2);
  });
});

describe('an episode that is done', () => {
  /** The members are a step apart: the one is done at the pool's 4th step, the other at its 5th. */
  async function apart(autoreset?: Autoreset): Promise<(readonly Step[])[]> {
    const env = playing(autoreset);
    await value(env.reset());
    await value(env.members[0]!.step(0));
    return lastValueFrom(from([1, 2, 3, 4, 5, 6].map((n) => [n, n])).pipe(stepWith(env), toArray()));
  }
  const columns = (steps: (readonly Step[])[], member: number) =>
    steps
      .map((all) => all[member]!)
      .map(({ observation, done, index, episode }) => [observation, done, index, episode]);

  it('is followed by a reset in place of the next step', async () => {
    const steps = await apart();
    expect(columns(steps, 0)).toEqual([
      [2, false, 2, 1],
      [3, false, 3, 1],
      [4, false, 4, 1],
      [5, true, 5, 1],
      [0, false, 0, 2],
      [1, false, 1, 2],
    ]);
    expect(columns(steps, 1).slice(4)).toEqual([
      [5, true, 5, 1],
      [0, false, 0, 2],
    ]);
    expect(steps[4]![0]).toEqual({
      action: null,
      observation: 0,
      reward: 0,
      terminated: false,
      truncated: false,
      info: { seed: null },
      done: false,
      index: 0,
      episode: 2,
      return: 0,
    });
  });

  it('is followed by a reset in the same step', async () => {
    const steps = await apart('same-step');
    expect(columns(steps, 0).slice(2)).toEqual([
      [4, false, 4, 1],
      [0, true, 5, 1],
      [1, false, 1, 2],
      [2, false, 2, 2],
    ]);
    expect(steps[3]![0]).toEqual({
      action: 4,
      observation: 0,
      reward: 0.5,
      terminated: true,
      truncated: false,
      info: { seed: null, final_obs: 5, final_info: { action: 4 } },
      done: true,
      index: 5,
      episode: 1,
      return: 2.5,
    });
  });

  it('is refused a step where autoreset is disabled, until it is reset', async () => {
    const env = playing('disabled');
    for (let n = 0; n < 5; n += 1) await value(env.step([n, n]));
    await value(env.members[1]!.reset());
    const refused = await value(env.step([1, 1])).catch((error: unknown) => error);
    expect(refused).toMatchObject({
      name: 'PoolError',
      errors: [{ type: 'ResetNeeded' }, undefined],
      results: [undefined, { index: 1, episode: 2 }],
    });
    await value(env.reset());
    expect(await value(env.step([1, 1]))).toMatchObject([{ index: 1 }, { index: 1 }]);
  });

  it.each(['next-step', 'same-step'] as const)(
    'is not reset twice, nor after a reset of all (%s)',
    async (autoreset) => {
      const env = playing(autoreset);
      for (let n = 0; n < 5; n += 1) await value(env.step([n, n]));
      await value(env.reset());
      expect(await value(env.step([1, 1]))).toMatchObject([{ index: 1 }, { index: 1 }]);
    },
  );

  it('refuses other modes', () => {
    expect(() => playing('never' as never)).toThrow(
      expect.objectContaining({ name: 'UsageError', option: 'autoreset', got: 'never' }) as Error,
    );
  });

  it('is part of states, too', async () => {
    const env = playing();
    for (let n = 0; n < 5; n += 1) await value(env.step([n, n]));
    const over = await value(env.getState());
    expect(await value(env.step([1, 1]))).toMatchObject([{ index: 0 }, { index: 0 }]);
    const begun = await value(env.getState());
    await value(env.setState(structuredClone(over)));
    expect(await value(env.step([1, 1]))).toMatchObject([{ index: 0 }, { index: 0 }]);
    await value(env.setState(begun));
    expect(await value(env.step([1, 1]))).toMatchObject([{ index: 1 }, { index: 1 }]);
    expect(await outcome(env.setState(begun.slice(1)))).toMatchObject({ name: 'UsageError', option: 'states' });
  });
});

describe('a member that dies', () => {
  /** The stand-in whose interpreter dies at its first step; the one that replaces it lives. */
  const dying = (at: number): ((spawned: number) => Faults) => {
    return (spawned) => (spawned === at ? { forge: (id) => ({ type: 'failure', id, error }) } : {});
  };
  const error = { kind: 'crash', cause: 'fatal', message: 'told to' };

  it('is recovered where the step resumes, while the results of the others wait', async () => {
    const env = start({}, dying(1)).env({ source: 'counting-env' });
    const crashes: PoolIncident[] = [];
    pool.incidents$.subscribe((crash) => crashes.push(crash));
    await value(env.reset());
    expect(await value(env.step(['a', 'b'], { onCrash: 'resume' }))).toMatchObject([
      { index: 1, info: { action: 'a' } },
      { index: 1, info: { action: 'b' } },
    ]);
    expect(crashes.map(({ member, incident }) => [member, incident.type])).toEqual([
      [1, 'crash'],
      [1, 'recovered'],
    ]);
    const status = await value(pool.status$);
    expect(status.map((each) => (each as Extract<RuntimeStatus, { state: 'ready' }>).attempt)).toEqual([1, 2]);
  });

  it('shows in a PoolError where the step does not resume', async () => {
    const env = start({}, dying(1)).env({ source: 'counting-env' });
    await value(env.reset());
    expect(await outcome(env.step(['a', 'b']))).toMatchObject({
      name: 'PoolError',
      member: 1,
      errors: [undefined, { name: 'CrashError' }],
      results: [{ index: 1 }, undefined],
    });
    expect(await value(env.members[1]!.step('b'))).toMatchObject({ index: 1, episode: 1 });
    expect(await value(env.step([2, 2]))).toMatchObject([{ index: 2 }, { index: 2 }]);
  });

  it('does not delay the commands of the others', async () => {
    const faults: Faults[] = [{}, dying(1)(1), { silentOn: 'boot' }];
    const env = start({}, (spawned) => faults[spawned]!).env({ source: 'counting-env' });
    await value(env.reset());
    await outcome(env.step([1, 1]));
    await value(pool.runtimes[1]!.progress$.pipe(filter(({ stage, attempt }) => stage === 'spawn' && attempt === 2)));
    const other = value(env.members[0]!.steps$);
    env.step([2, 2]).subscribe({ error: () => undefined });
    expect(await other).toMatchObject({ index: 2 });
  });

  it('is reset by stepWith, with the others', async () => {
    const env = start({}, dying(1)).env({ source: 'counting-env' });
    await value(env.reset());
    const steps = await lastValueFrom(
      from([1, 2, 3].map((n) => [n, n])).pipe(
        stepWith(env, { onCrash: 'reset', limit: 1, overflow: 'drop-oldest' }),
        toArray(),
      ),
    );
    expect(steps).toEqual([]);
    expect(await value(env.step([4, 4]))).toMatchObject([
      { index: 1, episode: 2 },
      { index: 1, episode: 2 },
    ]);
  });

  it.each(['resume', 'reset'] as const)('ends stepWith when its restarts are used up (%s)', async (onCrash) => {
    const faulty = { forge: (id: number) => ({ type: 'failure', id, error }) };
    const env = start({ restart: { limit: 1 } }, (spawned) => [{}, dying(1)(1)][spawned] ?? faulty).env({
      source: 'counting-env',
    });
    const actions$ = interval(1).pipe(map((n) => [n, n]));
    const play$ = actions$.pipe(stepWith(env, { onCrash, busy: 'drop' }));
    const end = await outcome(play$.pipe(filter(() => false)));
    expect(end).toMatchObject({ name: 'PoolError', member: 1 });
  });
});
