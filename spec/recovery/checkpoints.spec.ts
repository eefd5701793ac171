import { Subject } from 'rxjs';
import { CrashError, DeadlineError } from '../../src/errors';
import { pack } from '../../src/protocol/pack';
import { Checkpoints } from '../../src/recovery/checkpoints';
import type { EnvLog } from '../../src/recovery/env-log';
import type { EnvState, TakenState } from '../../src/recovery/env-state';
import { OperationLog } from '../../src/recovery/log';

const state: EnvState = { format: 2, bytes: new Uint8Array([1]) };
const taken: TakenState = { state, isProved: true, ms: 0 };
const step = { kind: 'step', data: pack(1, 'action') } as const;

describe('checkpoints', () => {
  let log: EnvLog;
  let checkpoints: Checkpoints;
  let asked: Subject<TakenState>[];
  /** How long each might take. */
  let within: (number | null)[];
  let isUp: boolean;
  let problems: string[];
  let isQuiet: boolean;

  beforeEach(() => {
    jest.useFakeTimers();
    log = new OperationLog({}, 10).open(100).log;
    log.wasSetUp();
    asked = [];
    problems = [];
    within = [];
    isUp = isQuiet = true;
    const take = (ms: number | null): Subject<TakenState> => {
      within.push(ms);
      asked.push(new Subject());
      return asked.at(-1)!;
    };
    const ports = {
      take,
      isUp: () => isUp,
      isQuiet: () => isQuiet,
      onImpossible: (message: string) => problems.push(message),
    };
    checkpoints = new Checkpoints(log, ports, { every: 3, ms: 1000, share: 0.02, stall: 8, log: 100 });
  });
  afterEach(() => {
    checkpoints.cancel();
    expect(jest.getTimerCount()).toBe(0);
    jest.useRealTimers();
  });

  const did = (times: number): void => {
    for (let i = 0; i < times; i++) {
      log.append(step, i);
      checkpoints.onLogged();
    }
  };

  it('are taken after so many operations, off the step’s way', () => {
    did(2);
    jest.advanceTimersByTime(10);
    expect(asked).toHaveLength(0);
    did(1);
    expect(asked).toHaveLength(0);
    jest.advanceTimersByTime(0);
    expect(asked).toHaveLength(1);
    did(1); // acknowledged before the state was
    asked[0]!.next(taken);
    expect(log.history).toMatchObject({ checkpoint: { state }, since: [] });
  });

  it('are taken after so much time, of an env that is stepped', () => {
    jest.advanceTimersByTime(1000);
    expect(asked).toHaveLength(0);
    did(1);
    jest.advanceTimersByTime(0);
    expect(asked).toHaveLength(1);
  });

  it('wait for a quiet moment, but not for ever', () => {
    isQuiet = false;
    did(3);
    jest.advanceTimersByTime(100);
    expect(asked).toHaveLength(0);
    isQuiet = true;
    jest.advanceTimersByTime(10);
    expect(asked).toHaveLength(1);
    asked[0]!.next(taken);

    isQuiet = false;
    did(11);
    jest.advanceTimersByTime(50);
    expect(asked).toHaveLength(1);
    did(1);
    expect(asked).toHaveLength(2);
  });

  it('are taken at once where that is asked for, one at a time', () => {
    checkpoints.now();
    checkpoints.now();
    expect(asked).toHaveLength(1);
    asked[0]!.next(taken);
    checkpoints.now();
    expect(asked).toHaveLength(2);
  });

  it('are not taken of an env that is not up', () => {
    isUp = false;
    checkpoints.now();
    did(3);
    jest.advanceTimersByTime(10);
    expect(asked).toHaveLength(0);
  });

  it('are due at once where the log was given up', () => {
    log.giveUp('told to');
    did(1);
    expect(asked).toHaveLength(1);
    asked[0]!.next(taken);
    expect(log.problem).toBeUndefined();
  });

  it.each([
    ['died on it', new CrashError({ kind: 'exit', message: '' }, 'getState', 1), 2],
    ['was late', new DeadlineError('getState', 100, 100, 'interrupted'), 1],
    ['has no state', new Error('no state'), 1],
  ])('of an env that %s', (_, error, times) => {
    checkpoints.now();
    asked[0]!.error(error);
    checkpoints.now();
    expect(asked).toHaveLength(times);
    expect(problems).toEqual(times > 1 ? [] : [error.message]);
  });

  it('are tried again where the env had no state yet behind its set-up', () => {
    checkpoints.afterSetUp();
    asked[0]!.error(new Error('not yet'));
    checkpoints.now();
    expect(asked).toHaveLength(2);
  });

  it('that are cancelled take nothing any more', () => {
    checkpoints.now();
    checkpoints.cancel();
    expect(asked[0]!.observed).toBe(false);
    did(3);
    checkpoints.cancel();
    jest.advanceTimersByTime(10);
    expect(asked).toHaveLength(1);
  });

  it('take no more than their share of the time', () => {
    did(3);
    jest.advanceTimersByTime(0);
    asked[0]!.next({ ...taken, ms: 40 });
    did(30);
    jest.advanceTimersByTime(1900);
    did(3);
    jest.advanceTimersByTime(10);
    expect(asked).toHaveLength(1);
    jest.advanceTimersByTime(100); // 40 ms are 2 % of 2 s
    did(1);
    jest.advanceTimersByTime(0);
    expect(asked).toHaveLength(2);
  });

  it('that would hold up a step wait until nothing is sent for a while, and then take any time', () => {
    did(3);
    jest.advanceTimersByTime(0);
    asked[0]!.next({ state: null, isProved: false, ms: 8 });
    for (let i = 0; i < 20; i++) {
      jest.advanceTimersByTime(100);
      did(1);
    }
    expect(within).toEqual([8]);
    jest.advanceTimersByTime(500);
    expect(within).toEqual([8, null]);
  });

  it('that would hold up a step take any time when the log is half full', () => {
    did(3);
    jest.advanceTimersByTime(0);
    asked[0]!.next({ state: null, isProved: false, ms: 8 });
    did(50);
    jest.advanceTimersByTime(400); // 8 ms are 2 % of that
    did(1);
    jest.advanceTimersByTime(0);
    expect(within).toEqual([8, null]);
  });

  it('that are the env’s own word do not count as long as all can be replayed', () => {
    did(3);
    jest.advanceTimersByTime(0);
    asked[0]!.next({ ...taken, isProved: false });
    expect(log.history.checkpoint).toBeUndefined();
    did(50);
    jest.advanceTimersByTime(0);
    asked[1]!.next({ ...taken, isProved: false });
    expect(log.history.checkpoint).toMatchObject({ state });
  });

  it('that users bring count, too', () => {
    did(2);
    checkpoints.setCheckpoint(state);
    did(2);
    jest.advanceTimersByTime(10);
    expect(asked).toHaveLength(0);
    expect(log.history.since).toHaveLength(2);
  });
});
