import type { DBSchema, IDBPDatabase } from 'idb';
import { committed } from '../records/database.js';
import { readGame } from './read-game.js';
import type { Head, Operation, PolicyStates, StoredGame } from './stored-game.js';

type OperationKey = [key: string, number: number];

interface Schema extends DBSchema {
  games: { key: string; value: Head };
  operations: { key: OperationKey; value: Operation };
  policies: { key: string; value: PolicyStates };
}
type Database = IDBPDatabase<Schema>;

const stores = ['games', 'operations', 'policies'] as const;
const name = 'rxgym-games';

/** In ms: browsers have been seen that neither open a database nor fail. */
const longestOpening = 5000;
/** Transactions that are under way at once. */
const mostSent = 16;
/** Writes that wait for them. */
const mostWaiting = 10_000;

export interface Write {
  readonly head?: Head;
  /** Whether all that was stored before goes. */
  readonly isWhole?: boolean;
  /** Operations before this number go. */
  readonly first?: number;
  readonly operations?: readonly (readonly [number: number, operation: Operation])[];
  readonly policies?: PolicyStates | undefined;
}

/**
 * Where one game is stored. A write is handed to the browser, with its commit, before `write` returns, unless `mostSent`
 * transactions are under way. Writes keep their order. When one fails, those that wait are dropped.
 */
export class GameStorage {
  #database: Database | undefined;
  #waiting: Write[] = [];
  #sent = 0;
  #isClosing = false;

  constructor(
    private readonly key: string,
    private readonly durability: 'strict' | 'relaxed',
    private readonly on: { readonly onWritten: () => void; readonly onFailure: (error: unknown) => void },
  ) {}

  /** Opens it, where it is not open. The library for IndexedDB is imported when it is needed. */
  async open(): Promise<void> {
    if (this.#database) return;
    if (typeof indexedDB === 'undefined') throw new Error('there is no indexedDB here');
    const { openDB } = await import('idb');
    const opening: Promise<Database> = openDB<Schema>(name, 1, {
      upgrade(fresh) {
        for (const store of stores) fresh.createObjectStore(store);
      },
      // a later version of the library wants to change it, and must not wait for this page
      blocking: () => this.#forgetDatabase(),
      terminated: () => this.#forgetDatabase(),
    });
    let timeout: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => {
      timeout = setTimeout(() => reject(new Error(`it did not open within ${longestOpening} ms`)), longestOpening);
    });
    try {
      this.#database = await Promise.race([opening, late]);
    } catch (error) {
      opening.then((database) => database.close()).catch(() => undefined);
      throw error;
    } finally {
      clearTimeout(timeout);
    }
    this.#rest(); // it may have been closed meanwhile
  }

  /** Undefined where nothing is stored, null where something is that is no game. */
  async read(): Promise<StoredGame | undefined | null> {
    const tx = this.#opened.transaction(stores);
    const [head, operations, numbers, policies] = await Promise.all([
      tx.objectStore('games').get(this.key),
      tx.objectStore('operations').getAll(this.#range()),
      tx.objectStore('operations').getAllKeys(this.#range()),
      tx.objectStore('policies').get(this.key),
      tx.done,
    ]);
    if (head === undefined) return undefined;
    return readGame({ head, operations, numbers: numbers.map(([, number]) => number), policies });
  }

  write(write: Write): void {
    this.#waiting.push(write);
    if (this.#waiting.length <= mostWaiting) this.#send();
    else this.#fail(new Error(`${mostWaiting} writes wait: storage is slower than the game`));
  }

  /** Closes it when all is written. */
  close(): void {
    this.#isClosing = true;
    this.#rest();
  }

  get #opened(): Database {
    if (!this.#database) throw new Error('the browser closed the database');
    return this.#database;
  }

  /** Its operations before a number. */
  #range(end = Infinity): IDBKeyRange {
    return IDBKeyRange.bound([this.key, -1], [this.key, end], false, true);
  }

  #send(): void {
    if (this.#sent >= mostSent || this.#waiting.length === 0) return;
    const writes = this.#waiting.splice(0);
    this.#sent += 1;
    this.#commit(writes)
      .then(this.on.onWritten)
      .catch((error: unknown) => this.#fail(error))
      .finally(() => {
        this.#sent -= 1;
        this.#send();
        this.#rest();
      });
  }

  /** All of it up to the commit happens at once: nothing of this waits for the page's next task. */
  async #commit(writes: readonly Write[]): Promise<void> {
    const tx = this.#opened.transaction(stores, 'readwrite', { durability: this.durability });
    tx.done.catch(() => undefined); // it rejects before the transaction's own error is known
    const done = committed(tx);
    const quietly = (request: Promise<unknown>) => void request.catch(() => undefined); // the transaction fails, too
    const [games, operations, policies] = [
      tx.objectStore('games'),
      tx.objectStore('operations'),
      tx.objectStore('policies'),
    ];
    try {
      for (const { head, isWhole, first, operations: added = [], policies: states } of writes) {
        if (isWhole) {
          quietly(games.delete(this.key));
          quietly(operations.delete(this.#range()));
          quietly(policies.delete(this.key));
        }
        if (first !== undefined) quietly(operations.delete(this.#range(first)));
        if (head) quietly(games.put(head, this.key));
        for (const [number, operation] of added) quietly(operations.put(operation, [this.key, number]));
        if (states) quietly(policies.put(states, this.key));
      }
    } catch (error) {
      tx.abort();
      throw error;
    }
    try {
      tx.commit();
    } catch {
      // it is aborted already, and says why
    }
    await done;
  }

  #fail(error: unknown): void {
    this.#waiting = [];
    this.on.onFailure(error);
  }

  #rest(): void {
    if (this.#isClosing && this.#sent === 0 && this.#waiting.length === 0) this.#forgetDatabase();
  }

  #forgetDatabase(): void {
    this.#database?.close();
    this.#database = undefined;
  }
}
