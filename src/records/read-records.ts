import { concatMap, defer, from, type Observable } from 'rxjs';
import { checkValue, textRule } from '../check.js';
import { ofSession, ofStudy, openWhole, sessionsOf, withDatabase, type Database } from './database.js';
import type { StudyRecord } from './study-record.js';

/** So many at once: what is made of them takes the page no long task. */
const pageSize = 200;

/** Reads a study in pages, the oldest session first, each in the order of its records. */
export async function* pagesOf(study: string): AsyncGenerator<readonly StudyRecord[], void, undefined> {
  const database = await openWhole(study);
  try {
    for (const session of await sessionsOf(database, study)) {
      for (let next = 0; ;) {
        const page = await database.getAll('records', ofSession(session, next), pageSize);
        if (page.length === 0) break;
        yield page;
        next = (page.at(-1)?.seq ?? 0) + 1;
      }
    }
  } finally {
    database.close();
  }
}

/**
 * The records of a study that are in this browser's storage, in order: the session that began first comes first. Those
 * that were delivered or forgotten are gone. Emits in portions, so that long studies take the page no long task.
 *
 * Errors: `RecordError` `'unavailable'`; `UsageError` at the call for a bad name.
 *
 * @example
 * readRecords('catch-1').pipe(filter(({ type }) => type === 'over')).subscribe(console.log)
 */
export function readRecords(study: string): Observable<StudyRecord> {
  checkValue('readRecords.study', study, textRule);
  return defer(() => from(pagesOf(study))).pipe(concatMap((page) => page));
}

/**
 * Deletes the records of a study from this browser's storage, and emits how many they were. Of each session only its name
 * and its count stay, so that one which goes on does not number its records anew.
 *
 * Errors: `RecordError` `'unavailable'`; `UsageError` at the call for a bad name.
 *
 * @example
 * forgetRecords('catch-1').subscribe((count) => console.log(`${count} records are deleted`))
 */
export function forgetRecords(study: string): Observable<number> {
  checkValue('forgetRecords.study', study, textRule);
  return defer(() => withDatabase(study, (database) => forget(database, study)));
}

async function forget(database: Database, study: string): Promise<number> {
  const tx = database.transaction(['sessions', 'records'], 'readwrite', { durability: 'strict' });
  const [sessions, records] = [tx.objectStore('sessions'), tx.objectStore('records')];
  for (const key of await sessions.getAllKeys(ofStudy(study))) {
    const row = await sessions.get(key);
    const last = await records.openKeyCursor(ofSession(key), 'prev');
    if (row) await sessions.put({ ...row, participant: null, next: Math.max(row.next, (last?.key[2] ?? -1) + 1) }, key);
  }
  const count = await records.count(ofStudy(study));
  await records.delete(ofStudy(study));
  await tx.done;
  return count;
}
