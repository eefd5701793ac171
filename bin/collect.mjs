// `npx rxgym collect --db records.sqlite`: the server side of a study's records, and their way out of the file.
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { csv, jsonLines } from './collect/csv.mjs';
import { openDatabase } from './collect/database.mjs';
import { startCollector } from './collect/server.mjs';
import { Problem } from './problem.mjs';

export const usage = `Usage: npx rxgym collect --db records.sqlite [options]

  --db FILE             an SQLite file; made where there is none
  --port N              default: 8090; 0 takes one that is free
  --host ADDRESS        where to listen; default: 127.0.0.1, this machine only
  --origin ORIGIN       whose pages may send, for instance https://study.example; may be given several times, * is all.
                        Default: pages of the same host, and of localhost
  --secret TEXT         needed to send; better in the environment variable RXGYM_SECRET
  --read-secret TEXT    needed to read over HTTP, which is off without; better in RXGYM_READ_SECRET
  --limit BYTES         of one request; default: 1048576

Instead of starting a server:
  --csv STUDY           writes the records of a study to the standard output, as a table
  --jsonl STUDY         the same as lines of JSON`;

const mostBytes = 2 ** 28;

/** @param {string[]} args What came after `rxgym collect`. */
export async function main(args) {
  const { db, csv: asTable, jsonl: asLines, ...options } = commandLine(args);
  if (!db) throw new Problem(usage);
  const study = asTable ?? asLines;
  if (study === undefined) return serve(db, options);
  const others = Object.entries({ ...options, ...(asTable === undefined ? {} : { jsonl: asLines }) });
  const [other] = others.filter(([, value]) => value !== undefined);
  if (other)
    throw new Problem(`--${other[0]}: expected nothing but --db beside --${asTable === undefined ? 'jsonl' : 'csv'}`);
  return write(db, study, asTable === undefined ? jsonLines : csv);
}

/** @param {string[]} args */
function commandLine(args) {
  const text = /** @type {const} */ ({ type: 'string' });
  const options = {
    db: text,
    port: text,
    host: text,
    origin: /** @type {const} */ ({ type: 'string', multiple: true }),
    secret: text,
    'read-secret': text,
    limit: text,
    csv: text,
    jsonl: text,
  };
  try {
    return parseArgs({ args, options }).values;
  } catch (error) {
    throw new Problem(`${error instanceof Error ? error.message : error}\n\n${usage}`);
  }
}

/**
 * @param {string} db
 * @param {Omit<ReturnType<typeof commandLine>, 'db' | 'csv' | 'jsonl'>} options
 */
async function serve(db, { port = '8090', host = '127.0.0.1', origin = [], limit = '1048576', ...secrets }) {
  const { RXGYM_SECRET, RXGYM_READ_SECRET } = process.env;
  const secret = secretOf('secret', secrets.secret ?? RXGYM_SECRET);
  const readSecret = secretOf('read-secret', secrets['read-secret'] ?? RXGYM_READ_SECRET);
  if (secret !== undefined && secret === readSecret) {
    throw new Problem(
      '--read-secret: expected another one than --secret, which everybody can read in the page that sends',
    );
  }
  const collector = await startCollector({
    db,
    port: numberOf('port', port, 0, 65535),
    host,
    origins: origin.map(originOf),
    ...(secret === undefined ? {} : { secret }),
    ...(readSecret === undefined ? {} : { readSecret }),
    limit: numberOf('limit', limit, 1, mostBytes),
    log: (line) => console.error(`rxgym collect: ${line}`),
  }).catch((/** @type {NodeJS.ErrnoException} */ error) => {
    if (error.syscall === undefined) throw error;
    throw new Problem(`cannot listen at ${host}, port ${port}: ${error.message}. Try another --port or --host`);
  });
  console.log(`rxgym collect: ${collector.url} stores in ${db}`);
  // A second signal ends the process at once, which loses nothing that was answered.
  await new Promise((resolve) => ['SIGINT', 'SIGTERM'].forEach((signal) => process.once(signal, resolve)));
  await collector.close();
}

/**
 * @param {string} db
 * @param {string} study
 * @param {typeof csv} rows
 */
async function write(db, study, rows) {
  const database = await openDatabase(db, { reading: true });
  try {
    const studies = database.studies();
    if (!studies.includes(study)) {
      throw new Problem(`${db} has no study ${study}; it has ${studies.length ? studies.join(', ') : 'none'}`);
    }
    await pipeline(Readable.from(rows(database, study)), createWriteStream('', { fd: 1, autoClose: false }));
  } catch (error) {
    // Who reads has enough: `| head`.
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EPIPE') throw error;
  } finally {
    database.close();
  }
}

/** @param {string} option @param {string} text @param {number} least @param {number} most */
function numberOf(option, text, least, most) {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= least && number <= most) return number;
  throw new Problem(`--${option}: expected a whole number from ${least} to ${most}, got ${text}`);
}

/** @param {string} text */
function originOf(text) {
  if (text === '*' || text === 'null' || (URL.canParse(text) && new URL(text).origin === text)) return text;
  const near = URL.canParse(text) ? ` (did you mean ${new URL(text).origin}?)` : '';
  throw new Problem(`--origin: expected an origin such as https://study.example, or *; got ${text}${near}`);
}

/** @param {string} option @param {string | undefined} text */
function secretOf(option, text) {
  if (text === undefined || /^[!-~]+$/.test(text)) return text;
  throw new Problem(`--${option}: expected one or more ASCII characters without spaces, got ${JSON.stringify(text)}`);
}
