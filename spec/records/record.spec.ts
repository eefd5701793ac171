import { filter, firstValueFrom, Subject } from 'rxjs';
import { RecordError, UsageError } from '../../src/errors.js';
import type { RecordableStep } from '../../src/records/bodies.js';
import { tellHandOver } from '../../src/records/hand-over.js';
import { forgetRecords } from '../../src/records/read-records.js';
import { record, type RecordConfig } from '../../src/records/record.js';
import { fillStorage, loseNextAnswer, readAll, stepAt, useFakeStorage } from './fake-storage.js';

let tests = 0;
let study = '';

/** A game that is recorded, whose events come by `next`. */
function recorded(config: Partial<RecordConfig> = {}) {
  const problems: RecordError[] = [];
  const seen: RecordableStep[] = [];
  const errors: unknown[] = [];
  const events$ = new Subject<RecordableStep>();
  const recorder = record({ study, session: 's', onProblem: (problem) => problems.push(problem), ...config });
  const subscription = events$.pipe(recorder).subscribe({
    next: (event) => seen.push(event),
    error: (error: unknown) => errors.push(error),
  });
  const steps = (from: number, to: number) => {
    for (let index = from; index <= to; index += 1) events$.next(stepAt(index));
  };
  const stored = (seq: number) =>
    firstValueFrom(recorder.stored$.pipe(filter((stored) => stored.seq >= seq && stored.waiting === 0)));
  return { events$, recorder, subscription, seen, errors, problems, steps, stored };
}

