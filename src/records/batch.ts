import { toPlain, type Plain } from '../protocol/plain.js';
import { describe } from '../describe.js';
import { ofSession, sessionsOf, type Database, type SessionKey } from './database.js';
import type { StudyRecord } from './study-record.js';

/** Records of one session, as they are sent. */
export interface Batch {
  /** The same records have the same name, in every tab and at every try. */
  readonly name: string;
  readonly key: SessionKey;
  readonly first: number;
  readonly last: number;
  readonly count: number;
  /** JSON. */
  readonly body: string;
  /** Its length in bytes. */
  readonly bytes: number;
}

export interface BatchLimits {
  /** Records. */
  readonly size: number;
  /** Of the body; a record that is larger goes alone. */
  readonly bytes: number;
}

/** The first batch of the study that is not of a session to skip; undefined where there is none. */
export async function nextBatch(
  database: Database,
  study: string,
  limits: BatchLimits,
  skipped: ReadonlySet<string>,
): Promise<Batch | undefined> {
  for (const key of await sessionsOf(database, study)) {
    if (skipped.has(key[1])) continue;
    const records = await database.getAll('records', ofSession(key), limits.size);
    const batch = batchOf(records, limits);
    if (batch) return batch;
  }
  return undefined;
}

/** As many of a session's records, from the first on, as the limits let through. */
export function batchOf(records: readonly StudyRecord[], { size, bytes: most }: BatchLimits): Batch | undefined {
  const [first] = records;
  if (!first) return undefined;
  const { study, session } = first;
  const encoder = new TextEncoder();
  const lengthOf = (text: string) => encoder.encode(text).length;
  const texts: string[] = [];
  const bodyOf = (last: number) => {
    const name = [study, session, `${first.seq}-${last}`].map(encodeURIComponent).join('.');
    const head = JSON.stringify({ format: 1, study, batch: name }).slice(0, -1);
    return { name, body: `${head},"records":[${texts.join(',')}]}` };
  };
  let bytes = lengthOf(bodyOf(Number.MAX_SAFE_INTEGER).body);
  let last = first.seq;
  for (const record of records.slice(0, size)) {
    if (record.seq > last + 1) break; // one in between is still to come
    const text = JSON.stringify(wireForm(record));
    const length = lengthOf(text) + 1;
    if (texts.length > 0 && bytes + length > most) break;
    texts.push(text);
    bytes += length;
    last = record.seq;
  }
  const { name, body } = bodyOf(last);
  return { name, key: [study, session], first: first.seq, last, count: texts.length, body, bytes };
}

/** A record as JSON holds it; the batch names the study. */
function wireForm({ study: _, ...record }: StudyRecord): Plain {
  return plainly(record);
}

/** As `toPlain`, but what is no data, as a Date in an action, is its text: one value must not hold up a study. */
export function plainly(value: unknown): Plain {
  try {
    return toPlain(value);
  } catch {
    if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) {
      return describe(value);
    }
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plainly(item)]));
  }
}
