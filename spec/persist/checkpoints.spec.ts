import { Observable, throwError } from 'rxjs';
import { StateError } from '../../src/errors.js';
import { Checkpoints } from '../../src/persist/checkpoints.js';
import type { GameLog } from '../../src/persist/game-log.js';
import { fakeSingle } from '../agents/fake-env.js';

/** An env that is stepped, and whose checkpoints are taken; `now` is the page's clock. */
function game(every = 3) {
  const env = fakeSingle({ length: 1000 });
  const told: string[] = [];
  const taken: number[] = [];
  const log = {
    next: 0,
    sinceCheckpoint: 0,
    isReplayable: true,
    onCheckpoint(_: unknown, at: number) {
      taken.push(at);
      log.sinceCheckpoint = log.next - at;
    },
    tell: (reason: string) => told.push(reason),
  };
  const checkpoints = new Checkpoints(env, log as unknown as GameLog, every);
  const logged = (isTurn: boolean) => {
    log.next += 1;
    log.sinceCheckpoint += 1;
    checkpoints.onLogged(env.episode, env.index, isTurn);
  };
  const step = () => {
    env.step(0).subscribe();
    logged(false);
  };
  const reset = () => {
    env.reset().subscribe();
    logged(true);
  };
  const steps = (count: number) => {
    for (let i = 0; i < count; i += 1) step();
  };
  return { env, log, told, taken, checkpoints, reset, steps, logged };
}

describe('checkpoints of a persisted game', () => {
  let now = 0;
  beforeEach(() => {
    now = 0;
    jest.spyOn(performance, 'now').mockImplementation(() => now);
  });
  afterEach(() => jest.restoreAllMocks());

  it('are taken at a reset and every so many operations', () => {
    const { reset, steps, taken } = game();
    reset();
    steps(7);
    expect(taken).toEqual([1, 4, 7]);
  });

  it('take at most a fiftieth of the time', () => {
    const { env, reset, steps, taken } = game(1);
    const { getState } = env;
    env.getState = () => {
      now += 10;
      return getState.call(env);
    };
    reset();
    now += 499;
    steps(1);
    expect(taken).toEqual([1]);
    now += 1;
    steps(1);
    expect(taken).toEqual([1, 3]);
  });

  it('are taken one at a time, and not any more when the game has stopped', () => {
    const { env, reset, steps, checkpoints } = game(1);
    let asked = 0;
    let left = 0;
    env.getState = () => {
      asked += 1;
      return new Observable(() => () => (left += 1));
    };
    reset();
    steps(5);
    checkpoints.stop();
    expect([asked, left]).toEqual([1, 1]);
  });

  it('are not taken where the env is ahead of the page', () => {
    const { env, reset, taken, logged } = game(1);
    reset();
    env.step(0).subscribe();
    env.step(0).subscribe();
    env.index = 1;
    logged(false);
    expect(taken).toEqual([1]);
  });

  it('are not tried again before the next reset where there is no state, which is told where a reload needs one', () => {
    const { env, log, reset, steps, told } = game(1);
    let asked = 0;
    env.getState = () => {
      asked += 1;
      return throwError(() => new StateError('getState', 'no'));
    };
    reset();
    steps(3);
    expect([asked, told]).toEqual([1, []]);
    now += 1;
    log.isReplayable = false;
    reset();
    reset();
    expect([asked, told]).toEqual([3, ['state']]);
  });
});
