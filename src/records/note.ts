import { Observable } from 'rxjs';
import { checkOptions, checkValue, nameRule, type Rules } from '../check.js';
import { RecordError } from '../errors.js';
import { fromPlain, toPlain } from '../protocol/plain.js';
import { committed, ofSession, withDatabase, type SessionKey } from './database.js';
import { outboxOf } from './outbox.js';
import { troubleOf } from './problems.js';
import { checkData } from './rules.js';
import { stamped, type Draft } from './stamp.js';
import { announceStored } from './stored-here.js';
import type { StudyRecord } from './study-record.js';

/** Where a {@link note} belongs. */
export interface NoteConfig {
  /** The study's name, as `record` is given it. */
  readonly study: string;
  /** The session's name: the option `session` of `record`, or the `session` of its recorder. */
  readonly session: string;
  /** Who it is about. Default: the session's participant, if it has one. */
  readonly participant?: string | undefined;
}

const rules: Rules<NoteConfig> = { study: nameRule, session: nameRule, participant: nameRule };

/**
 * Keeps anything else with the records of a session: answers of a questionnaire, lines of the console, events of your own.
 * It is a record of type `note` ({@link Noted}), in order with the others, and is delivered and exported with them. It may
 * come before, during and after a game that is recorded, and without any.
 *
 * Subscribing writes it, once for each subscription; it emits null and completes when it is on disk. Unsubscribing does not
 * take it back. The data are copied at the call.
 *
 * Errors: `UsageError` at the call for a bad option, or for what is no data; `RecordError` `'unavailable'`, `'full'` or
 * `'storage'` where it is not kept, and `'lost'` where too many records of the game wait for storage. While a game is
 * recorded, other problems of storage are told by its recorder, and the note waits with the steps.
 *
 * @example
 * note({ study: 'catch-1', session }, { questionnaire: answers }).subscribe()
 */
export function note(config: NoteConfig, data: unknown): Observable<null> {
  checkOptions('note', config, rules);
  checkValue('note.study', config.study, nameRule);
  checkValue('note.session', config.session, nameRule);
  checkData('note.data', data);
  const { study, session } = config;
  const copy = fromPlain(toPlain(data));
  return new Observable((subscriber) => {
    const draft = stamped({ type: 'note', timeOrigin: performance.timeOrigin, data: copy });
    const stored = () => {
      subscriber.next(null);
      subscriber.complete();
    };
    const fail = (error: unknown) => {
      const { reason, problem, cause } = troubleOf(error);
      subscriber.error(new RecordError(reason, study, session, 1, problem, { cause }));
    };
    // A recorder of this page numbers its records itself.
    const outbox = outboxOf(study, session);
    if (!outbox) write(config, draft).then(stored, fail);
    else if (!outbox.put(draft, true, stored)) {
      const problem = 'a note is not kept, since too many records wait for storage already (`limit`).';
      fail(new RecordError('lost', study, session, 1, problem));
    }
  });
}

/** In one transaction, so that nobody else takes its number. */
async function write({ study, session, participant }: NoteConfig, draft: Draft): Promise<void> {
  const key: SessionKey = [study, session];
  const record = await withDatabase(study, async (database) => {
    const tx = database.transaction(['sessions', 'records'], 'readwrite', { durability: 'strict' });
    tx.done.catch(() => undefined); // it rejects before the transaction's own error is known
    const done = committed(tx);
    const [sessions, records] = [tx.objectStore('sessions'), tx.objectStore('records')];
    const row = (await sessions.get(key)) ?? { participant: null, begun: Date.now(), pages: 0, next: 0 };
    const last = await records.openKeyCursor(ofSession(key), 'prev');
    const seq = Math.max(row.next, (last?.key[2] ?? -1) + 1);
    const who = participant ?? row.participant;
    const made: StudyRecord = { study, participant: who, session, seq, page: 0, ...draft };
    sessions.put({ ...row, participant: who }, key).catch(() => undefined); // the transaction fails, too
    records.add(made, [...key, seq]).catch(() => undefined);
    await done;
    return made;
  });
  announceStored([record]);
}
