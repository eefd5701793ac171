import { IDBFactory } from 'fake-indexeddb';
import { concat, lastValueFrom, pipe, takeWhile, tap, throwError, toArray, type Observable } from 'rxjs';
import {
  BootError,
  StateError,
  actions,
  persist,
  record,
  rounds,
  scoreboard$,
  stepWith,
  type Action,
  type PersistConfig,
  type PersistError,
  type Round,
  type RoundsConfig,
  type Step,
  type StudyRecord,
} from '../../src/index.js';
import { fakeSingle, type FakeEnv } from '../agents/fake-env.js';
import { usageError } from '../operators/usage-error.js';
import { useFakeStorage } from '../records/fake-storage.js';
import { fillGames, idle, opened } from './games.js';

type Event = Round;

/** An event in a word or two; those of the boot in none. */
function word(event: Event): string[] {
  switch (event.type) {
    case 'loading':
      return [];
    case 'resumed':
      return [`resumed ${event.round}.${event.begun && 'index' in event.begun ? event.begun.index : 0}`];
    case 'playing':
      return event.step ? [`step ${event.round}.${event.step.index}`] : [];
    case 'over':
      return [`over ${event.round}`];
    case 'finished':
      return [`finished ${event.results.map(({ steps }) => steps).join()}`];
    default:
      return [event.type];
  }
}

interface Visit {
  readonly env?: FakeEnv<Step>;
  readonly config?: Partial<PersistConfig>;
  readonly rounds?: RoundsConfig;
  /** The page is left right after this event, which it saw. */
  readonly until?: string;
  readonly source?: (context: { readonly index: number; readonly episode: number }) => number;
}

let problems: PersistError[] = [];
const reasons = () => problems.map(({ reason }) => reason);

/** The game of a page that is opened on the same storage each time. */
const game = ({ env = fakeSingle(), config = {}, rounds: options = {}, source = ({ index }) => index }: Visit) =>
  persist(env, { key: 'k', onProblem: (problem) => problems.push(problem), ...config }, (from) =>
    rounds(env, pipe(actions(env, source), stepWith(env)), { count: 2, seed: 40, fps: 500, ...options, from }),
  );

/** Opens the page, plays until the end or until it is left, and says what was seen. */
async function visit(given: Visit = {}): Promise<string[]> {
  const seen$: Observable<Event> = game(given).pipe(
    takeWhile((event) => given.until === undefined || !word(event).includes(given.until), true),
  );
  const seen = await lastValueFrom(seen$.pipe(toArray()));
  await idle();
  return seen.flatMap(word);
}

