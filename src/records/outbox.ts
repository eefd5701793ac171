import { BehaviorSubject, filter, type Observable } from 'rxjs';
import { committed, ofSession, openDatabase, type Database, type RecordKey, type SessionKey } from './database.js';
import { RecordProblems } from './problems.js';
import { stamped, type Draft } from './stamp.js';
import { announceStored } from './stored-here.js';
import type { StudyRecord } from './study-record.js';

/** How far the records of a session are on disk. */
export interface Stored {
  readonly session: string;
  /** All records up to this one are on disk. */
  readonly seq: number;
  /** How many wait for the disk. */
  readonly waiting: number;
}

export interface OutboxConfig {
  readonly study: string;
  readonly participant: string | null;
  readonly session: string;
  readonly limit: number;
  readonly durability: 'strict' | 'relaxed';
  /** For how long records are collected before they are handed to the browser, in ms. */
  readonly delay: number;
  readonly meta: unknown;
}

interface Entry {
  readonly draft: Draft;
  /** Given when it is first sent to the disk, and kept when it has to be sent again. */
  seq: number | undefined;
  isSent: boolean;
  /** True where it was sent and nobody knows whether it arrived. */
  isDoubtful: boolean;
  /** Called when it is on disk. */
  readonly onStored: (() => void) | undefined;
}

/** Records of one transaction: so that cloning them takes the page no long task. */
const batchSize = 64;
/** Transactions that are under way at once. After a conflict it is one, or those behind it would overtake it again. */
const mostSent = 4;
/** In ms: the first pause after storage failed, and the longest one. */
const [firstPause, longestPause] = [500, 30_000];

/** Those of this page that record, or have records that wait. */
const inUse = new Set<Outbox>();

/** The one of this page that writes the session's records now. */
export const outboxOf = (study: string, session: string): Outbox | undefined =>
  [...inUse].find((outbox) => outbox.isOf(study, session));

/**
 * Writes the records of one session into IndexedDB, in order.
 *
 * What this keeps:
 * 1. A record is handed to the browser, with the commit of its transaction, within `delay` ms, and before `put` or `flush`
 *    returns where it is urgent; unless `mostSent` transactions are under way. From then on it survives the page's end.
 * 2. A number has one record: keys are added, never replaced. A record has one number: where it is not known whether a
 *    transaction was committed, its records are looked up before they are sent again.
 * 3. What was sent leaves the memory when its transaction is complete, not before.
 * 4. At most `limit` records wait. How many came beyond it is recorded in their place, and told.
 */
export class Outbox {
  readonly stored$: Observable<Stored>;
  readonly problems: RecordProblems;

  readonly #config: OutboxConfig;
  readonly #key: SessionKey;
  readonly #stored$: BehaviorSubject<Stored>;
  #waiting: Entry[] = [];
  #users = 0;
  #database: Database | undefined;
  #isRecovering = false;
  /** What waits is to go as soon as it may. */
  #isDue = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Closed, so that what others wrote since then is no conflict. */
  #isResting = false;
  #failure: { readonly error: unknown } | undefined;
  #sent = 0;
  #most = mostSent;
  #pause = 0;
  #page = 0; // none yet
  #next = 0;
  #lost = 0;

  constructor(config: OutboxConfig) {
    this.#config = config;
    this.#key = [config.study, config.session];
    this.problems = new RecordProblems(config.study, config.session);
    this.#stored$ = new BehaviorSubject({ session: config.session, seq: -1, waiting: 0 });
    this.stored$ = this.#stored$.pipe(filter(({ seq }) => seq >= 0));
  }

  isOf(study: string, session: string): boolean {
    return this.#key[0] === study && this.#key[1] === session;
  }

  /** Begins to record for one more user. */
  open(): void {
    this.#users += 1;
    inUse.add(this);
    void this.#recover();
  }

  /** Ends it for one; what waits is still written. */
  close(): void {
    this.#users -= 1;
    this.flush();
    this.#rest();
  }