describe('record', () => {
  useFakeStorage();
  // what an earlier test could not store is stored later, into a study of its own
  beforeEach(() => (study = `catch ${(tests += 1)}`));

  it('passes each event on at once, and stores its record', async () => {
    const { recorder, seen, steps, stored } = recorded({ participant: 'p', infos: ['score'], meta: { arm: 2 } });
    steps(1, 3);
    expect(seen.map(({ index }) => index)).toEqual([1, 2, 3]);
    await stored(4);

    const records = await readAll(study);
    expect(records.map(({ type }) => type)).toEqual(['opened', 'round', 'step', 'step', 'step']);
    expect(records.map(({ seq }) => seq)).toEqual([0, 1, 2, 3, 4]);
    expect(records[0]).toMatchObject({ study, participant: 'p', session: recorder.session, page: 1, meta: { arm: 2 } });
    expect(records[2]).toMatchObject({ index: 1, action: 1, reward: 1, terminated: false, info: { score: 1 } });
    expect(records[2]).not.toHaveProperty('observation');
  });

  it('says how many records wait, at once', async () => {
    const { recorder, stored, steps } = recorded();
    await stored(0);
    const told: number[][] = [];
    recorder.stored$.subscribe(({ seq, waiting }) => told.push([seq, waiting]));
    steps(1, 1);
    expect(told).toEqual([
      [0, 0],
      [0, 1],
      [0, 2],
    ]);
    await stored(2);
    expect(told.slice(3)).toEqual([
      [1, 1],
      [2, 0],
    ]);
  });

  /** What is done with the storage from now on, in order. */
  function watchStorage(): string[] {
    const calls: string[] = [];
    const { add } = IDBObjectStore.prototype;
    jest.spyOn(IDBObjectStore.prototype, 'add').mockImplementation(function (this: IDBObjectStore, ...args) {
      calls.push('add');
      return add.apply(this, args);
    });
    const { commit } = IDBTransaction.prototype;
    jest.spyOn(IDBTransaction.prototype, 'commit').mockImplementation(function (this: IDBTransaction) {
      calls.push('commit');
      commit.call(this);
    });
    return calls;
  }

  it('writes the record of an event before it passes the event on, where it is not to collect', async () => {
    const { recorder, stored, steps } = recorded({ delay: 0 });
    await stored(0);
    const calls = watchStorage();
    const events$ = new Subject<RecordableStep>();
    events$.pipe(recorder).subscribe(() => calls.push('passed on'));
    events$.next(stepAt(1, { episode: 7 }));

    expect(calls).toEqual(['add', 'commit', 'add', 'commit', 'passed on']);
    steps(1, 1);
  });

  it('collects steps for a while, and writes them in one transaction', async () => {
    const { stored, steps } = recorded({ delay: 30 });
    steps(1, 1);
    await stored(2);
    const calls = watchStorage();
    steps(2, 4);
    expect(calls).toEqual([]);
    await stored(5);
    expect(calls).toEqual(['add', 'add', 'add', 'commit']);
    expect((await readAll(study)).map(({ seq }) => seq)).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('writes what it has collected with whatever is not a step, and when its game ends', async () => {
    const { events$, stored, steps, subscription } = recorded({ delay: 10_000 });
    steps(1, 1);
    await stored(1);
    const calls = watchStorage();
    steps(2, 2);
    events$.next(stepAt(3, { done: true }));
    expect(calls).toEqual(['add', 'add', 'add', 'commit']);
    steps(4, 4);
    subscription.unsubscribe();
    await stored(6);
  });

  it('writes what it has collected when a game that is persisted is written, and when records are read', async () => {
    const { stored, steps } = recorded({ delay: 10_000 });
    await stored(0);
    steps(1, 1);
    tellHandOver();
    await stored(2);
    steps(2, 2);
    expect((await readAll(study)).map(({ type }) => type)).toEqual(['opened', 'round', 'step', 'step']);
    steps(3, 3);
    expect(await firstValueFrom(forgetRecords(study))).toBe(5);
  });

  it('keeps an observation and an info as they were, though the page changes its own before they are written', async () => {
    const { events$, stored } = recorded({ observations: true, infos: true, delay: 20 });
    const [observation, info] = [[1, 2], { score: 1 }];
    events$.next(stepAt(1, { observation, info }));
    observation[0] = 9;
    info.score = 9;
    await stored(2);
    expect((await readAll(study))[2]).toMatchObject({ observation: [1, 2], info: { score: 1 } });
  });

  it('goes on with the numbers of a session that is opened again', async () => {
    const first = recorded();
    first.steps(1, 2);
    await first.stored(3);
    first.subscription.unsubscribe();
    const again = recorded();
    again.steps(3, 4);
    await again.stored(7);

    const records = await readAll(study);
    expect(records.map(({ seq, page }) => [seq, page])).toEqual([
      ...[0, 1, 2, 3].map((seq) => [seq, 1]),
      ...[4, 5, 6, 7].map((seq) => [seq, 2]),
    ]);
    expect([...first.problems, ...again.problems]).toEqual([]);
  });

  it('goes on with the numbers also when the records were forgotten', async () => {
    const first = recorded();
    first.steps(1, 2);
    await first.stored(3);
    first.subscription.unsubscribe();
    expect(await firstValueFrom(forgetRecords(study))).toBe(4);
    const again = recorded();
    await again.stored(4);

    expect((await readAll(study)).map(({ seq }) => seq)).toEqual([4]);
  });

  it('tells that the storage is full, and stores all in order when there is room', async () => {
    const { problems, seen, steps, stored } = recorded();
    await stored(0);
    const empty = fillStorage();
    steps(1, 5);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(problems).toMatchObject([{ name: 'RecordError', reason: 'full', session: 's' }]);
    expect(seen).toHaveLength(5);
    empty();
    await stored(6);

    const records = await readAll(study);
    expect(records.map(({ seq }) => seq)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(records.flatMap((each) => (each.type === 'step' ? [each.index] : []))).toEqual([1, 2, 3, 4, 5]);
  });

  it('stores no record twice when a transaction was committed and the page did not hear of it', async () => {
    const { problems, steps, stored } = recorded();
    await stored(0);
    loseNextAnswer();
    steps(1, 3);
    await stored(4);

    const records = await readAll(study);
    expect(records.flatMap((each) => (each.type === 'step' ? [each.index] : []))).toEqual([1, 2, 3]);
    expect(records.map(({ seq }) => seq)).toEqual([0, 1, 2, 3, 4]);
    expect(problems).toMatchObject([{ reason: 'storage' }]);
  });

  it('tells both of two recorders of one session, and keeps all that they record', async () => {
    const [a, b] = [recorded(), recorded()];
    await Promise.all([a.stored(0), b.stored(0)]);
    for (let index = 1; index <= 20; index += 1) {
      a.steps(index, index);
      b.steps(100 + index, 100 + index);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    await Promise.all(
      [a, b].map(({ recorder }) => firstValueFrom(recorder.stored$.pipe(filter((s) => s.waiting === 0)))),
    );
    for (const { problems } of [a, b]) expect(problems).toMatchObject([{ reason: 'session' }]);

    const records = await readAll(study);
    expect(records.map(({ seq }) => seq)).toEqual(records.map((_, i) => i));
    const ofPage = (page: number) =>
      records.flatMap((each) => (each.type === 'step' && each.page === page ? [each.index] : [])).sort((x, y) => x - y);
    const byPage = [ofPage(1), ofPage(2)].sort((x, y) => x[0]! - y[0]!);
    expect(byPage[0]).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
    expect(byPage[1]).toEqual(Array.from({ length: 20 }, (_, i) => i + 101));
  });

  it('tells where there is no IndexedDB, and lets the game go on', async () => {
    Reflect.deleteProperty(globalThis, 'indexedDB');
    const { problems, errors, seen, steps } = recorded();
    steps(1, 2);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(problems).toMatchObject([{ reason: 'unavailable', count: 3 }]);
    expect([seen.length, errors]).toEqual([2, []]);
  });

  it('ends the stream with the problem where nobody hears of it', async () => {
    Reflect.deleteProperty(globalThis, 'indexedDB');
    const { errors, steps } = recorded({ onProblem: undefined });
    steps(1, 2);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(errors).toMatchObject([{ reason: 'unavailable' }]);
    expect(errors[0]).toBeInstanceOf(RecordError);
  });

  it('keeps no more than `limit` in memory, and records how many are missing', async () => {
    const { problems, seen, steps, stored } = recorded({ limit: 100 });
    await stored(0);
    const empty = fillStorage();
    steps(1, 150);
    expect(seen).toHaveLength(150);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(problems.map(({ reason }) => reason)).toEqual(expect.arrayContaining(['slow', 'lost', 'full']));
    empty();
    await stored(101);

    const records = await readAll(study);
    expect(records.map(({ seq }) => seq)).toEqual(Array.from({ length: 102 }, (_, i) => i));
    expect(records.at(-1)).toMatchObject({ type: 'lost', count: 51 });
  });

  it('stores what it can of a step that holds no data, and tells of it', async () => {
    const { events$, problems, stored } = recorded();
    events$.next(stepAt(1, { action: () => 1 }));
    events$.next(stepAt(2));
    await stored(3);

    expect((await readAll(study)).map(({ type }) => type)).toEqual(['opened', 'round', 'lost', 'step']);
    expect(problems).toMatchObject([{ reason: 'data' }]);
  });

  it('refuses bad options', () => {
    expect(() => record({ study: '' })).toThrow(UsageError);
    expect(() => record({} as RecordConfig)).toThrow('record.study: expected a string of 1 to 200 characters');
    expect(() => record({ study, meta: { at: () => 1 } })).toThrow('record.meta: expected data');
    expect(() => record({ study, limit: 1 })).toThrow('record.limit');
    expect(() => record({ study, infos: 'score' as never })).toThrow('record.infos: expected a list of names, or true');
  });
});
