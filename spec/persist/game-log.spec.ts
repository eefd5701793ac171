import type { PersistError } from '../../src/errors.js';
import { GameLog } from '../../src/persist/game-log.js';
import type { Operation } from '../../src/persist/stored-game.js';
import { useFakeStorage } from '../records/fake-storage.js';
import { fillGames, idle, opened } from './games.js';

const step = (action: number): Operation => ({ type: 'step', action, digest: String(action), timeLeft: null });
const actionsOf = (operations: readonly Operation[] = []) =>
  operations.flatMap((operation) => (operation.type === 'step' ? [operation.action] : []));

describe('the log of a persisted game', () => {
  useFakeStorage();
  let problems: string[] = [];
  let now = 0;
  beforeEach(() => {
    problems = [];
    now = 0;
    jest.spyOn(performance, 'now').mockImplementation(() => now);
  });

  const logOf = (limit = 1000) =>
    new GameLog({
      key: 'k',
      version: 'v',
      durability: 'relaxed',
      limit,
      tell: ({ reason }: PersistError) => problems.push(reason),
    });

  async function begun(limit?: number) {
    const log = logOf(limit);
    await log.open();
    log.onRound(0, 7);
    for (const action of [1, 2, 3]) log.onStep(step(action), undefined);
    await idle();
    return log;
  }

  it('is read as it was written', async () => {
    await begun();
    const stored = await logOf().open();
    expect(stored?.head).toMatchObject({ round: 0, seed: 7, isOver: false, results: [], checkpoint: null, first: 0 });
    expect(stored?.operations).toEqual([{ type: 'reset', seed: 7 }, step(1), step(2), step(3)]);
  });

  it('begins behind a checkpoint', async () => {
    const log = await begun();
    const state = { format: 2, bytes: Uint8Array.of(1) } as const;
    log.onCheckpoint(state, 3);
    await idle();
    const stored = await logOf().open();
    expect(stored?.head).toMatchObject({ first: 3, checkpoint: state });
    expect(stored?.operations).toEqual([step(3)]);
  });

  it('begins at the reset of a round where there is no checkpoint', async () => {
    const log = await begun();
    log.onRound(1, 8);
    await idle();
    expect((await logOf().open())?.operations).toEqual([{ type: 'reset', seed: 8 }]);
  });

  it('is written anew, with all that came meanwhile, when there is room again', async () => {
    const log = await begun();
    const empty = fillGames();
    log.onStep(step(4), undefined);
    await idle();
    log.onStep(step(5), undefined);
    await idle();
    empty();
    now += 499;
    log.onStep(step(6), undefined);
    await idle();
    expect(actionsOf((await logOf().open())?.operations)).toEqual([1, 2, 3]);
    now += 1;
    log.onStep(step(7), undefined);
    await idle();
    expect(actionsOf((await logOf().open())?.operations)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(problems).toEqual(['full']);
  });

  it('is forgotten when the game is finished, also where the latest write failed', async () => {
    const log = await begun();
    const empty = fillGames();
    log.onStep(step(4), undefined);
    await idle();
    empty();
    log.forget();
    await idle();
    expect(await logOf().open()).toBeUndefined();
  });

  it('ends at a gap, and what lies behind the gap is removed', async () => {
    await begun();
    const database = await opened();
    database.transaction('operations', 'readwrite').objectStore('operations').delete(['k', 2]);
    database.close();
    const again = logOf();
    expect(actionsOf((await again.open())?.operations)).toEqual([1]);
    await idle();
    again.onStep(step(9), undefined);
    await idle();
    expect(actionsOf((await logOf().open())?.operations)).toEqual([1, 9]);
  });

  it('does not grow beyond its limit', async () => {
    const log = await begun(100);
    for (let action = 4; action <= 120; action += 1) log.onStep(step(action), undefined);
    expect(log.sinceCheckpoint).toBeLessThanOrEqual(100);
    expect(log.isReplayable).toBe(false);
    expect(problems).toEqual(['state']);
    await idle();
    expect((await logOf().open())?.operations.length).toBe(log.sinceCheckpoint);
  });
});
