// `npx rxgym verify study.jsonl`: plays recorded sessions again in Node, one after another. The comparison is the library's
// `verify`; here are the file, the interpreters and the lines.
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { pathToFileURL } from 'node:url';
import { firstValueFrom } from 'rxjs';
import { folderOf } from './index-folder.mjs';
import { Problem } from './problem.mjs';

export const usage = `Usage: npx rxgym verify study.jsonl [options]

  study.jsonl           records as exportRecords(study, { as: 'jsonl' }) and rxgym collect --jsonl write them
  --only ENV            plays only sessions of this env, by its name in the output; may be given several times
  --no-infos            does not compare infos; those that tell the time never come again
  --index-url FOLDER    where pyodide.mjs lies; default: the installed pyodide

It runs the Python that the file brings, with your rights on this machine. Where others could have written into the file,
find out the name of your own env by a session that you played, and say --only.`;

/** @typedef {import('../dist/index.js').StudyRecord} StudyRecord */
/** @typedef {import('../dist/index.js').Verdict} Verdict */

/** @param {string[]} args */
function commandLine(args) {
  const text = /** @type {const} */ ({ type: 'string' });
  const options = {
    only: /** @type {const} */ ({ type: 'string', multiple: true }),
    'no-infos': /** @type {const} */ ({ type: 'boolean' }),
    'index-url': text,
  };
  try {
    return parseArgs({ args, options, allowPositionals: true });
  } catch (error) {
    throw new Problem(`${error instanceof Error ? error.message : error}\n\n${usage}`);
  }
}

/** @param {string[]} args What came after `rxgym verify`. */
export async function main(args) {
  const { positionals, values } = commandLine(args);
  const [path, ...more] = positionals;
  if (path === undefined || more.length) throw new Problem(usage);
  const { fromPlain, verify } = await import('../dist/index.js');
  const { createRuntime } = await import('../dist/node.js');
  const indexURL = `${pathToFileURL(folderOf(values['index-url'])).href}/`;
  const start = () => createRuntime({ indexURL, restart: { snapshot: false } });
  let runtime = start();
  const restart = () => {
    runtime.dispose();
    runtime = start();
  };

  /** @param {readonly StudyRecord[]} records */
  const play = (records) => {
    const tally = new Tally();
    const infos = !values['no-infos'];
    return new Promise((resolve, reject) => {
      verify(records, { runtime, infos }).subscribe({
        next: (verdict) => tally.add(verdict),
        error: reject,
        complete: () => resolve(tally),
      });
    });
  };

  const counts = { same: 0, different: 0, unverified: 0 };
  /** @param {Session} session @returns {Promise<string>} */
  const verdictOn = async ({ records: plain, envs }) => {
    const unknown = values.only && envs.find((env) => !values.only?.includes(env));
    if (unknown) {
      counts.unverified += 1;
      return `is not played, since its env ${unknown} is not among those of --only`;
    }
    try {
      const records = plain.map((record) => /** @type {StudyRecord} */ (fromPlain(record))).sort(inOrder);
      let tally = await play(records);
      if (tally.differences > 0) {
        // what an earlier session left in this interpreter is no difference of this one
        restart();
        tally = await play(records);
      }
      counts[tally.differences > 0 ? 'different' : 'same'] += 1;
      const note = tally.differences > 0 ? await versionsNote(records) : '';
      return `${tally}${note}${envs.length ? ` (env ${envs.join(', ')})` : ''}`;
    } catch (error) {
      counts.unverified += 1;
      restart();
      return `cannot be verified: ${error instanceof Error ? error.message : error}`;
    }
  };

  /** @param {readonly StudyRecord[]} records */
  const versionsNote = async (records) => {
    const here = await firstValueFrom(runtime.ready$);
    const made = records.find((record) => record.type === 'env' && record.pyodide !== here.pyodide);
    return made?.type === 'env' ? `; recorded with Pyodide ${made.pyodide}, played with ${here.pyodide}` : '';
  };

  try {
    for await (const session of sessionsOf(path)) {
      console.log(`${session.name}: ${await verdictOn(session)}`);
    }
  } finally {
    runtime.dispose();
  }
  const { same, different, unverified } = counts;
  if (same + different + unverified === 0) throw new Problem(`${path} has no records`);
  if (different + unverified > 0) {
    throw new Problem(`${same} sessions come to the same, ${different} differ, ${unverified} could not be verified`);
  }
}

