import { filter, firstValueFrom, lastValueFrom, Subject } from 'rxjs';
import { UsageError, type RecordError } from '../../src/errors.js';
import type { RecordableStep } from '../../src/records/bodies.js';
import { exportRecords } from '../../src/records/export-records.js';
import { note } from '../../src/records/note.js';
import { forgetRecords } from '../../src/records/read-records.js';
import { record, type RecordConfig } from '../../src/records/record.js';
import { storedHere$ } from '../../src/records/stored-here.js';
import type { StudyRecord } from '../../src/records/study-record.js';
import { fillStorage, readAll, stepAt, useFakeStorage } from './fake-storage.js';

let tests = 0;
let study = '';

const keep = (data: unknown, more: object = {}) => lastValueFrom(note({ study, session: 's', ...more }, data));
const datas = (records: readonly StudyRecord[]) =>
  records.flatMap((each) => (each.type === 'note' ? [each.data] : each.type === 'step' ? [each.index] : [each.type]));

function game(config: Partial<RecordConfig> = {}) {
  const problems: RecordError[] = [];
  const steps$ = new Subject<RecordableStep>();
  const recorder = record({ study, session: 's', onProblem: (problem) => problems.push(problem), ...config });
  const play = () => steps$.pipe(recorder).subscribe();
  const stored = (seq: number) =>
    firstValueFrom(recorder.stored$.pipe(filter((each) => each.seq >= seq && each.waiting === 0)));
  return { play, stored, problems, step: (index: number) => steps$.next(stepAt(index)) };
}

describe('a note', () => {
  useFakeStorage();
  beforeEach(() => (study = `notes ${(tests += 1)}`));

  it('is kept where there is no game, and told to the deliveries of the page', async () => {
    const told: StudyRecord[] = [];
    const listening = storedHere$().subscribe((records) => told.push(...records));
    expect(await keep({ answers: [1, 'a'] }, { participant: 'p' })).toBeNull();
    await keep('second');
    listening.unsubscribe();
    const records = await readAll(study);
    const { timeOrigin } = performance;
    const head = { type: 'note', study, session: 's', participant: 'p', page: 0, timeOrigin };
    expect(records).toMatchObject([
      { ...head, seq: 0, data: { answers: [1, 'a'] } },
      { ...head, seq: 1, data: 'second' },
    ]);
    expect(told).toEqual(records);
  });

  it('takes its place among the steps of a game, also before the storage is open', async () => {
    const { play, step, stored, problems } = game({ participant: 'p' });
    play();
    const early = keep('early');
    step(1);
    const kept = keep('between');
    step(2);
    await Promise.all([early, kept, stored(5)]);
    const records = await readAll(study);
    expect(datas(records)).toEqual(['opened', 'early', 'round', 1, 'between', 2]);
    expect(records.map(({ seq, page, participant }) => [seq, page, participant])).toEqual(
      [0, 1, 2, 3, 4, 5].map((seq) => [seq, 1, 'p']),
    );
    expect(problems).toEqual([]);
  });

  it('comes before and after games of its session, which it does not disturb', async () => {
    const [first, second] = [game(), game()];
    const before = keep('before');
    const playing = first.play();
    first.step(1);
    await Promise.all([before, first.stored(3)]);
    playing.unsubscribe();
    const between = keep('between');
    const again = second.play();
    second.step(2);
    await Promise.all([between, second.stored(7)]);
    again.unsubscribe();
    await keep('after');
    first.play();
    first.step(3);
    await first.stored(10);

    const records = await readAll(study);
    const of = ['before', 'opened', 'round', 1, 'between', 'opened', 'round', 2, 'after', 'round', 3];
    expect(datas(records)).toEqual(of);
    expect(records.map(({ seq }) => seq)).toEqual(of.map((_, seq) => seq));
    expect([...first.problems, ...second.problems]).toEqual([]);
  });

  it('waits behind the records of a game that is over', async () => {
    const { play, step, stored, problems } = game();
    const playing = play();
    await stored(0);
    const empty = fillStorage();
    step(1);
    playing.unsubscribe();
    const kept = keep('last');
    await new Promise((resolve) => setTimeout(resolve, 50));
    empty();
    await kept;
    expect(datas(await readAll(study))).toEqual(['opened', 'round', 1, 'last']);
    expect(problems.filter(({ reason }) => reason === 'session')).toEqual([]);
  });

  it('uses no number again when the records before it were forgotten', async () => {
    await keep('a');
    expect(await firstValueFrom(forgetRecords(study))).toBe(1);
    await keep('b');
    expect(await readAll(study)).toMatchObject([{ seq: 1, data: 'b' }]);
  });

  it('is kept as it was at the call', async () => {
    const data = { list: [1] };
    const note$ = note({ study, session: 's' }, data);
    data.list.push(2);
    await lastValueFrom(note$);
    expect(await readAll(study)).toMatchObject([{ data: { list: [1] } }]);
  });

  it('says that it could not be kept, and can be tried again', async () => {
    const note$ = note({ study, session: 's' }, 'x');
    const empty = fillStorage();
    await expect(lastValueFrom(note$)).rejects.toMatchObject({ name: 'RecordError', reason: 'full', count: 1 });
    empty();
    await lastValueFrom(note$);
    expect(datas(await readAll(study))).toEqual(['x']);
    Reflect.deleteProperty(globalThis, 'indexedDB');
    await expect(lastValueFrom(note$)).rejects.toMatchObject({ reason: 'unavailable', session: 's' });
  });

  it('is not kept where too many records of the game wait', async () => {
    const { play, step, stored } = game({ limit: 100 });
    play();
    await stored(0);
    const empty = fillStorage();
    for (let index = 1; index <= 120; index += 1) step(index);
    await expect(keep('x')).rejects.toMatchObject({ reason: 'lost' });
    empty();
    await stored(101);
  });

  it('is in the files of all records, and no row of the steps', async () => {
    await keep({ answers: [1, 'a'] });
    const file = async (as: 'csv' | 'jsonl') => (await lastValueFrom(exportRecords(study, { as }))).blob!.text();
    expect(JSON.parse(await file('jsonl'))).toMatchObject({ type: 'note', data: { answers: [1, 'a'] } });
    expect((await file('csv')).trim().split('\r\n')).toHaveLength(1);
  });

  it('refuses bad options, and what is no data', () => {
    expect(() => note({ study, session: '' }, 1)).toThrow(UsageError);
    expect(() => note({ study } as never, 1)).toThrow('note.session: expected a string of 1 to 200 characters');
    expect(() => note({ study, session: 's' }, { at: () => 1 })).toThrow('note.data: expected data');
  });
});
