import { firstValueFrom, repeat } from 'rxjs';
import type { Faults } from '../helpers/stand-in-worker';
import { messages, scriptError, watched, type Watched } from '../helpers/watched-runtime';

/** Time goes by, and messages with it. */
const pass = async (ms: number): Promise<void> => {
  for (let left = ms; left > 0; left -= 100) {
    await messages();
    jest.advanceTimersByTime(Math.min(100, left));
  }
  await messages();
};

/** The given worker dies, by default the latest. */
const die = async ({ workers }: Watched, which = workers.length): Promise<void> => {
  workers[which - 1]!.dispatchEvent(scriptError());
  await messages();
};

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
  jest.spyOn(Math, 'random').mockReturnValue(0);
});
afterEach(() => {
  expect(jest.getTimerCount()).toBe(0);
  jest.useRealTimers();
  jest.restoreAllMocks();
});

/** Long enough for a spare to be there. */
const soon = 2000;

describe('a spare', () => {
  it('is booted after the interpreter, takes over at a crash, and is followed by the next one', async () => {
    const all = watched({ restart: { spare: true } });
    await firstValueFrom(all.runtime.boot());
    expect(all.workers).toHaveLength(1);
    await pass(soon);
    expect(all.workers).toHaveLength(2);
    await die(all, 1);
    jest.advanceTimersByTime(0);
    await messages();
    expect(all.states.at(-1)).toMatchObject({ state: 'ready', attempt: 2, ready: { how: 'spare' } });
    expect(all.workers).toHaveLength(2);
    await pass(soon);
    expect(all.workers).toHaveLength(3);
    expect(all.terminated).toEqual([1]);
    all.runtime.dispose();
    expect(all.terminated).toEqual([1, 2, 3]);
  });

  it('waits for as long as a command runs or waits', async () => {
    const all = watched({ restart: { spare: true } }, () => ({ stepMs: 6000 }));
    const env = all.runtime.env({ source: 'x' });
    await firstValueFrom(env.ready$);
    env.step(1).subscribe();
    env.step(2).subscribe();
    await pass(11_900);
    expect(all.workers).toHaveLength(1);
    await pass(200);
    expect(all.workers).toHaveLength(2);
    all.runtime.dispose();
  });

  it('finds a moment between two steps of a game that never pauses', async () => {
    const all = watched({ restart: { spare: true } }, () => ({ stepMs: 30, episode: Infinity }));
    const env = all.runtime.env({ source: 'x' });
    await firstValueFrom(env.ready$);
    const game = env.step(1).pipe(repeat()).subscribe();
    await pass(1400);
    expect(all.workers).toHaveLength(1);
    await pass(300);
    expect(all.workers).toHaveLength(2);
    game.unsubscribe();
    all.runtime.dispose();
    await pass(10); // the env's look for a moment to take a checkpoint in
  });

  it('that dies is replaced, each time later, and no longer at the limit', async () => {
    const all = watched({ restart: { spare: true, limit: 3, within: 600_000, backoff: 4000 } });
    await firstValueFrom(all.runtime.boot());
    await pass(soon);
    for (const pause of [0, 4000, 8000]) {
      const before = all.workers.length;
      await die(all);
      await pass(pause + 1000);
      expect(all.workers).toHaveLength(before);
      await pass(1000);
      expect(all.workers).toHaveLength(before + 1);
    }
    await die(all);
    await pass(60_000);
    expect(all.workers).toHaveLength(5);
    expect(all.states.at(-1)).toMatchObject({ state: 'ready', attempt: 1 });
    all.runtime.dispose();
  });

  it('that dies now and then is always replaced', async () => {
    const all = watched({ restart: { spare: true, limit: 1, within: 1000 } });
    await firstValueFrom(all.runtime.boot());
    await pass(soon);
    for (let spare = 2; spare < 10; spare++) {
      expect(all.workers).toHaveLength(spare);
      await die(all);
      await pass(soon);
    }
    all.runtime.dispose();
  });

  it('costs the runtime none of its restarts when it dies, and comes again after the next one', async () => {
    const all = watched({ restart: { spare: true, limit: 1 } });
    await firstValueFrom(all.runtime.boot());
    await pass(soon);
    await die(all);
    await pass(soon);
    await die(all);
    await pass(60_000);
    expect(all.workers).toHaveLength(3);
    await die(all, 1);
    await pass(soon);
    expect(all.states.at(-1)).toMatchObject({ state: 'ready', attempt: 2, ready: { how: 'cold' } });
    expect(all.workers).toHaveLength(5);
    all.runtime.dispose();
  });

  it('whose worker cannot be made is tried again, but not for a runtime that is disposed of', async () => {
    let made = 0;
    const all = watched({ restart: { spare: true, backoff: 0 } }, () => {
      if (++made > 1) throw new TypeError('no more workers');
      return {};
    });
    await firstValueFrom(all.runtime.boot());
    await pass(soon);
    expect(made).toBe(2);
    await pass(soon);
    expect(made).toBe(3);
    all.runtime.dispose();
    await pass(10_000);
    expect(made).toBe(3);
  });
});

