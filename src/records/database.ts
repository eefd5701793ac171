import type { DBSchema, IDBPDatabase } from 'idb';
import { RecordError } from '../errors.js';
import { tellHandOver } from './hand-over.js';
import type { StudyRecord } from './study-record.js';

/** What is kept of a session beside its records, so that its numbers go on when they are gone. */
export interface SessionRow {
  readonly participant: string | null;
  /** When it began, in ms since the epoch: sessions are read in this order. */
  readonly begun: number;
  /** How many recorders it had. */
  readonly pages: number;
  /** No record below it is written any more: what was delivered or forgotten keeps its number. */
  readonly next: number;
}

export type SessionKey = [study: string, session: string];
export type RecordKey = [study: string, session: string, seq: number];

interface Schema extends DBSchema {
  records: { key: RecordKey; value: StudyRecord };
  sessions: { key: SessionKey; value: SessionRow };
}
export type Database = IDBPDatabase<Schema>;

const name = 'rxgym-records';

/**
 * Opens the database of all studies of this origin. Errors: `RecordError` `'unavailable'`.
 *
 * The library for IndexedDB is imported when it is needed, so that pages without records neither load it nor need it in
 * their import map.
 */
export async function openDatabase(study: string, onClosed: () => void = () => undefined): Promise<Database> {
  try {
    if (typeof indexedDB === 'undefined') throw new Error('there is no indexedDB here');
    const { openDB } = await import('idb');
    const database: Database = await openDB<Schema>(name, 1, {
      upgrade(fresh) {
        fresh.createObjectStore('records');
        fresh.createObjectStore('sessions');
      },
      // a later version of the library wants to change it, and must not wait for this page
      blocking: () => {
        database.close();
        onClosed();
      },
      terminated: onClosed,
    });
    return database;
  } catch (cause) {
    throw new RecordError(
      'unavailable',
      study,
      null,
      0,
      `IndexedDB does not open (${messageOf(cause)}). Private windows and blocked site data do this; ask the ` +
        'participant to use an ordinary window.',
      { cause },
    );
  }
}

/** Opens the database for one who reads, who is to find also what recorders of this page have collected. */
export async function openWhole(study: string): Promise<Database> {
  const database = await openDatabase(study);
  tellHandOver();
  return database;
}

/** As {@link openWhole}, for one use. */
export async function withDatabase<T>(study: string, use: (database: Database) => Promise<T>): Promise<T> {
  const database = await openWhole(study);
  try {
    return await use(database);
  } finally {
    database.close();
  }
}

export const messageOf = (error: unknown): string =>
  error instanceof Error || error instanceof DOMException ? `${error.name}: ${error.message}` : String(error);

/** All that a study has in either store: arrays sort behind strings. */
export const ofStudy = (study: string): IDBKeyRange => IDBKeyRange.bound([study], [study, []]);

/** A session's records, from one number to another. */
export const ofSession = ([study, session]: SessionKey, from = 0, to = Infinity): IDBKeyRange =>
  IDBKeyRange.bound([study, session, from], [study, session, to]);

/** The sessions of a study, the oldest first. */
export async function sessionsOf(database: Database, study: string): Promise<readonly SessionKey[]> {
  const tx = database.transaction('sessions');
  const [keys, rows] = await Promise.all([
    tx.store.getAllKeys(ofStudy(study)),
    tx.store.getAll(ofStudy(study)),
    tx.done,
  ]);
  const order = keys.map((key, i) => ({ key, begun: rows[i]?.begun ?? 0 }));
  return order.sort((a, b) => a.begun - b.begun).map(({ key }) => key);
}

/** Resolves when a transaction is complete, and rejects with why it was aborted. */
export function committed(tx: Pick<IDBTransaction, 'error' | 'addEventListener'>): Promise<void> {
  const done = new Promise<void>((resolve, reject) => {
    tx.addEventListener('complete', () => resolve());
    tx.addEventListener('abort', () => reject(tx.error ?? new DOMException('aborted', 'AbortError')));
  });
  done.catch(() => undefined); // where something throws before it is awaited
  return done;
}