  /**
   * Returns false where it is not kept, since `limit` wait.
   * @param urgent False for what may be collected for `delay` ms.
   */
  put(draft: Draft, urgent = true, onStored?: () => void): boolean {
    const { limit } = this.#config;
    if (this.#waiting.length >= limit) {
      this.#lose(limit);
      return false;
    }
    this.#waiting.push(entryOf(draft, onStored));
    this.#show();
    if (urgent || this.#config.delay === 0) this.handOver();
    else if (!this.#isDue) this.#timer ??= setTimeout(() => this.handOver(), this.#config.delay);
    const { length } = this.#waiting;
    if (length * 2 > limit) {
      const problem = `${length} of ${limit} that may (\`limit\`) wait for storage. None is lost yet.`;
      this.problems.tell('slow', problem, length);
    }
    return true;
  }

  /** Hands all that waits to the browser: what does not go now, since too many are under way, goes behind them. */
  handOver(): void {
    this.#isDue = true;
    this.#send(this.#most);
  }

  /** Hands all that waits to the browser now: the page may end. */
  flush(): void {
    this.#isDue = true;
    this.#send(Infinity);
  }

  #lose(limit: number): void {
    const last = this.#waiting.at(-1);
    const open = last?.seq === undefined && last?.draft.type === 'lost' ? last.draft : undefined;
    if (open) this.#waiting.pop();
    const draft = stamped({ type: 'lost', count: (open?.count ?? 0) + 1 });
    this.#waiting.push(entryOf(draft));
    this.#lost += 1;
    this.problems.tellLost(this.#lost, limit);
  }

  #send(most: number): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#failure || this.#isRecovering) return;
    while (this.#database && this.#sent < most) {
      const from = this.#waiting.findIndex(({ isSent }) => !isSent);
      if (from < 0) {
        this.#isDue = false;
        return;
      }
      this.#sendBatch(this.#database, this.#waiting.slice(from, from + batchSize));
    }
    if (!this.#database && this.#waiting.length > 0) void this.#recover(); // the browser closed it
  }

  #sendBatch(database: Database, entries: readonly Entry[]): void {
    for (const entry of entries) {
      entry.seq ??= this.#next++;
      entry.isSent = true;
    }
    this.#sent += 1;
    this.#add(database, entries)
      .then(
        (records) => {
          this.#pause = 0;
          this.problems.isWell('full', 'storage');
          this.#written(entries, records);
        },
        (error: unknown) => {
          // These two say for certain that nothing was committed.
          const isDoubtful = !isConflict(error) && nameOf(error) !== 'QuotaExceededError';
          for (const entry of entries) entry.isDoubtful = isDoubtful;
          this.#failure ??= { error };
        },
      )
      .finally(() => {
        this.#sent -= 1;
        if (this.#failure) void this.#recover();
        else if (this.#isDue) this.#send(this.#most);
        this.#rest();
      });
  }

  /** All of it up to the commit happens at once: nothing of this waits for the page's next task. */
  async #add(database: Database, entries: readonly Entry[]): Promise<readonly StudyRecord[]> {
    const { durability } = this.#config;
    const tx = database.transaction('records', 'readwrite', { durability });
    tx.done.catch(() => undefined); // it rejects before the transaction's own error is known
    const done = committed(tx);
    const add = (record: StudyRecord) => {
      tx.store.add(record, this.#keyOf(record.seq)).catch(() => undefined); // the transaction fails, too
      return record;
    };
    const records = entries.map((entry) => {
      const record = this.#recordOf(entry);
      try {
        return add(record);
      } catch (error) {
        if (nameOf(error) !== 'DataCloneError') throw error;
        const { seq, type, time, at, focus } = record;
        this.problems.tell('data', `record ${seq} (${type}) holds what is no data and is not kept.`, 1, error);
        return add(this.#recordOf({ ...entry, draft: { type: 'lost', count: 1, time, at, focus } }));
      }
    });
    try {
      tx.commit();
    } catch {
      // it is aborted already, and says why
    }
    await done;
    return records;
  }

  #recordOf({ draft, seq = 0 }: Entry): StudyRecord {
    const { study, participant, session } = this.#config;
    return { study, participant, session, seq, page: this.#page, ...draft };
  }

  #keyOf(seq: number): RecordKey {
    return [...this.#key, seq];
  }

  #written(entries: readonly Entry[], records: readonly StudyRecord[]): void {
    const written = new Set(entries);
    this.#waiting = this.#waiting.filter((entry) => !written.has(entry));
    const { length } = this.#waiting;
    if (length === 0) this.problems.isWell('slow');
    announceStored(records);
    this.#show();
    for (const { onStored } of entries) onStored?.();
  }

  #show(): void {
    const lowest = this.#waiting.find(({ seq }) => seq !== undefined)?.seq ?? this.#next;
    this.#stored$.next({ session: this.#config.session, seq: lowest - 1, waiting: this.#waiting.length });
  }

  /** Opens the database, or looks what it has after a failure, and goes on with what is not there. */
  async #recover(): Promise<void> {
    const failure = this.#failure;
    if (this.#isRecovering || this.#sent > 0 || (this.#database && !failure)) return;
    this.#isRecovering = true;
    try {
      if (failure && !isConflict(failure.error)) {
        this.problems.tellOf(failure.error, this.#waiting.length);
        await this.#rested();
        this.#database?.close();
        this.#database = undefined;
      }
      this.#database ??= await openDatabase(this.#config.study, () => (this.#database = undefined));
      await this.#look(this.#database);
      this.#failure = undefined;
      this.problems.isWell('unavailable');
    } catch (error) {
      this.#failure = { error };
    }
    this.#isRecovering = false;
    if (this.#failure) void this.#recover();
    else this.#send(this.#most);
    this.#rest();
  }

  #rested(): Promise<void> {
    this.#pause = this.#pause === 0 ? firstPause : Math.min(this.#pause * 2, longestPause);
    return new Promise((resolve) => setTimeout(resolve, this.#pause));
  }

  /** Reads where the session stands, and which of the doubtful records are there. */
  async #look(database: Database): Promise<void> {
    const { participant, durability, meta } = this.#config;
    const tx = database.transaction(['sessions', 'records'], 'readwrite', { durability });
    const [sessions, records] = [tx.objectStore('sessions'), tx.objectStore('records')];
    const row = (await sessions.get(this.#key)) ?? { begun: Date.now(), pages: 0, next: 0 };
    const page = this.#page === 0 ? row.pages + 1 : this.#page;
    await sessions.put({ ...row, participant, pages: Math.max(page, row.pages) }, this.#key);
    const last = await records.openKeyCursor(ofSession(this.#key), 'prev');
    const free = Math.max(row.next, (last?.key[2] ?? -1) + 1);
    const there: Entry[] = [];
    let isTaken = this.#page !== 0 && !this.#isResting && free > this.#next;
    for (const entry of this.#waiting) {
      if (entry.seq === undefined) continue;
      const found = await records.get(this.#keyOf(entry.seq));
      // one that is gone was delivered in the meantime
      const isMine = found ? found.page === page : entry.seq < row.next;
      if (entry.isDoubtful && isMine) there.push(entry);
      else isTaken ||= found !== undefined || entry.seq < row.next;
    }
    await tx.done;

    if (there.length > 0)
      this.#written(
        there,
        there.map((entry) => this.#recordOf(entry)),
      );
    for (const entry of this.#waiting) Object.assign(entry, { isSent: false, isDoubtful: false });
    if (isTaken) {
      const problem = `session '${this.#config.session}' is recorded in another tab, too. All is kept; \`page\` tells which.`;
      this.problems.tell('session', problem, 0);
      for (const entry of this.#waiting) entry.seq = undefined;
      this.#most = 1;
    }
    this.#isResting = false;
    this.#next = isTaken ? free : Math.max(this.#next, free);
    if (this.#page !== 0) return;
    this.#page = page;
    const draft = stamped({ type: 'opened', timeOrigin: performance.timeOrigin, meta: meta ?? null });
    this.#waiting.unshift(entryOf(draft));
  }

  /** Closes the database where nobody records and all is written. */
  #rest(): void {
    if (this.#users > 0 || this.#waiting.length > 0 || this.#isRecovering) return;
    this.#database?.close();
    this.#database = undefined;
    this.#isResting = true;
    inUse.delete(this);
  }
}

const entryOf = (draft: Draft, onStored?: () => void): Entry => {
  return { draft, seq: undefined, isSent: false, isDoubtful: false, onStored };
};

const nameOf = (error: unknown): unknown => (error as { readonly name?: unknown } | null)?.name;

/** True where somebody else took the number. */
const isConflict = (error: unknown): boolean => nameOf(error) === 'ConstraintError';
