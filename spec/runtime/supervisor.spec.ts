import { firstValueFrom } from 'rxjs';
import { messages, scriptError, watched, type Watched } from '../helpers/watched-runtime';

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
});
afterEach(() => {
  expect(jest.getTimerCount()).toBe(0);
  jest.useRealTimers();
});

describe('a boot', () => {
  it('that gets no answer ends at its deadline with a BootError, and the worker is ended', async () => {
    const { runtime, states, terminated } = watched({ deadlines: { boot: 5000 } }, () => ({ silentOn: 'boot' }));
    const failed = firstValueFrom(runtime.boot()).catch((error: unknown) => error);
    await messages();
    jest.advanceTimersByTime(4999);
    expect(states.at(-1)).toMatchObject({ state: 'booting', attempt: 1 });
    jest.advanceTimersByTime(1);
    expect(await failed).toMatchObject({ name: 'BootError', stage: 'spawn', cause: { kind: 'deadline' } });
    expect(states.at(-1)).toMatchObject({ state: 'failed', error: await failed });
    expect(terminated).toEqual([1]);
  });

  it('whose worker says nothing at all ends after deadlines.stall', async () => {
    const { runtime, terminated } = watched({ deadlines: { boot: Infinity, stall: 700 } }, () => ({
      silentOn: 'boot',
    }));
    const failed = firstValueFrom(runtime.boot()).catch((error: unknown) => error);
    await messages();
    jest.advanceTimersByTime(699);
    expect(terminated).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(await failed).toMatchObject({ name: 'BootError', stage: 'spawn', cause: { kind: 'closed' } });
    expect((await failed) as Error).toHaveProperty('message', expect.stringContaining('said nothing for 700 ms'));
    expect(terminated).toEqual([1]);
  });

  it('whose worker script does not load ends at once, and is tried again by boot()', async () => {
    const { runtime, states, workers, terminated } = watched();
    const failed = firstValueFrom(runtime.ready$).catch((error: unknown) => error);
    workers[0]!.dispatchEvent(scriptError());
    expect(await failed).toMatchObject({ name: 'BootError', stage: 'spawn' });
    expect((await failed) as Error).toHaveProperty('message', expect.stringContaining('check that the worker script'));
    expect(terminated).toEqual([1]);
    const ready = firstValueFrom(runtime.boot());
    expect(await ready).toMatchObject({ attempt: 2 });
    expect(states.map((status) => (status as { state: string }).state)).toEqual([
      'idle',
      'booting',
      'failed',
      'booting',
      'ready',
    ]);
    runtime.dispose();
  });

  it('whose worker cannot even be made ends with what the factory threw', async () => {
    const { runtime } = watched({
      worker: () => {
        throw new TypeError('no workers here');
      },
    });
    await expect(firstValueFrom(runtime.run('1'))).rejects.toMatchObject({
      name: 'BootError',
      stage: 'spawn',
      cause: { message: 'no workers here' },
    });
  });

  it('that the worker refuses says why to all who wait', async () => {
    const { runtime } = watched({}, () => ({ refuseBoot: 'no memory' }));
    const env = runtime.env({ source: 'x' });
    const all = [runtime.boot(), runtime.run('1'), env.ready$, env.step(1)].map((each$) =>
      firstValueFrom(each$ as typeof env.ready$).catch((error: unknown) => error),
    );
    for (const error of await Promise.all(all)) {
      expect(error).toMatchObject({ name: 'BootError', stage: 'boot' });
      expect((error as Error).message).toContain('no memory');
    }
  });

  it('installs packages and sets globals before users’ commands, after each restart too', async () => {
    const types: string[][] = [];
    const { runtime, workers } = watched(
      { packages: ['a'], globals: { x: 1 }, restart: { backoff: 0 } },
      (attempt) => ({
        onCommand: ({ type }) => (types[attempt] ??= []).push(type),
      }),
    );
    await firstValueFrom(runtime.run('1'));
    await firstValueFrom(runtime.install(['b']));
    await firstValueFrom(runtime.setGlobals({ y: 2 }));
    workers[0]!.dispatchEvent(scriptError());
    jest.advanceTimersByTime(0);
    await firstValueFrom(runtime.run('1'));
    expect(types[1]).toEqual(['boot', 'install', 'setGlobals', 'run', 'install', 'setGlobals']);
    expect(types[2]).toEqual(['boot', 'install', 'setGlobals', 'replay', 'run']);
    runtime.dispose();
  });
});

