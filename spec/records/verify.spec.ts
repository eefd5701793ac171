import { concatMap, delay, firstValueFrom, from, NEVER, of, toArray } from 'rxjs';
import { verify, type VerifyConfig } from '../../src/records/verify.js';
import type { StudyRecord } from '../../src/records/study-record.js';
import { usageError } from '../operators/usage-error.js';
import { fakeEnv, made, recordsOf, reset, step } from './recording.js';

const over = (steps: number) =>
  ({ type: 'over', round: 0, episode: 1, seed: 0, end: 'stopped', steps, return: steps }) as const;
const places = (records: readonly StudyRecord[], config: VerifyConfig) =>
  firstValueFrom(verify(records, config).pipe(toArray())).then((all) =>
    all.map(({ type, round, index, same }) => `${type} ${round}/${index} ${same}`),
  );
const outcome = (records: readonly StudyRecord[], config: VerifyConfig = { env: fakeEnv().env }) =>
  places(records, config).catch((error: unknown) => error);

describe('verify', () => {
  it('says of each reset, step and end whether it came to the same', async () => {
    const records = recordsOf([
      made(),
      reset(0),
      step(0, 1),
      step(0, 2, { reward: 3 }),
      over(2),
      reset(1, 1, 2),
      step(1, 1),
    ]);
    expect(await outcome(records)).toEqual([
      ...['reset 0/0 true', 'step 0/1 true', 'step 0/2 false', 'over 0/2 true', 'reset 1/0 true', 'step 1/1 true'],
    ]);
  });

  it('makes each env anew, and closes it before the next one', async () => {
    const { env, log } = fakeEnv();
    const specs: unknown[] = [];
    const runtime = { env: (spec: unknown) => (specs.push(spec), env) };
    const page = (bodies: ReturnType<typeof reset>[], page: number) => bodies.map((body) => ({ ...body, page }));
    const second = made({ packages: ['numpy'], spec: { source: 'env = 2', entropy: 'f', packages: ['micropip'] } });
    const records = recordsOf([...page([made(), reset(0), step(0, 1)], 1), ...page([second, reset(0)], 2)]);
    await places(records, { runtime });
    expect(specs).toEqual([
      { source: 'env = 1', entropy: 'e', packages: [] },
      { source: 'env = 2', entropy: 'f', packages: ['numpy', 'micropip'] },
    ]);
    expect(log).toEqual(['reset 0', 'step 1', 'close', 'reset 0', 'close']);
  });

  it('closes its env when it is unsubscribed, and when it errors', async () => {
    const one = fakeEnv();
    const records$ = from([...recordsOf([made(), reset(0)]), null]).pipe(
      concatMap((each) => (each ? of(each) : NEVER)),
    );
    verify(records$, { runtime: { env: () => one.env } })
      .subscribe()
      .unsubscribe();
    expect(one.log).toEqual(['reset 0', 'close']);
    const other = fakeEnv();
    await outcome(recordsOf([made(), step(0, 1)]), { runtime: { env: () => other.env } });
    expect(other.log).toEqual(['close']);
  });

  it.each<[reason: string, records: StudyRecord[]]>([
    ['no-env', recordsOf([reset(0), step(0, 1)])],
    ['no-env', recordsOf([made(), reset(0), { ...reset(0), page: 2 }])],
    ['format', recordsOf([made({ format: 2 })])],
    ['no-digest', recordsOf([made(), reset(0), step(0, 1, { digest: undefined })])],
    ['no-reset', recordsOf([made(), { ...reset(0), reset: undefined } as never, step(0, 1)])],
    ['no-reset', recordsOf([made({ episodes: 1 }), { ...reset(0), reset: null } as never, step(0, 1)])],
    ['no-seed', recordsOf([made(), reset(1, null), step(1, 1)])],
    ['no-seed', recordsOf([made({ spec: { source: 'env = 1', entropy: 'other' } }), reset(0, null), step(0, 1)])],
    ['gap', recordsOf([made(), step(0, 1)])],
    ['gap', recordsOf([made(), reset(0), step(0, 2)])],
    ['gap', recordsOf([made(), reset(0), step(0, 1), step(0, 1)])],
    ['gap', recordsOf([made(), reset(0), step(0, 1), over(2)])],
    ['gap', recordsOf([made(), reset(0), step(0, 1), reset(1, 1, 2)])],
    ['lost', recordsOf([made(), { type: 'lost', count: 1 }, reset(0)])],
    [
      'order',
      recordsOf([
        { ...made(), page: 2 },
        { ...reset(0), page: 1 },
      ]),
    ],
  ])('says why it cannot: %s (%#)', async (reason, records) => {
    expect(await outcome(records)).toMatchObject({ name: 'VerifyError', reason, session: 's' });
  });

  it('plays rounds without seeds where the env has done all that the recorded one had', async () => {
    const records = recordsOf([made(), reset(0, null), step(0, 1, { seed: null }), reset(1, null, 1)]);
    expect(await outcome(records)).toEqual(['reset 0/0 true', 'step 0/1 true', 'reset 1/0 true']);
    expect(await outcome(records.slice(0, 2), { env: fakeEnv({ seen: true }).env })).toEqual([]);
    expect(await outcome(records, { env: fakeEnv({ seen: true }).env })).toMatchObject({ reason: 'no-seed' });
  });

  it('finds a seed that was changed', async () => {
    const records = recordsOf([made(), { ...reset(0), seed: 5 } as never, step(0, 1)]);
    expect(await outcome(records)).toEqual(['reset 0/0 false', 'step 0/1 false']);
  });

  it('plays one record after another, however long each takes', async () => {
    const { env, log } = fakeEnv();
    const slow = { ...env, reset: (options: object) => env.reset(options).pipe(delay(1)) };
    await places(recordsOf([made(), reset(0), step(0, 1), step(0, 2)]), { env: slow });
    expect(log).toEqual(['reset 0', 'step 1', 'step 0']);
  });

  it('refuses what is no records, and neither or both of runtime and env', () => {
    const { env } = fakeEnv();
    const config = (more: object) => more as VerifyConfig;
    expect(() => verify([], config({}))).toThrow(usageError('verify'));
    expect(() => verify([], { env, runtime: { env: () => env } })).toThrow(usageError('verify'));
    expect(() => verify(1 as never, { env })).toThrow(usageError('verify.records'));
    expect(() => verify([], config({ env, info: true }))).toThrow(usageError('verify.info'));
  });
});
