import {
  catchError,
  concat,
  defer,
  EMPTY,
  finalize,
  fromEvent,
  ignoreElements,
  merge,
  Observable,
  of,
  repeat,
  switchMap,
  take,
  tap,
  timer,
} from 'rxjs';
import { checkOptions, checkValue, longestTimer, textRule, type Rules } from '../check.js';
import { RecordError } from '../errors.js';
import { nextBatch, type Batch, type BatchLimits } from './batch.js';
import { messageOf, ofSession, ofStudy, withDatabase } from './database.js';
import { pageHides$, pageLeaves$ } from './page-events.js';
import { post, postAtEnd, Refused } from './post.js';
import { storedHere$ } from './stored-here.js';
import { Tail } from './tail.js';

/** The options of {@link deliver}. */
export interface DeliverConfig {
  /** The study whose records are delivered. */
  readonly study: string;
  /** Headers of each request, for instance `authorization`. Default: none. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** How often it looks for new records when all were delivered, in ms from 100 to 2,147,483,647. Default 5,000. */
  readonly every?: number | undefined;
  /** How many records a batch has at most; a whole number from 1 to 10,000. Default 200. Its body is below 30 kB, too. */
  readonly size?: number | undefined;
}

/** Where a delivery stands. */
export interface DeliveryStatus {
  /**
   * `standby`: another tab delivers the study; `sending`: a batch is on its way; `retrying`: it was not acknowledged and is
   * sent again after a pause; `idle`: all is delivered but what was refused.
   */
  readonly state: 'standby' | 'sending' | 'retrying' | 'idle';
  /** Records that were acknowledged since the subscription. */
  readonly delivered: number;
  /** Records in this browser's storage that are not acknowledged. */
  readonly waiting: number;
  /** How many of them are in batches that the server refused. They stay, as what comes behind them in their session. */
  readonly refused: number;
  /** What is wrong now: `'unreachable'`, `'refused'`, or why the storage cannot be read; null where all is well. */
  readonly problem: RecordError | null;
}

const rules: Rules<DeliverConfig> = {
  study: textRule,
  headers: {
    expected: 'headers by name, as strings',
    fits: (value) => typeof value === 'object' && value !== null && Object.values(value).every(isString),
  },
  every: { min: 100, max: longestTimer },
  size: { min: 1, max: 10_000, whole: true },
};

/** In bytes. A batch that is on its way and one at the page's end have 64 KiB together, if they are to outlive the page. */
const bodyLimit = 30_000;

/** In ms: the first pause after a failure; each later one is twice as long, up to the longest. */
const [firstPause, longestPause] = [1000, 60_000];

/**
 * Delivers a study's records to a server, in batches, for as long as it is subscribed to, and emits where it stands. It
 * never completes and never errors by itself. Records are deleted from the browser's storage when the server has
 * acknowledged them, not before: what is not delivered today is delivered at the next visit.
 *
 * `POST url` with `{ format: 1, study, batch, records }`, in which values are as `toPlain` makes them, and the header
 * `idempotency-key`. Status 200 with `{ batch, stored }` acknowledges. Another 4xx than 408 and 429 refuses for good. After
 * anything else it is sent again, with exponential back-off, and at once when the browser is online again. A batch may
 * come more than once; session and seq tell each record.
 *
 * When the page ends, what it has stored since the last batch is sent by a beacon, without waiting for an answer. One tab
 * at a time delivers a study, where there are Web Locks (https and localhost).
 *
 * Errors: `UsageError` at the call for a bad option.
 *
 * @example
 * deliver('/records', { study: 'catch-1' }).pipe(
 *   first(({ state, waiting }) => state === 'idle' && waiting === 0),
 * ).subscribe(showCompletionCode)
 */
