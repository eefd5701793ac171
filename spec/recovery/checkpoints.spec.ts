import { Subject } from 'rxjs';
import { CrashError, DeadlineError } from '../../src/errors';
import { pack } from '../../src/protocol/pack';
import { Checkpoints } from '../../src/recovery/checkpoints';
import type { EnvLog } from '../../src/recovery/env-log';
import type { EnvState } from '../../src/recovery/env-state';
import { OperationLog } from '../../src/recovery/log';

const state: EnvState = { format: 1, bytes: new Uint8Array([1]) };
const step = { kind: 'step', data: pack(1, 'action') } as const;

describe('checkpoints', () => {
  let log: EnvLog;
  let checkpoints: Checkpoints;
  let asked: Subject<EnvState>[];
  let isUp: boolean;
  let isQuiet: boolean;

  beforeEach(() => {
    jest.useFakeTimers();
    log = new OperationLog({}, 10).open(100).log;
    log.wasSetUp();
    asked = [];
    isUp = isQuiet = true;
    const take = (): Subject<EnvState> => {
      asked.push(new Subject());
      return asked.at(-1)!;
    };
    const ports = { take, isUp: () => isUp, isQuiet: () => isQuiet };
    checkpoints = new Checkpoints(log, ports, { every: 3, ms: 1000, log: 100 });
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
    asked[0]!.next(state);
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
    asked[0]!.next(state);

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
    asked[0]!.next(state);
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
    asked[0]!.next(state);
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

  it('that users bring count, too', () => {
    did(2);
    checkpoints.setCheckpoint(state);
    did(2);
    jest.advanceTimersByTime(10);
    expect(asked).toHaveLength(0);
    expect(log.history.since).toHaveLength(2);
  });
});