describe('a restart', () => {
  const die = async ({ workers }: Watched): Promise<void> => {
    workers.at(-1)!.dispatchEvent(scriptError());
    await messages();
  };

  it('waits longer each time, and stops at the limit', async () => {
    const all = watched({ restart: { limit: 5, backoff: 100, within: 60_000 } });
    await firstValueFrom(all.runtime.boot());
    const random = jest.spyOn(Math, 'random');
    for (const [delay, drawn] of [
      [0, 0.5],
      [100, 0],
      [200, 0],
      [300, 0.5],
      [400.8, 0.998],
    ] as const) {
      random.mockReturnValueOnce(drawn);
      await die(all);
      expect(all.states.at(-1)).toMatchObject({ state: 'restarting', delay });
      const before = all.workers.length;
      if (delay) jest.advanceTimersByTime(Math.floor(delay) - 1);
      expect(all.workers).toHaveLength(before);
      jest.advanceTimersByTime(2);
      expect(all.workers).toHaveLength(before + 1);
      await messages();
      expect(all.states.at(-1)).toMatchObject({ state: 'ready' });
    }
    random.mockRestore();
    await die(all);
    expect(all.states.at(-1)).toMatchObject({ state: 'failed', error: { name: 'CrashError', attempt: 6 } });
    expect(all.terminated).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('forgets crashes that are long ago', async () => {
    const all = watched({ restart: { limit: 1, backoff: 10, within: 1000 } });
    await firstValueFrom(all.runtime.boot());
    for (let crash = 0; crash < 3; crash++) {
      await die(all);
      expect(all.states.at(-1)).toMatchObject({ state: 'restarting', delay: 0 });
      jest.advanceTimersByTime(1);
      await messages();
      expect(all.states.at(-1)).toMatchObject({ state: 'ready' });
      jest.advanceTimersByTime(1001);
    }
    all.runtime.dispose();
  });

  it('counts a boot that fails as one more, and what waits gets the error when the limit is reached', async () => {
    const all = watched({ restart: { limit: 2, backoff: 1 } }, (attempt) =>
      attempt > 1 ? { refuseBoot: 'gone' } : {},
    );
    await firstValueFrom(all.runtime.boot());
    await die(all);
    const waiting = firstValueFrom(all.runtime.run('1')).catch((error: unknown) => error);
    for (let restart = 0; restart < 2; restart++) {
      expect(all.states.at(-1)).toMatchObject({ state: 'restarting' });
      jest.advanceTimersByTime(1);
      await messages();
    }
    expect(await waiting).toMatchObject({ name: 'BootError' });
    expect(all.states.at(-1)).toMatchObject({ state: 'failed', error: await waiting });
  });

  it('never happens with a limit of 0', async () => {
    const all = watched({ restart: { limit: 0 } });
    await firstValueFrom(all.runtime.boot());
    await die(all);
    expect(all.states.at(-1)).toMatchObject({ state: 'failed', error: { name: 'CrashError' } });
  });

  it('does not happen to a runtime that is disposed of in its pause', async () => {
    const all = watched({ restart: { backoff: 1000 } });
    await firstValueFrom(all.runtime.boot());
    await die(all);
    jest.advanceTimersByTime(1);
    await messages();
    await die(all);
    expect(all.states.at(-1)).toMatchObject({ state: 'restarting' });
    all.runtime.dispose();
    jest.advanceTimersByTime(5000);
    expect(all.workers).toHaveLength(2);
    expect(all.states.at(-1)).toEqual({ state: 'disposed' });
  });

  it('is not prepared for a runtime that is disposed of by who hears that it is ready', async () => {
    const all = watched();
    all.runtime.status$.subscribe(({ state }) => {
      if (state === 'ready') all.runtime.dispose();
    });
    await firstValueFrom(all.runtime.boot()).catch(() => undefined);
    await messages();
    expect(all.states.at(-1)).toEqual({ state: 'disposed' });
    expect(jest.getTimerCount()).toBe(0);
    jest.advanceTimersByTime(10_000);
    expect(all.workers).toHaveLength(1);
  });

  it('or a disposal in answer to a crash leaves nothing behind', async () => {
    const all = watched();
    await firstValueFrom(all.runtime.boot());
    all.runtime.incidents$.subscribe(() => {
      all.runtime.dispose();
    });
    await die(all);
    expect(all.states.at(-1)).toEqual({ state: 'disposed' });
    expect(all.terminated).toEqual([1]);
  });
});

it.each<[what: string, forge: (id: number) => unknown, phase: string]>([
  ['is malformed', () => ({ type: 'answer' }), 'step'],
  ['belongs to no command', (id) => ({ type: 'answer', id: id + 1, value: { json: '1', buffers: [] } }), 'step'],
])('gives up a worker whose message %s', async (_, forge, phase) => {
  const { runtime } = watched({ restart: { backoff: 0 } }, (attempt) => (attempt === 1 ? { forge } : {}));
  const env = runtime.env({ source: 'x' });
  const error = await firstValueFrom(env.step(1)).catch((e: unknown) => e);
  expect(error).toMatchObject({ name: 'CrashError', cause: { kind: 'protocol' }, phase });
  jest.advanceTimersByTime(0);
  expect(await firstValueFrom(env.step(1))).toMatchObject({ index: 1 });
  runtime.dispose();
});