/** What the verdicts on one session add up to. */
class Tally {
  differences = 0;
  #rounds = 0;
  #steps = 0;
  #first = '';

  /** @param {Verdict} verdict */
  add({ type, round, episode, index, same, differs, expected, got }) {
    if (type === 'reset') this.#rounds += 1;
    if (type === 'step') this.#steps += 1;
    if (same) return;
    this.differences += 1;
    if (this.differences > 1) return;
    const place = `${round === null ? `episode ${episode}` : `round ${round}`}, ${type} ${index}`;
    const values = differs.map((name) => `${name}: expected ${short(expected[name])}, got ${short(got[name])}`);
    this.#first = `${place} (${values.join('; ')})`;
  }

  toString() {
    const size = `${this.#steps} steps after ${this.#rounds} resets`;
    if (this.differences === 0) return this.#steps > 0 ? `the same: ${size}` : 'nothing was played in it';
    return `DIFFERS in ${this.differences} places of ${size}, first at ${this.#first}`;
  }
}

/** @param {unknown} value */
function short(value) {
  const text = JSON.stringify(value, (_, each) => (typeof each === 'bigint' ? String(each) : each)) ?? 'nothing';
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}

/** @param {StudyRecord} a @param {StudyRecord} b */
const inOrder = (a, b) => a.page - b.page || a.seq - b.seq;

/** @typedef {{ name: string, envs: string[], records: any[] }} Session Its records as JSON has them. */

/**
 * One at a time, so that a long study fits into memory.
 * @param {string} path
 * @returns {AsyncGenerator<Session, void>}
 */
async function* sessionsOf(path) {
  /** @type {Session | undefined} */
  let session;
  const names = new Set();
  let count = 0;
  for await (const line of linesOf(path)) {
    count += 1;
    if (line.trim() === '') continue;
    const record = recordOf(line, `${path}, line ${count}`);
    if (!session || session.name !== record.session) {
      if (session) yield session;
      if (names.has(record.session)) {
        throw new Problem(`${path}, line ${count}: session ${record.session} goes on behind another; sort by session`);
      }
      names.add(record.session);
      session = { name: record.session, envs: [], records: [] };
    }
    session.records.push(record);
    if (record.type === 'env') session.envs = [...new Set([...session.envs, nameOf(record)])];
  }
  if (session) yield session;
}

/** @param {string} path */
async function* linesOf(path) {
  try {
    const file = await open(path);
    yield* file.readLines();
  } catch (error) {
    throw new Problem(`cannot read ${path}: ${error instanceof Error ? error.message : error}`);
  }
}

/** @param {string} line @param {string} place */
function recordOf(line, place) {
  let record;
  try {
    record = JSON.parse(line);
  } catch {
    // reported below
  }
  const { session, seq, page, type } = record ?? {};
  const isRecord = typeof session === 'string' && typeof type === 'string' && [seq, page].every(Number.isInteger);
  if (!isRecord) throw new Problem(`${place}: expected a record as JSON, got ${short(line)}`);
  return record;
}

/**
 * A name that stands for all that an env is made of but chance.
 * @param {{ spec: Record<string, unknown>, packages: unknown }} made
 */
function nameOf({ spec, packages }) {
  const rest = { ...spec, entropy: null };
  const sorted = (/** @type {string} */ _, /** @type {unknown} */ value) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort())
      : value;
  return createHash('sha256')
    .update(JSON.stringify([rest, packages], sorted))
    .digest('hex')
    .slice(0, 16);
}
