// The records of studies in one SQLite file.
import { existsSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { Problem } from '../problem.mjs';
import { Refusal } from './refusal.mjs';

/** @typedef {import('./batch.mjs').Batch} Batch */

/** Says in the file's head that it is one of ours: "rxgm" in ASCII. https://www.sqlite.org/pragma.html#pragma_application_id */
const application = 0x7278676d;
const version = 1;

/** How long one process waits for another that writes into the same file, in ms. It can do nothing else meanwhile. */
const patience = 2000;

/** Rows that are in memory at once while records are read. */
const page = 64;

/** So many records behind a step may be that of its picture: nobody can make the table take hours. */
const nearby = 1000;

/** How many conflicts an answer lists. */
const told = 10;

// Records are only added. `id` grows with every one, hence "all up to this id" stays the same while others come.
// The columns beside `record` repeat what is in it, for indexes and for those who query the file.
const schema = `
  create table records (
    id integer primary key,
    study text not null,
    session text not null,
    seq integer not null,
    participant text,
    participant_key text generated always as (coalesce(participant, '')) virtual,
    type text not null,
    time real not null,
    batch text not null,
    received integer not null,
    record text not null,
    unique (study, session, seq)
  ) strict;
  create index records_in_order on records (study, participant_key, session, seq);
`;

/** @returns {Promise<typeof import('libsql')>} */
async function library() {
  try {
    return (await import('libsql')).default;
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0] : error;
    throw new Problem(
      'collect keeps records in SQLite, by the package libsql: run `npm install libsql` where rxgym is installed ' +
        `(without a project: npx -p rxgym -p libsql rxgym collect …). It could not be loaded: ${reason}`,
    );
  }
}

/**
 * @typedef {object} Database
 * @property {(batch: Batch) => number} store Stores what is new of a batch, and returns how many records that were. They
 * are on the disk when it returns. Throws a {@link Refusal}: 409 where a record is known with other content, 503 and 507
 * where the file is busy or the disk is full. Then nothing of the batch is stored.
 * @property {() => string[]} studies
 * @property {() => number} last The id of the record that was stored last.
 * @property {(study: string, upTo: number) => Generator<string[], void>} pages The records of a study as JSON, in the
 * order of participant, session and seq; a few at a time. Those with a later id than `upTo` are left out.
 * @property {(study: string, step: Step, upTo: number) => number | null} paintedAt When the picture of a step was painted.
 * @property {() => void} close
 */

/** @typedef {{ session: string, seq: number, page?: unknown, episode?: unknown, index?: unknown }} Step */

/**
 * Opens the file, or makes it. Several processes may have it open.
 * @param {string} path
 * @param {{ reading?: boolean }} [options] reading: the file has to be there, and is not changed
 * @returns {Promise<Database>}
 * @throws {Problem} where it cannot be opened, or is some other file
 */
export async function openDatabase(path, { reading = false } = {}) {
  if (reading && !existsSync(path)) throw new Problem(`--db: there is no file ${path}`);
  const Sqlite = await library();
  /** @type {import('libsql').Database | undefined} */
  let database;
  try {
    database = new Sqlite(path, { timeout: patience });
    prepare(database, path, reading);
    return over(database);
  } catch (error) {
    database?.close();
    if (error instanceof Problem) throw error;
    throw new Problem(`--db: cannot open ${path}: ${error instanceof Error ? error.message : error}`);
  }
}

/** @param {import('libsql').Database} database @param {string} path @param {boolean} reading */
function prepare(database, path, reading) {
  if (pragma(database, 'application_id') !== application && (reading || !isEmpty(database))) {
    throw new Problem(`--db: expected a file that collect made, or none; ${path} is another one`);
  }
  if (reading) database.pragma('query_only = true');
  else make(database);
  const found = pragma(database, 'user_version');
  if (found !== version) throw new Problem(`--db: expected version ${version}; ${path} has version ${found}`);
  // After a process died, its last commit may be readable and yet not on the disk. This syncs it, before anybody is told
  // that it is stored.
  if (!reading) database.pragma('wal_checkpoint(truncate)');
}

/** @param {import('libsql').Database} database */
function make(database) {
  database.pragma('journal_mode = wal');
  // Each commit waits for the disk. https://www.sqlite.org/pragma.html#pragma_synchronous
  database.pragma('synchronous = full');
  // When two make the same file, the second one waits here and finds it made.
  database.exec('begin immediate');
  if (isEmpty(database)) {
    database.exec(`${schema}; pragma application_id = ${application}; pragma user_version = ${version};`);
  }
  database.exec('commit');
}

