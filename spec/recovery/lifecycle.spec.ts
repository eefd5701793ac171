import type { Subscription } from 'rxjs';
import type { GymEnv, Incident } from '../../src/index';
import type { Command } from '../../src/protocol/commands';
import type { Faults } from '../helpers/stand-in-worker';
import { messages, scriptError, watched, type Watched } from '../helpers/watched-runtime';

const resume = { onCrash: 'resume' } as const;

/** The transitions of an env, by what its users see of them; the stand-in is checked by the contract suite. */
describe('an env', () => {
  let all: Watched;
  let env: GymEnv;
  let incidents: Incident[];
  let heard: unknown[];
  let sent: Command['type'][];
  let faults: Faults;
  let watching: Subscription | undefined;

  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
    jest.spyOn(Math, 'random').mockReturnValue(0);
    incidents = [];
    heard = [];
    sent = [];
    faults = {};
    const told = (): Faults => Object.assign(faults, { onCommand: ({ type }: Command) => sent.push(type) });
    all = watched({ restart: { limit: 2, snapshot: false }, deadlines: { grace: 100 } }, told);
    all.runtime.incidents$.subscribe((incident) => incidents.push(incident));
    env = all.runtime.env({ source: 'x', recovery: { ms: Infinity } });
  });
  afterEach(async () => {
    watching?.unsubscribe();
    all.runtime.dispose();
    await messages();
    expect(jest.getTimerCount()).toBe(0);
    jest.useRealTimers();
    jest.restoreAllMocks();
  });

  const watch = (): void => {
    watching = env.ready$.subscribe({
      next: ({ attempt }) => heard.push(`ready ${attempt}`),
      error: (error: unknown) => heard.push(`ready: ${(error as Error).name}`),
      complete: () => heard.push('ready is over'),
    });
  };
  /** Sends a step; `name` says how it ended. */
  const step = (name: string, action: unknown = name, options = {}): Subscription =>
    env.step(action as string, options).subscribe({
      next: ({ index, episode }) => heard.push(`${name}: ${episode}.${index}`),
      error: (error: unknown) => heard.push(`${name}: ${(error as Error).name}`),
    });
  const die = async (): Promise<void> => {
    all.workers.at(-1)!.dispatchEvent(scriptError());
    await messages();
  };
  /** Time for the pause before a restart. */
  const pass = async (ms = 0): Promise<void> => {
    jest.advanceTimersByTime(ms);
    await messages();
  };
  const types = (): string[] => incidents.map(({ type }) => type);

  it('that is new is set up when it is wanted, once', async () => {
    await messages();
    expect(sent).toEqual([]);
    watch();
    step('a');
    await messages();
    expect(sent).toEqual(['boot', 'setUp', 'step']);
    expect(heard).toEqual(['ready 1', 'a: 1.1']);
  });

  it('whose set-up failed is new again: who counted on it is told, the next command tries again', async () => {
    faults.refuseSetUp = 'told to';
    watch();
    step('a');
    step('b');
    await messages();
    expect(heard).toEqual(['a: PythonError', 'b: PythonError', 'ready: PythonError']);
    expect(types()).toEqual([]);
    delete faults.refuseSetUp;
    step('c');
    await messages();
    expect(heard.at(-1)).toBe('c: 1.1');
    expect(sent).toEqual(['boot', 'setUp', 'setUp', 'step']);
  });

  it('whose interpreter dies in its first set-up is set up in the next', async () => {
    faults.silentOn = 'setUp';
    watch();
    step('a', 'a', resume);
    await messages();
    delete faults.silentOn;
    await die();
    await pass();
    expect(heard).toEqual(['ready 2', 'a: 1.1']);
    expect(types()).toEqual(['crash']);
  });

  it('that is up is lost when its interpreter dies, and recovered in the next, before what waits', async () => {
    watch();
    step('a');
    await messages();
    await die();
    expect(heard).toEqual(['ready 1', 'a: 1.1']);
    step('b');
    await pass();
    expect(sent.slice(3)).toEqual(['boot', 'setUp', 'replay', 'step']);
    expect(heard.slice(2)).toEqual(['ready 2', 'b: 1.2']);
    expect(incidents).toMatchObject([
      { type: 'crash' },
      { type: 'recovered', how: 'cold', attempt: 2, replayed: 1, checkpoint: false },
    ]);
  });

  it('that is lost once more on its recovery keeps the time of the first death and the cause of the latest', async () => {
    step('a');
    await messages();
    faults.silentOn = 'replay';
    await die();
    await pass();
    delete faults.silentOn;
    all.workers.at(-1)!.dispatchEvent(Object.assign(scriptError(), { message: 'the second' }));
    await messages();
    await pass(100);
    expect(types()).toEqual(['crash', 'crash', 'recovered']);
    expect(incidents[2]).toMatchObject({
      attempt: 3,
      cause: { message: expect.stringContaining('the second') as string },
    });
    expect((incidents[2] as Extract<Incident, { type: 'recovered' }>).ms).toBeGreaterThanOrEqual(50);
  });

  it('whose runtime has failed says so, and is recovered when somebody boots it again', async () => {
    step('a');
    await messages();
    for (let deaths = 1; deaths <= 3; deaths++) {
      await die();
      await pass(10_000);
    }
    expect(all.states.at(-1)).toMatchObject({ state: 'failed' });
    watch();
    await messages();
    expect(heard.at(-1)).toBe('ready: CrashError');
    jest.advanceTimersByTime(60_000);
    void all.runtime.boot();
    await messages();
    step('b');
    await messages();
    expect(heard.at(-1)).toBe('b: 1.2');
  });

  it('of which an operation is discarded is recovered in the same interpreter', async () => {
    watch();
    step('a');
    await messages();
    faults.stepMs = 50;
    step('cancelled').unsubscribe(); // it waits: it never ran
    await pass();
    const running = step('late');
    await messages();
    running.unsubscribe();
    await pass(50);
    delete faults.stepMs;
    step('b');
    await pass();
    expect(heard).toEqual(['ready 1', 'a: 1.1', 'ready 1', 'b: 1.2']);
    expect(incidents).toMatchObject([{ type: 'recovered', how: 'same', cause: { kind: 'cancelled' }, replayed: 1 }]);
  });

  it('whose recovery differs is set up afresh; who counted on it is told', async () => {
    watch();
    step('a');
    await messages();
    faults.diverge = true;
    await die();
    step('b', 'b', resume);
    await pass();
    expect(heard).toEqual(['ready 1', 'a: 1.1', 'b: ReplayDivergedError', 'ready 2']);
    expect(types()).toEqual(['crash', 'unrecoverable']);
    delete faults.diverge;
    step('c');
    await messages();
    expect(heard.at(-1)).toBe('c: 2.1'); // an episode’s number never comes twice
  });

  it('whose new beginning fails, too, is new: the next command tries again', async () => {
    step('a');
    await messages();
    faults.diverge = true;
    await die();
    // the set-up of the recovery succeeds, the one behind it does not
    faults.onSetUp = (count) => {
      if (count > 1) faults.refuseSetUp = 'told to';
    };
    step('b', 'b', resume);
    await pass();
    expect(types()).toEqual(['crash', 'unrecoverable', 'unrecoverable']);
    delete faults.refuseSetUp;
    delete faults.onSetUp;
    step('c');
    await messages();
    expect(heard.at(-1)).toBe('c: 2.1');
  });

  it('whose recovery is late is not tried again: it would be late once more', async () => {
    step('a');
    await messages();
    faults.silentOn = 'replay';
    await die();
    await pass();
    await pass(10_000); // the deadline of a step
    await pass(10_000); // the grace and the pause
    delete faults.silentOn;
    await pass(10_000);
    const unrecoverable = incidents.find(({ type }) => type === 'unrecoverable');
    expect(unrecoverable).toMatchObject({
      error: { name: 'StateError', message: expect.stringContaining('too long') as string },
    });
    step('b');
    await messages();
    expect(heard.at(-1)).toBe('b: 2.1');
  });

  it('has a checkpoint right behind its set-up where code ran before it, also code that was sent with it', async () => {
    all.runtime.run('1').subscribe();
    step('a');
    await messages();
    expect(sent).toEqual(['boot', 'run', 'setUp', 'getState', 'step']);
  });

  it('is set up before what is sent by who sees the boot begin', async () => {
    all.runtime.status$.subscribe(({ state }) => {
      if (state === 'booting') step('early');
    });
    step('a');
    await messages();
    expect(sent).toEqual(['boot', 'setUp', 'step', 'step']);
    expect(heard).toEqual(['early: 1.1', 'a: 1.2']);
  });

  it('whose first set-up was late says so to all who wait for it', async () => {
    faults.silentOn = 'setUp';
    step('a');
    step('b');
    await messages();
    await pass(60_000); // the deadline of a set-up
    await pass(100); // the grace
    expect(heard).toEqual(['a: DeadlineError', 'b: DeadlineError']);
    delete faults.silentOn;
  });

  it('comes to life without globals that could not be set', async () => {
    step('a');
    await messages();
    faults.refuseGlobals = 'told to';
    all.runtime.setGlobals({ a: 1 }).subscribe({ error: () => undefined });
    await messages();
    await die();
    await pass();
    expect(sent.slice(4)).toEqual(['boot', 'setUp', 'replay']); // no replay of `__main__`
  });

  it('that is closed ends what waits, and stays closed', async () => {
    watch();
    step('a');
    await messages();
    await die();
    step('b', 'b', resume);
    env.close().subscribe(() => heard.push('closed'));
    await pass();
    expect(heard.slice(2)).toEqual(['b: DisposedError', 'ready is over', 'closed']);
    step('c');
    watch();
    await messages();
    expect(heard.slice(5)).toEqual(['c: DisposedError', 'ready is over']);
    expect(sent.filter((type) => type === 'setUp')).toHaveLength(1); // nobody recovered it
  });

  it('of a runtime that is disposed of is closed', async () => {
    watch();
    await messages();
    all.runtime.dispose();
    expect(heard).toEqual(['ready 1', 'ready is over']);
  });
});
