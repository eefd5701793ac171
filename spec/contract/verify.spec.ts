import { concatMap, firstValueFrom, of, toArray } from 'rxjs';
import { stepWith } from '../../src/operators/step-with';
import type { Verdict } from '../../src/records/player';
import { replay$ } from '../../src/records/replay';
import { recordedSpec } from '../../src/records/recorded-spec';
import { verify } from '../../src/records/verify';
import type { StudyRecord } from '../../src/records/study-record';
import { rounds } from '../../src/loop/rounds';
import { realRuntime } from '../helpers/real-runtime';
import { useFakeStorage } from '../records/fake-storage';
import { actions, recorded, seeded, unseeded } from './recorded';

const checking = realRuntime();
afterAll(() => {
  checking.dispose();
});

const verdicts = (records: readonly StudyRecord[], infos = true): Promise<Verdict[]> =>
  firstValueFrom(verify(records, { runtime: checking, infos }).pipe(toArray()));
const differences = async (records: readonly StudyRecord[], infos = true) =>
  (await verdicts(records, infos))
    .filter(({ same }) => !same)
    .map(({ type, index, differs }) => ({ type, index, differs }));
const outcomeOf = (records: readonly StudyRecord[]) => verdicts(records).catch((error: unknown) => error);

describe('a recording', () => {
  useFakeStorage();

  it('comes to the same in another interpreter, in rounds with seeds', async () => {
    const records = await recorded(seeded);
    const all = await verdicts(records);
    expect(all.map(({ type, index }) => `${type} ${index}`)).toEqual(
      [0, 1].flatMap(() => ['reset 0', 'step 1', 'step 2', 'step 3', 'step 4', 'step 5', 'over 5']),
    );
    expect(all.filter(({ same }) => !same)).toEqual([]);
    expect(all[1]).toMatchObject({
      round: 0,
      episode: 1,
      got: { seed: 7, digest: expect.stringMatching(/^[0-9a-f]{8}$/) },
    });
  });

  it('comes to the same without seeds, by the entropy of its env', async () => {
    const records = await recorded(unseeded, { observations: true, infos: ['score'] });
    expect(records.filter(({ type }) => type === 'round')).toMatchObject([
      { seed: null },
      { seed: null },
      { seed: null },
    ]);
    const all = await verdicts(records);
    expect(all).toHaveLength(3 * 7);
    expect(all.filter(({ same }) => !same)).toEqual([]);
    expect(all[1]?.expected).toMatchObject({ info: { score: 1 }, observation: { time: 0 } });
  });

  it('comes to the same where the first step reset the env', async () => {
    const records = await recorded((env) => of(1, 2, 0).pipe(stepWith(env, { busy: 'queue' })));
    expect(records.find(({ type }) => type === 'round')).toMatchObject({ reset: null });
    expect((await verdicts(records)).map(({ same }) => same)).toEqual([true, true, true]);
  });

  it('is found to differ where one digit of it was changed', async () => {
    const records = await recorded(seeded, { observations: true, infos: ['score'] });
    const at = records.findIndex((each) => each.type === 'step' && each.index === 2);
    const changed = (more: object) => records.map((each, i) => (i === at ? { ...each, ...more } : each));
    const step = records[at] as { reward: number; digest: string } & StudyRecord;
    const one = (field: string) => [{ type: 'step', index: 2, differs: [field] }];
    expect(await differences(changed({ reward: step.reward + 2 ** -50 }))).toEqual(one('reward'));
    expect(
      await differences(changed({ digest: step.digest.replace(/.$/, (digit) => (digit === '0' ? '1' : '0')) })),
    ).toEqual(one('digest'));
    expect(await differences(changed({ terminated: true }))).toEqual(one('terminated'));
    expect(await differences(changed({ info: { score: 3 } }))).toEqual(one('info'));
    expect(await differences(changed({ info: { score: 3 } }), false)).toEqual([]);
    expect(await differences(changed({ observation: { draw: 0, time: 0 } }))).toEqual(one('observation'));
    // what it does to the return shows at the round's end, too
    expect(await differences(changed({ action: 2 }))).toEqual([
      { type: 'step', index: 2, differs: ['reward', 'digest'] },
      { type: 'over', index: 5, differs: ['return'] },
    ]);
    expect(await differences(changed({ action: 'raise' }))).toMatchObject([
      { type: 'step', index: 2, differs: ['error'] },
      ...Array<object>(4).fill({}),
    ]);
  });

  it('is found to differ where its env goes by the clock', async () => {
    const all = await differences(await recorded(seeded, { clock: true }));
    expect(all).toHaveLength(2 * 6);
    expect(all[0]).toEqual({ type: 'reset', index: 0, differs: ['digest'] });
  });

  it('is refused where a step, an env or a seed is missing', async () => {
    const records = await recorded(seeded);
    const without = (type: string, index?: number) =>
      records.filter((each) => each.type !== type || (index !== undefined && 'index' in each && each.index !== index));
    expect(await outcomeOf(without('step', 3))).toMatchObject({ name: 'VerifyError', reason: 'gap' });
    expect(await outcomeOf(without('env'))).toMatchObject({ name: 'VerifyError', reason: 'no-env' });
    expect(await outcomeOf(without('step', 5))).toMatchObject({ name: 'VerifyError', reason: 'gap' });
    const later = (await recorded(unseeded)).filter((each) => !('episode' in each) || each.episode !== 1);
    expect(await outcomeOf(later)).toMatchObject({ name: 'VerifyError', reason: 'no-seed' });
  });
  it('is refused where it went on from a state', async () => {
    const records = await recorded((env) =>
      env.reset({ seed: 1 }).pipe(
        concatMap(() => env.getState()),
        concatMap((state) => rounds(env, actions(env), { fps: of(1, 2), from: { round: 0, state } })),
      ),
    );
    expect(await outcomeOf(records)).toMatchObject({ name: 'VerifyError', reason: 'no-reset' });
  });

  it('is replayed on an env of its spec, also from a step in the middle', async () => {
    const records = await recorded(unseeded);
    const replayed = async (config: Parameters<typeof replay$>[2]) => {
      const env = checking.env(recordedSpec(records));
      const all = await firstValueFrom(replay$(records, env, { speed: Infinity, ...config }).pipe(toArray()));
      await firstValueFrom(env.close());
      return all;
    };
    expect((await replayed({})).every(({ same }) => same)).toBe(true);
    const rest = await replayed({ from: { round: 1, index: 3 } });
    expect(rest.every(({ same }) => same)).toBe(true);
    expect(rest.slice(0, 4).map(({ episode, index, type }) => [episode, index, type])).toEqual([
      [2, 4, 'step'],
      [2, 5, 'step'],
      [2, 5, 'over'],
      [3, 0, 'reset'],
    ]);
  });
});
