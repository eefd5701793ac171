import { lastValueFrom, of, Subject, toArray } from 'rxjs';
import type { Frame } from '../../src/env/step.js';
import { ndArray } from '../../src/protocol/ndarray.js';
import { fromPlain, toPlain } from '../../src/protocol/plain.js';
import type { Recordable } from '../../src/records/bodies.js';
import { exportRecords, type ExportConfig } from '../../src/records/export-records.js';
import { record, type RecordConfig } from '../../src/records/record.js';
import type { StudyRecord } from '../../src/records/study-record.js';
import { readAll, stepAt, untilRead, useFakeStorage } from './fake-storage.js';

const study = 'export';

const isOver = (records: readonly StudyRecord[]) => records.some(({ type }) => type === 'over');

async function play(events: readonly Recordable[], config: Partial<RecordConfig> = {}): Promise<void> {
  const recorder = record({ study, session: 's', ...config });
  await lastValueFrom(of(...events).pipe(recorder));
  await untilRead(study, isOver);
}

async function exported(as: ExportConfig['as']): Promise<string> {
  const { blob } = await lastValueFrom(exportRecords(study, { as }));
  return blob!.text();
}

/** Reads CSV as RFC 4180 has it, independently of how it was written. */
function parse(text: string): readonly Readonly<Record<string, string>>[] {
  const lines = [...text.matchAll(/(?:"(?:[^"]|"")*"|[^",\r\n]*)(?:,|\r\n)/g)].map(([cell]) => cell);
  const rows: string[][] = [[]];
  for (const cell of lines) {
    const end = cell.endsWith(',') ? 1 : 2;
    const raw = cell.slice(0, -end);
    rows.at(-1)!.push(raw.startsWith('"') ? raw.slice(1, -1).replaceAll('""', '"') : raw);
    if (end === 2) rows.push([]);
  }
  const [names, ...values] = rows.slice(0, -1);
  return values.map((row) => Object.fromEntries(names!.map((name, i) => [name, row[i]!])));
}

const pixels = ndArray(Float32Array.of(1, NaN, 3, 4, 5, 6).buffer, [2, 3], 'float32');

describe('exportRecords', () => {
  useFakeStorage();
  // Node's own clones into another realm than Jest's, where a Map is none; records.spec.ts of the browser has the real one
  const { structuredClone } = globalThis;
  beforeAll(() => (globalThis.structuredClone = (value) => fromPlain(toPlain(value)) as typeof value));
  afterAll(() => (globalThis.structuredClone = structuredClone));

  it('writes a row for each step, in which quotes, commas and line ends survive', async () => {
    const info = { say: 'a "b", c\r\nd', n: 2n ** 60n, list: [1, 2], gone: null };
    await play([stepAt(1, { info, reward: NaN }), stepAt(2, { done: true, terminated: true })], {
      infos: ['say', 'n', 'list', 'gone', 'score'],
      participant: 'p,1',
    });
    const rows = parse(await exported('csv'));
    expect(rows).toHaveLength(2);
    expect(rows[0]).toMatchObject({
      ...{
        study,
        participant: 'p,1',
        session: 's',
        seq: '2',
        index: '1',
        action: '1',
        reward: 'NaN',
        terminated: 'false',
      },
      ...{
        'info.say': info.say,
        'info.n': '1152921504606846976',
        'info.list': '[1,2]',
        'info.gone': '',
        'info.score': '',
      },
    });
    expect(rows[1]).toMatchObject({ index: '2', terminated: 'true', 'info.say': '', 'info.score': '2' });
  });

  it('has a column for each agent, and arrays as JSON', async () => {
    const byAgent = <T>(value: T) =>
      new Map<string | number, T>([
        ['human', value],
        [0, value],
      ]);
    const origin = new Map([['human', { by: 'input', at: 12.5 }]]);
    const action = { human: 3, 0: pixels };
    const more = {
      action,
      reward: byAgent(2),
      info: byAgent({ score: 1 }),
      observation: byAgent(pixels),
      ...{ origin },
    };
    await play([stepAt(1, { ...more, done: true, terminated: byAgent(true) })], {
      infos: ['score'],
      observations: true,
    });
    const [row] = parse(await exported('csv'));
    const array = '[[1,"NaN",3],[4,5,6]]';
    expect(row).toMatchObject({
      ...{ 'action.human': '3', 'action.0': array, 'reward.human': '2', 'reward.0': '2', 'terminated.0': 'true' },
      ...{ 'info.human.score': '1', 'observation.human': array, 'origin.human.by': 'input', 'origin.human.at': '12.5' },
    });
  });

  it('says of each step when its picture was painted, and nothing of one that was never shown', async () => {
    const painted$ = new Subject<Frame>();
    const events$ = new Subject<Recordable>();
    const seen: Recordable[] = [];
    events$.pipe(record({ study, session: 's', painted$ })).subscribe((event) => seen.push(event));
    const frame: Frame = { kind: 'text', text: '' };
    painted$.next(frame); // of the reset
    events$.next(stepAt(1, { startedAt: 1.5 } as object));
    painted$.next(frame);
    events$.next(stepAt(2));
    events$.next(stepAt(3));
    painted$.next(frame);
    painted$.next(frame); // a tween goes on
    events$.next(stepAt(4, { done: true }));
    expect(seen).toHaveLength(4);
    await untilRead(study, isOver);
    const rows = parse(await exported('csv'));
    expect(rows.map(({ painted }) => painted !== '')).toEqual([true, false, true, false]);
    expect(rows.map(({ startedAt }) => startedAt)).toEqual(['1.5', '', '', '']);
    expect(Number(rows[0]!['painted'])).toBeGreaterThanOrEqual(Number(rows[0]!['at']));
  });

  it.each(['json', 'jsonl'] as const)('keeps every value in %s', async (as) => {
    const action = { array: pixels, big: 2n ** 60n, map: new Map([[1, -0]]), bytes: Uint8Array.of(1, 2) };
    await play([stepAt(1, { action, reward: Infinity, done: true, truncated: true })]);
    const text = await exported(as);
    const lines =
      as === 'json'
        ? (JSON.parse(text) as unknown[])
        : text
            .trim()
            .split('\n')
            .map((line): unknown => JSON.parse(line));
    const records = lines.map(fromPlain) as StudyRecord[];
    expect(records).toEqual(await readAll(study));
    expect(records[2]).toMatchObject({ type: 'step', action, reward: Infinity });
  });

  it('tells how far it is, and reads all of many records', async () => {
    const steps = Array.from({ length: 1001 }, (_, i) => stepAt(i + 1, { done: i === 1000, truncated: i === 1000 }));
    await play(steps);
    const told = await lastValueFrom(exportRecords(study, { as: 'csv' }).pipe(toArray()));
    expect(told.map(({ total }) => total)).toEqual(told.map(() => 2 * 1004));
    expect(told.length).toBeGreaterThan(10);
    expect(told.at(-1)!.records).toBe(2008);
    expect(parse(await told.at(-1)!.blob!.text()).map(({ index }) => index)).toEqual(
      steps.map(({ index }) => `${index}`),
    );
  });
});