describe('persist', () => {
  useFakeStorage();
  beforeEach(() => (problems = []));
  afterEach(idle);

  it('plays a game as it is, and forgets it when it is finished', async () => {
    const all = ['step 0.1', 'step 0.2', 'step 0.3', 'over 0', 'step 1.1', 'step 1.2', 'step 1.3', 'over 1'];
    expect(await visit()).toEqual([...all, 'finished 3,3']);
    expect(await visit()).toEqual([...all, 'finished 3,3']);
    expect(problems).toEqual([]);
  });

  it('goes on behind the last step that the page saw, with the results of the rounds before', async () => {
    await visit({ until: 'step 1.2' });
    const env = fakeSingle();
    expect(await visit({ env })).toEqual(['resumed 1.2', 'step 1.3', 'over 1', 'finished 3,3']);
    expect(env.episode).toBe(2);
    expect(problems).toEqual([]);
  });

  it('replays what came since the checkpoint', async () => {
    await visit({ until: 'step 0.2' });
    const env = fakeSingle();
    await visit({ env, until: 'step 0.3' });
    expect(env.log.slice(0, 4)).toEqual(['setState', 'step 1', 'step 2', 'step 3']);
  });

  it('replays in messages of many steps where the env takes them', async () => {
    await visit({ env: fakeSingle({ length: 200 }), until: 'step 0.70' });
    const env = fakeSingle({ length: 200 });
    const messages: number[] = [];
    const stepMany = (all: readonly Action[]) => {
      messages.push(all.length);
      return concat(...all.map((action) => env.step(action)));
    };
    expect((await visit({ env: Object.assign(env, { stepMany }), until: 'step 0.71' }))[0]).toBe('resumed 0.70');
    expect(messages).toEqual([64, 6]);
    expect(problems).toEqual([]);
  });

  it('hands each event to the browser before it passes it on', async () => {
    const calls: string[] = [];
    const { commit } = IDBTransaction.prototype;
    jest.spyOn(IDBTransaction.prototype, 'commit').mockImplementation(function (this: IDBTransaction) {
      calls.push('commit');
      commit.call(this);
    });
    await lastValueFrom(game({ rounds: { count: 1 } }).pipe(tap((event) => calls.push(...word(event)))));
    for (const each of ['step 0.2', 'step 0.3', 'over 0', 'finished 3']) {
      expect(calls[calls.indexOf(each) - 1]).toBe('commit');
    }
  });

  it('has the records of an event handed over with it, so that the game is not ahead of them', async () => {
    const calls: string[] = [];
    const { add } = IDBObjectStore.prototype;
    jest.spyOn(IDBObjectStore.prototype, 'add').mockImplementation(function (this: IDBObjectStore, ...args) {
      const record = args[0] as StudyRecord;
      if (record.type === 'step') calls.push(`record 0.${record.index}`);
      return add.apply(this, args);
    });
    const recorder = record({ study: 'persisted', delay: 10_000 });
    await lastValueFrom(
      game({ rounds: { count: 1 } }).pipe(
        recorder,
        tap((event) => calls.push(...word(event))),
      ),
    );
    expect(calls.slice(0, 4)).toEqual(['step 0.1', 'record 0.1', 'step 0.2', 'record 0.2']);
  });

  it('gives up what has become too long, and tells so', async () => {
    const env = () => {
      const env = fakeSingle({ length: 150 });
      env.getState = () => throwError(() => new StateError('getState', 'no'));
      return env;
    };
    await visit({ env: env(), config: { limit: 100 }, until: 'step 0.110' });
    expect(reasons()).toEqual(['state']);
    expect((await visit({ env: env(), config: { limit: 100 }, until: 'step 0.1' }))[0]).toBe('resumed 0.0');
    expect(reasons()).toEqual(['state', 'replay']);
  });

  it('is not persisted where another tab plays it, and tells so', async () => {
    await visit({ until: 'step 0.2' });
    const locks = {
      request: (_: string, { ifAvailable }: LockOptions, callback: (lock: null) => unknown) =>
        ifAvailable ? Promise.resolve(callback(null)) : new Promise(() => undefined),
    };
    const given = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
    Object.defineProperty(globalThis, 'navigator', { value: { locks }, configurable: true });
    expect((await visit({ until: 'step 0.1' }))[0]).toBe('step 0.1');
    expect(reasons()).toEqual(['tab']);
    if (given) Object.defineProperty(globalThis, 'navigator', given);
    else Reflect.deleteProperty(globalThis, 'navigator');
    expect((await visit({ until: 'step 0.3' }))[0]).toBe('resumed 0.2');
  });

  it('goes on again and again', async () => {
    const seen: string[] = [];
    for (const until of ['step 0.1', 'step 0.2', 'step 0.3', 'over 0', 'step 1.1', 'step 1.2', undefined]) {
      seen.push(...(await visit(until === undefined ? {} : { until })));
    }
    expect(seen.filter((each) => each.startsWith('step'))).toEqual([
      ...['step 0.1', 'step 0.2', 'step 0.3'],
      ...['step 1.1', 'step 1.2', 'step 1.3'],
    ]);
    expect(seen.filter((each) => each.startsWith('over'))).toEqual(['over 0', 'over 1']);
    expect(seen.at(-1)).toBe('finished 3,3');
    expect(problems).toEqual([]);
  });

  it('goes on with the next round where one was over', async () => {
    await visit({ until: 'over 0' });
    const env = fakeSingle();
    expect((await visit({ env })).slice(0, 2)).toEqual(['resumed 1.0', 'step 1.1']);
    expect(env.log).toContain('reset 41');
    expect(env.episode).toBe(2);
  });

  it('finishes a game that was left before it could say so', async () => {
    await visit({ until: 'over 1' });
    expect(await visit()).toEqual(['finished 3,3']);
  });

  describe('where the state cannot be had', () => {
    const withoutState = () => {
      const env = fakeSingle();
      env.getState = () => throwError(() => new StateError('getState', 'no'));
      return env;
    };

    it('replays the round from its reset', async () => {
      await visit({ env: withoutState(), until: 'step 1.2' });
      const env = withoutState();
      expect(await visit({ env })).toEqual(['resumed 1.2', 'step 1.3', 'over 1', 'finished 3,3']);
      expect(env.log.slice(0, 4)).toEqual(['reset 41', 'step 1', 'step 2', 'step 3']);
      expect(problems).toEqual([]);
    });

    it('tells so where there is no seed either, and begins the round anew', async () => {
      const options = { rounds: { seed: undefined } };
      await visit({ env: withoutState(), until: 'step 1.2', ...options });
      expect(reasons()).toEqual(['state']);
      expect((await visit({ env: withoutState(), ...options })).slice(0, 2)).toEqual(['resumed 1.0', 'step 1.1']);
      expect(reasons()).toEqual(['state', 'replay', 'state']);
    });
  });

  it('begins the round anew where the replay comes to something else, and tells so', async () => {
    await visit({ until: 'step 0.2' });
    const env = fakeSingle();
    jest.spyOn(env, 'step').mockImplementationOnce((action) => fakeSingle({ length: 1 }).step(action));
    expect((await visit({ env })).slice(0, 3)).toEqual(['resumed 0.0', 'step 0.1', 'step 0.2']);
    expect(reasons()).toEqual(['replay']);
    expect(env.log).toContain('reset 40');
  });

  it('fails where Python does not boot, and goes on where a retry boots it', async () => {
    await visit({ until: 'step 0.2' });
    const env = fakeSingle();
    const { setState } = env;
    env.setState = () => throwError(() => new BootError('boot', '/pyodide/', 'no network'));
    const seen: string[] = [];
    await lastValueFrom(
      game({ env }).pipe(
        takeWhile((event) => {
          seen.push(...word(event));
          if (event.type === 'failed') {
            env.setState = setState;
            event.retry();
          }
          return event.type !== 'over';
        }),
      ),
    ).catch(() => undefined);
    expect(seen).toEqual(['failed', 'resumed 0.2', 'step 0.3', 'over 0']);
  });

  it('forgets what is of another version, and tells so', async () => {
    await visit({ until: 'step 0.2', config: { version: 1 } });
    expect((await visit({ config: { version: 2 }, until: 'step 0.1' }))[0]).toBe('step 0.1');
    expect(reasons()).toEqual(['changed']);
    expect((await visit({ config: { version: 2 } }))[0]).toBe('resumed 0.1');
  });

  it('forgets what is of an env of another spec', async () => {
    const of = (source: string) => Object.assign(fakeSingle(), { spec: { source, frames: { inFlight: 1 } } });
    await visit({ env: of('a'), until: 'step 0.2' });
    expect((await visit({ env: of('a'), until: 'step 0.3' }))[0]).toBe('resumed 0.2');
    expect((await visit({ env: of('b'), until: 'step 0.1' }))[0]).toBe('step 0.1');
    expect(reasons()).toEqual(['changed']);
  });

  it('keeps the games of different keys apart', async () => {
    await visit({ until: 'step 0.2', config: { key: 'one' } });
    expect((await visit({ until: 'step 0.1', config: { key: 'two' } }))[0]).toBe('step 0.1');
    expect((await visit({ until: 'step 0.3', config: { key: 'one' } }))[0]).toBe('resumed 0.2');
  });

  it('brings back the states of the policies', async () => {
    const policyOf = () => {
      const policy = {
        hidden: 0,
        getState: () => policy.hidden,
        setState: (state: unknown) => (policy.hidden = state as number),
      };
      return policy;
    };
    const [one, other] = [policyOf(), policyOf()];
    await visit({ until: 'step 0.2', config: { policies: { bot: one } }, source: () => (one.hidden += 10) });
    const env = fakeSingle();
    await visit({ env, until: 'step 0.3', config: { policies: { bot: other } }, source: () => (other.hidden += 10) });
    expect(env.log.at(-1)).toBe('step 30');
  });

  it('tells of a policy whose state cannot be had, and plays', async () => {
    const policy = {
      getState: () => {
        throw new Error('no');
      },
      setState: () => undefined,
    };
    expect((await visit({ config: { policies: { bot: policy } } })).at(-1)).toBe('finished 3,3');
    expect(reasons()).toEqual(['policy']);
  });

  it('goes on with the time that was left', async () => {
    const limits = { rounds: { timeLimit: 100 } };
    const left = async () => {
      const seen = await lastValueFrom(
        game(limits).pipe(
          takeWhile((event) => event.type !== 'playing' || (event.step?.index ?? 0) < 2, true),
          toArray(),
        ),
      );
      await idle();
      return seen.flatMap((event) => (event.type === 'playing' ? [event.timeLeft ?? NaN] : []));
    };
    const first = await left();
    const again = await left();
    expect(first.at(-1)).toBeLessThan(100);
    expect(again[0]).toBe(first.at(-1));
  });

  it('goes on with the seed of the round, whatever the page says now', async () => {
    await visit({ until: 'step 0.2' });
    const seen = await lastValueFrom(game({ rounds: { seed: 7, count: 1 } }).pipe(toArray()));
    expect(seen.flatMap((event) => (event.type === 'over' ? [event.seed] : []))).toEqual([40]);
  });

  it('has the score of the rounds before', async () => {
    await visit({ until: 'step 1.2' });
    const scores = await lastValueFrom(scoreboard$(game({})).pipe(toArray()));
    expect(scores.map(({ score, total }) => [score, total])).toEqual([
      [2, 5],
      [2, 5],
      [3, 6],
      [3, 6],
    ]);
  });

  it('plays where there is no storage, and tells so', async () => {
    jest.spyOn(IDBFactory.prototype, 'open').mockImplementation(() => {
      throw new DOMException('no', 'SecurityError');
    });
    expect((await visit()).at(-1)).toBe('finished 3,3');
    expect(reasons()).toEqual(['unavailable']);
  });

  it('plays on where the storage is full, tells so once, and goes back to what is stored', async () => {
    await visit({ until: 'step 0.1' });
    const empty = fillGames();
    await visit({ until: 'step 1.2' });
    expect(reasons()).toEqual(['full']);
    empty();
    expect((await visit({ until: 'step 0.2' })).slice(0, 2)).toEqual(['resumed 0.1', 'step 0.2']);
  });

  it('forgets what no game wrote', async () => {
    await visit({ until: 'step 0.2' });
    const database = await opened();
    database.transaction('games', 'readwrite').objectStore('games').put({ format: 99 }, 'k');
    database.close();
    await idle();
    expect((await visit({ until: 'step 0.1' }))[0]).toBe('step 0.1');
    expect(reasons()).toEqual(['changed']);
  });

  it.each<[string, object]>([
    ['persist.key', { key: '' }],
    ['persist.every', { every: 0 }],
    ['persist.limit', { limit: 5 }],
    ['persist.version', { version: {} }],
    ['persist.policies', { policies: { bot: () => 0 } }],
    ['persist.durability', { durability: 'lax' }],
    ['persist.evry', { evry: 1 }],
  ])('refuses a bad %s', (option, config) => {
    expect(() => game({ config })).toThrow(usageError(option));
  });
});