/** @param {import('libsql').Database} database @param {string} name */
const pragma = (database, name) => Object.values(/** @type {object} */ (database.prepare(`pragma ${name}`).get()))[0];

/** @param {import('libsql').Database} database */
const isEmpty = (database) => database.prepare('select 1 from sqlite_master').get() === undefined;

/** @param {import('libsql').Database} database @returns {Database} */
function over(database) {
  const insert = database.prepare(
    `insert into records (study, session, seq, participant, type, time, batch, received, record)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (study, session, seq) do nothing`,
  );
  const known = database.prepare('select record from records where study = ? and session = ? and seq = ?');
  const last = database.prepare('select max(id) as id from records');
  const names = database.prepare('select distinct study from records order by study');
  const next = database.prepare(
    `select participant_key, session, seq, record from records
     where study = ? and (participant_key, session, seq) > (?, ?, ?) and id <= ?
     order by participant_key, session, seq limit ${page}`,
  );

  // A picture counts for the latest step, hence its record comes before the page's next step.
  const behind = database.prepare(
    `select type, record from records
     where study = ? and session = ? and seq > ? and seq <= ? and id <= ? and type in ('step', 'painted')
       and json_extract(record, '$.page') is ?
     order by seq limit 1`,
  );

  /** @param {Batch} batch */
  function add({ study, batch, records }) {
    let stored = 0;
    const conflicts = [];
    for (const one of records) {
      const { session, seq, participant, type, time } = one;
      const text = JSON.stringify(one);
      if (insert.run(study, session, seq, participant, type, time, batch, Date.now(), text).changes === 1) stored++;
      else {
        const { record } = /** @type {{ record: string }} */ (known.get(study, session, seq));
        if (record !== text && !isDeepStrictEqual(JSON.parse(record), JSON.parse(text)))
          conflicts.push({ session, seq });
      }
    }
    if (conflicts.length) throw conflict(conflicts);
    return stored;
  }

  return {
    store(batch) {
      try {
        database.exec('begin immediate');
        const stored = add(batch);
        database.exec('commit');
        return stored;
      } catch (error) {
        if (database.inTransaction) database.exec('rollback');
        throw refusalOf(error);
      }
    },
    studies: () => names.all().map((row) => /** @type {{ study: string }} */ (row).study),
    last: () => /** @type {{ id: number | null }} */ (last.get()).id ?? 0,
    *pages(study, id) {
      /** @type {[string, string, number]} */
      let after = ['', '', -1];
      for (;;) {
        const rows = /** @type {{ participant_key: string, session: string, seq: number, record: string }[]} */ (
          next.all(study, ...after, id)
        );
        const end = rows.at(-1);
        if (!end) return;
        after = [end.participant_key, end.session, end.seq];
        yield rows.map(({ record }) => record);
      }
    },
    paintedAt(study, { session, seq, page = null, episode, index }, id) {
      if (page !== null && typeof page !== 'number') return null; // no page of ours
      const found = /** @type {{ type: string, record: string } | undefined} */ (
        behind.get(study, session, seq, seq + nearby, id, page)
      );
      if (found?.type !== 'painted') return null;
      const painted = JSON.parse(found.record);
      return painted.episode === episode && painted.index === index ? (painted.at ?? null) : null;
    },
    close() {
      if (!database.open) return;
      try {
        // So that the file alone is everything.
        if (pragma(database, 'query_only') === 0) database.pragma('wal_checkpoint(truncate)');
      } catch {
        // The disk is full, or somebody reads: what is stored stays in the file beside it, and is there at the next start.
      }
      database.close();
    },
  };
}

/** @param {{ session: string, seq: number }[]} conflicts */
function conflict(conflicts) {
  const [first] = conflicts;
  return new Refusal(409, {
    expected: 'records with the content that they had before, or new ones',
    got: `other content for ${conflicts.length} of them, first session ${first?.session}, seq ${first?.seq}`,
    more: { conflicts: conflicts.slice(0, told) },
  });
}

/** @param {unknown} error */
function refusalOf(error) {
  const { code, message } = /** @type {{ code?: unknown, message?: string }} */ (error);
  const got = String(message);
  if (String(code).startsWith('SQLITE_BUSY')) {
    return new Refusal(503, { expected: 'the database to be free', got, headers: { 'retry-after': '1' } });
  }
  if (String(code) === 'SQLITE_FULL') {
    return new Refusal(507, { expected: 'space on the disk', got, headers: { 'retry-after': '60' } });
  }
  return error;
}
