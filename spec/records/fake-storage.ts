import 'fake-indexeddb/auto';
import { IDBFactory } from 'fake-indexeddb';
import { firstValueFrom, toArray } from 'rxjs';
import type { RecordableStep } from '../../src/records/bodies.js';
import { readRecords } from '../../src/records/read-records.js';
import type { StudyRecord } from '../../src/records/study-record.js';

/** Gives each test an empty browser. Call it in a `describe`. */
export function useFakeStorage(): void {
  beforeEach(() => {
    globalThis.indexedDB = new IDBFactory();
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });
}

/** A step of a single-agent env. */
export const stepAt = (index: number, more: Partial<RecordableStep> = {}): RecordableStep => ({
  index,
  episode: 1,
  done: false,
  action: index % 2,
  observation: [index],
  reward: 1,
  terminated: false,
  truncated: false,
  info: { score: index, secret: 'x' },
  return: index,
  ...more,
});

export const readAll = (study: string): Promise<StudyRecord[]> => firstValueFrom(readRecords(study).pipe(toArray()));

/** Waits until the records of a study are so. */
export async function untilRead(study: string, isSo: (records: readonly StudyRecord[]) => boolean): Promise<void> {
  while (!isSo(await readAll(study))) await new Promise(setImmediate);
}

type Aborting = IDBTransaction & { _abort: (error: string) => void };

/** From now on the storage has no room for records, until the function that this returns is called. */
export function fillStorage(): () => void {
  const original = IDBObjectStore.prototype.add;
  const full = new WeakSet<IDBTransaction>();
  const add = jest.spyOn(IDBObjectStore.prototype, 'add').mockImplementation(function (this: IDBObjectStore, ...args) {
    const { transaction } = this;
    if (!full.has(transaction)) queueMicrotask(() => (transaction as Aborting)._abort('QuotaExceededError'));
    full.add(transaction);
    return original.apply(this, args);
  });
  return () => add.mockRestore();
}

/** The next transaction that writes records is committed, but the page hears that it was aborted. */
export function loseNextAnswer(): void {
  const original = IDBDatabase.prototype.transaction;
  const spy = jest.spyOn(IDBDatabase.prototype, 'transaction').mockImplementation(function (
    this: IDBDatabase,
    ...args: Parameters<IDBDatabase['transaction']>
  ) {
    const tx = original.apply(this, args);
    if (args[0] !== 'records' || args[1] !== 'readwrite') return tx;
    spy.mockRestore();
    const listen = tx.addEventListener.bind(tx) as (type: string, listener: () => void) => void;
    const swapped = { complete: 'never', abort: 'complete' } as Readonly<Record<string, string>>;
    tx.addEventListener = (type: string, listener: unknown) => listen(swapped[type] ?? type, listener as () => void);
    return tx;
  });
}
