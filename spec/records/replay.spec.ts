import { map } from 'rxjs';
import { UsageError } from '../../src/errors.js';
import { recordedSpec } from '../../src/records/recorded-spec.js';
import { replay$, type ReplayConfig } from '../../src/records/replay.js';
import { runMarbles } from '../operators/run-marbles.js';
import { usageError } from '../operators/usage-error.js';
import { fakeEnv, made, recordsOf, reset, step } from './recording.js';

const at = (ms: number, body: ReturnType<typeof reset>) => ({ ...body, at: ms });
const two = (seed: number | null = 1) =>
  recordsOf([
    ...[at(100, made()), at(100, reset(0, seed && 0)), at(104, step(0, 1)), at(106, step(0, 2))],
    ...[at(116, reset(1, seed, 2)), at(118, step(1, 1)), at(120, step(1, 2))],
  ]);

/** What comes when, and what the env was told. */
function replayed(expected: string, config: ReplayConfig, { took = 0, records = two() } = {}): string[] {
  let told: string[] = [];
  runMarbles(({ expectObservable, scheduler }) => {
    const { env, log } = fakeEnv({ scheduler, took });
    told = log;
    const shown$ = replay$(records, env, { scheduler, ...config }).pipe(map(({ index }) => String(index)));
    expectObservable(shown$).toBe(expected);
  });
  return told;
}

describe('replay$', () => {
  it('goes at the pace at which it was played', () => {
    const told = replayed('0---1-2---------0-1-(2|)', {});
    expect(told).toEqual(['reset 0', 'step 1', 'step 0', 'reset 1', 'step 1', 'step 0']);
  });

  it('goes at twice or half the speed', () => {
    replayed('0-12----01(2|)', { speed: 2 });
    replayed('0 7ms 1 3ms 2 19ms 0 3ms 1 3ms (2|)', { speed: 0.5 });
  });

  it('goes as fast as it can', () => {
    replayed('(012012|)', { speed: Infinity });
  });

  it('makes long pauses short', () => {
    replayed('0--1-2--0-1-(2|)', { longest: 3 });
  });

  it('catches up after a step that took long', () => {
    //        0---1-2---------0-1-(2|)
    replayed('---0---1--2--------0--1--(2|)', {}, { took: 3 });
  });

  it('makes no pause where the page was loaded again, whose clock begins anew', () => {
    const again = [at(3, made()), at(3, reset(0)), at(8, step(0, 1))].map((body) => ({ ...body, page: 2 }));
    replayed('0---(10)-(1|)', {}, { records: recordsOf([...two().slice(0, 3), ...again]) });
  });

  it('begins at a round with a seed without those before', () => {
    expect(replayed('0-1-(2|)', { from: { round: 1 } })).toEqual(['reset 1', 'step 1', 'step 0']);
  });

  it('begins behind a step, up to which it shows nothing', () => {
    expect(replayed('2---------0-1-(2|)', { from: { round: 0, index: 1 } }).slice(0, 3)).toEqual([
      'reset 0',
      'stepMany 1',
      'step 0',
    ]);
  });

  it('plays all before a round without a seed, unseen', () => {
    const records = two(null).map((record) => (record.type === 'step' ? { ...record, seed: null } : record));
    const told = replayed('0-1-(2|)', { from: { round: 1 } }, { records });
    expect(told.slice(0, 4)).toEqual(['reset undefined', 'step 1', 'step 0', 'reset undefined']);
  });

  it('ends its steps when it is unsubscribed', () => {
    runMarbles(({ expectObservable, scheduler, flush }) => {
      const { env, log } = fakeEnv({ scheduler });
      const shown$ = replay$(two(), env, { scheduler }).pipe(map(({ index }) => String(index)));
      expectObservable(shown$, '^-----!').toBe('0---1--');
      flush();
      expect(log).toEqual(['reset 0', 'step 1']);
    });
  });

  it('refuses a round or a step that is not there, records of two sessions, and bad options', () => {
    const { env } = fakeEnv();
    const error = (config: ReplayConfig, records = two()) => {
      let told: unknown;
      replay$(records, env, config).subscribe({ error: (each: unknown) => (told = each) });
      return told;
    };
    expect(error({ from: { round: 2 } })).toEqual(usageError('replay$.from'));
    expect(error({ from: { round: 0, index: 3 } })).toEqual(usageError('replay$.from'));
    const [first, ...rest] = two();
    const mixed = [{ ...first, session: 't' }, ...rest] as ReturnType<typeof two>;
    expect(error({}, mixed)).toEqual(usageError('replay$.records'));
    expect(() => replay$(two(), env, { speed: 0 })).toThrow(usageError('replay$.speed'));
    expect(() => replay$(two(), env, { from: { index: 1 } as never })).toThrow(usageError('replay$.from.round'));
    expect(() => recordedSpec(two().slice(1))).toThrow(UsageError);
  });
});