describe('a snapshot', () => {
  /** What each worker was to start from. */
  function booting(options: Parameters<typeof watched>[0], faults: (attempt: number) => Faults) {
    const boots: string[] = [];
    const all = watched(options, (attempt) => ({
      ...faults(attempt),
      onCommand: (command) => {
        if (command.type === 'boot') boots.push(command.makeSnapshot ? 'make' : command.snapshot ? 'snapshot' : 'cold');
      },
    }));
    return { ...all, boots };
  }

  it('is taken of another interpreter after a cold boot, once, and restarts come from it', async () => {
    const all = booting({}, () => ({}));
    await firstValueFrom(all.runtime.boot());
    await pass(soon);
    expect(all.terminated).toEqual([2]);
    for (let restart = 0; restart < 3; restart++) {
      await die(all, restart ? undefined : 1);
      await pass(soon);
      expect(all.states.at(-1)).toMatchObject({ state: 'ready', ready: { how: 'snapshot' } });
    }
    expect(all.boots).toEqual(['cold', 'make', 'snapshot', 'snapshot', 'snapshot']);
    all.runtime.dispose();
  });

  it('that could not be taken is not tried again', async () => {
    const all = booting({}, (attempt) => (attempt === 2 ? { refuseBoot: 'no snapshots here' } : {}));
    await firstValueFrom(all.runtime.boot());
    await pass(soon);
    await die(all, 1);
    await pass(soon);
    expect(all.boots).toEqual(['cold', 'make', 'cold']);
    all.runtime.dispose();
  });

  it.each<[what: string, fault: Faults, boots: string[]]>([
    ['that an interpreter dies of', { refuseBoot: 'a bad snapshot' }, ['cold', 'make', 'snapshot', 'cold', 'cold']],
    ['that an interpreter makes nothing of', { bootsCold: true }, ['cold', 'make', 'snapshot', 'cold']],
  ])('%s is not used again, and no other is taken', async (_, fault, boots) => {
    const all = booting({ restart: { backoff: 0 } }, (attempt) => (attempt === 3 ? fault : {}));
    await firstValueFrom(all.runtime.boot());
    await pass(soon);
    await die(all, 1);
    await pass(soon);
    expect(all.states.at(-1)).toMatchObject({ state: 'ready', ready: { how: 'cold' } });
    await die(all);
    await pass(soon);
    expect(all.states.at(-1)).toMatchObject({ state: 'ready', ready: { how: 'cold' } });
    expect(all.boots).toEqual(boots);
    all.runtime.dispose();
  });

  it('that a spare dies of is not used for the next spare', async () => {
    const options = { cache: 'snapshot', restart: { spare: true, backoff: 0 } } as const;
    const all = booting(options, (attempt) => (attempt === 4 ? { refuseBoot: 'a bad snapshot' } : {}));
    await firstValueFrom(all.runtime.boot());
    await pass(2 * soon);
    expect(all.boots).toEqual(['cold', 'cold', 'make']);
    await die(all, 2);
    await pass(2 * soon);
    expect(all.boots).toEqual(['cold', 'cold', 'make', 'snapshot', 'cold']);
    all.runtime.dispose();
  });
});