export function deliver(url: string, config: DeliverConfig): Observable<DeliveryStatus> {
  checkOptions('deliver', config, rules);
  checkValue('deliver.url', url, textRule);
  const { study, headers = {}, every = 5000, size = 200 } = config;
  checkValue('deliver.study', study, textRule);
  const limits: BatchLimits = { size, bytes: bodyLimit };

  const deliver$ = defer(() => {
    const tail = new Tail();
    const skipped = new Set<string>();
    let onItsWay: Batch | undefined;
    let failures = 0;
    let refusal: RecordError | null = null;
    let now: Omit<DeliveryStatus, 'state'> = { delivered: 0, waiting: 0, refused: 0, problem: null };
    const status = (state: DeliveryStatus['state'], change: Partial<DeliveryStatus> = {}): DeliveryStatus => {
      now = { ...now, ...change };
      return { state, ...now };
    };

    const send = (batch: Batch): Observable<never> => {
      onItsWay = batch;
      return post(url, headers, batch).pipe(
        switchMap(() => acknowledge(study, batch)),
        tap(() => {
          failures = 0;
          tail.cut(batch);
          status('sending', { delivered: now.delivered + batch.count, problem: refusal });
        }),
        finalize(() => (onItsWay = undefined)),
        ignoreElements(),
      );
    };
    const failed = (error: unknown): Observable<DeliveryStatus> => {
      if (error instanceof Refused && onItsWay) {
        skipped.add(onItsWay.key[1]);
        const { key, count, first, last } = onItsWay;
        const message = `${error.message}. Records ${first} to ${last} are kept; mend it and load the page again.`;
        refusal = new RecordError('refused', study, key[1], count, message, { cause: error });
        return of(status('sending', { refused: now.refused + count, problem: refusal }));
      }
      failures += 1;
      const pause = Math.min(firstPause * 2 ** (failures - 1), longestPause) * (1 - Math.random() / 2);
      return concat(of(status('retrying', { problem: problemOf(error, study, onItsWay) })), pauseOf(pause, online$()));
    };

    // One batch, or a pause where there is none. `failed` reads what is on its way, hence comes before its end.
    const turn$ = defer(() => withDatabase(study, (database) => look(database))).pipe(
      switchMap(({ batch, waiting }) =>
        batch
          ? concat(of(status(failures > 0 ? 'retrying' : 'sending', { waiting })), send(batch))
          : concat(of(status('idle', { waiting, problem: refusal })), pauseOf(every, merge(online$(), pageLeaves$()))),
      ),
      catchError(failed),
    );
    const look = async (database: Parameters<typeof nextBatch>[0]) => ({
      batch: await nextBatch(database, study, limits, skipped),
      waiting: await database.count('records', ofStudy(study)),
    });

    const beside$ = merge(
      storedHere$().pipe(tap((records) => tail.add(records.filter((record) => record.study === study)))),
      pageHides$().pipe(
        tap(() => {
          for (const batch of tail.batches(limits, onItsWay)) postAtEnd(url, headers, batch);
        }),
      ),
    ).pipe(ignoreElements());
    return merge(beside$, turn$.pipe(repeat()));
  });

  return concat(of<DeliveryStatus>(standby), whileLocked(`rxgym deliver ${study}`, deliver$));
}

const standby: DeliveryStatus = { state: 'standby', delivered: 0, waiting: 0, refused: 0, problem: null };

/** Forgets a batch. The number behind it stays, so that a session that goes on does not number its records anew. */
async function acknowledge(study: string, { key, first, last }: Batch): Promise<void> {
  await withDatabase(study, async (database) => {
    const tx = database.transaction(['sessions', 'records'], 'readwrite', { durability: 'strict' });
    const sessions = tx.objectStore('sessions');
    const row = await sessions.get(key);
    if (row) await sessions.put({ ...row, next: Math.max(row.next, last + 1) }, key);
    await tx.objectStore('records').delete(ofSession(key, first, last));
    await tx.done;
  });
}

function problemOf(error: unknown, study: string, batch: Batch | undefined): RecordError {
  if (error instanceof RecordError) return error;
  if (!batch)
    return new RecordError('storage', study, null, 0, `they cannot be read (${messageOf(error)}).`, { cause: error });
  const message = `${batch.count} are not acknowledged yet (${messageOf(error)}); they are sent again.`;
  return new RecordError('unreachable', study, batch.key[1], batch.count, message, { cause: error });
}

/** Subscribes while this tab has the lock, and at once where there are no locks. */
function whileLocked<T>(name: string, source$: Observable<T>): Observable<T> {
  const locks = (globalThis as { readonly navigator?: Partial<Navigator> }).navigator?.locks;
  if (!locks) return source$;
  return new Observable((subscriber) => {
    const ending = new AbortController();
    const held = () =>
      new Promise<void>((release) => {
        subscriber.add(release);
        subscriber.add(source$.subscribe(subscriber));
      });
    locks.request(name, { signal: ending.signal }, held).catch((error: unknown) => subscriber.error(error));
    return () => ending.abort();
  });
}

const online$ = (): Observable<unknown> => (typeof window === 'undefined' ? EMPTY : fromEvent(window, 'online'));

/** Emits nothing, and completes after so many ms, or at the first event before. */
const pauseOf = (ms: number, sooner$: Observable<unknown>): Observable<never> =>
  merge(timer(ms), sooner$).pipe(take(1), ignoreElements());

const isString = (value: unknown): value is string => typeof value === 'string';
