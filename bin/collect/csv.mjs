// Records as text: a table (RFC 4180), or a line of JSON each.
import { setImmediate as others } from 'node:timers/promises';
import { Problem } from '../problem.mjs';

/** @typedef {import('./database.mjs').Database} Database */

/** As many as Excel and LibreOffice have. Images in records have more numbers than that. */
const mostColumns = 16384;

/** Always there, and the first ones. */
const first = ['participant', 'session', 'seq', 'type', 'time'];

/**
 * The table of a study, some lines at a time. A column for each key that some record has; those of objects and arrays
 * inside are joined by dots. `null` and what a record does not have are empty cells, an empty string is `""`. A step's line
 * has when its picture was painted, as in the page's own CSV (src/records/csv.ts).
 * @param {Database} database
 * @param {string} study
 * @returns {AsyncGenerator<string, void>}
 * @throws {Problem} where there would be more columns than {@link mostColumns}
 */
export async function* csv(database, study) {
  // Others are stored meanwhile, and may have other keys.
  const upTo = database.last();
  const columns = new Map(first.map((name) => [idOf('', name), name]));
  for await (const cells of flattened(database, study, upTo)) {
    for (const [id, { name }] of cells) columns.set(id, name);
    // looked up below: once is enough
    if (cells.get(idOf('', 'type'))?.text === 'painted') columns.set(painted, 'painted');
    if (columns.size > mostColumns) {
      throw new Problem(
        `expected at most ${mostColumns} columns, got more: images in the records? Read them as JSON lines`,
      );
    }
  }
  yield line([...columns.values()].map(quoted));
  const ids = [...columns.keys()];
  let lines = '';
  for await (const cells of flattened(database, study, upTo, true)) {
    lines += line(ids.map((id) => cells.get(id)?.text ?? ''));
    if (lines.length < 2 ** 16) continue;
    yield lines;
    lines = '';
  }
  if (lines) yield lines;
}

/** @param {Database} database @param {string} study @returns {AsyncGenerator<string, void>} */
export async function* jsonLines(database, study) {
  for (const records of database.pages(study, database.last())) {
    yield records.map((record) => `${record}\n`).join('');
    await others();
  }
}

/** @typedef {Map<string, { name: string, text: string }>} Cells By the id of their column. */

/**
 * @param {Database} database @param {string} study @param {number} upTo
 * @param {boolean} [withPictures] Whether a step's cells say when its picture was painted.
 * @returns {AsyncGenerator<Cells, void>}
 */
async function* flattened(database, study, upTo, withPictures = false) {
  for (const records of database.pages(study, upTo)) {
    for (const record of records) {
      /** @type {Cells} */
      const cells = new Map();
      const plain = JSON.parse(record);
      flatten(cells, plain, '', '');
      if (withPictures && plain.type === 'step') {
        const at = database.paintedAt(study, plain, upTo);
        if (at !== null) flatten(cells, at, painted, 'painted');
      }
      yield cells;
    }
    await others();
  }
}

/** @param {Cells} cells @param {unknown} value @param {string} id @param {string} name */
function flatten(cells, value, id, name) {
  const plain = untagged(value);
  const inside = typeof plain === 'object' && plain !== null ? Object.entries(plain) : [];
  if (inside.length === 0) cells.set(id, { name, text: textOf(plain) });
  for (const [key, one] of inside) flatten(cells, one, idOf(id, key), name ? `${name}.${key}` : key);
}

/**
 * What JSON has nothing for comes in the forms of `toPlain` (src/protocol/plain.ts). A Map is an object here, an array the
 * text of lists in lists, and a number its text.
 * @param {unknown} value @returns {unknown}
 */
function untagged(value) {
  if (typeof value !== 'object' || value === null || !('$' in value)) return value;
  const { $: kind, v, shape } = /** @type {{ $: unknown, v?: unknown, shape?: number[] }} */ (value);
  if (kind === 'undefined') return null;
  if (kind === 'map' && Array.isArray(v)) {
    return Object.fromEntries(
      v.map(([key, one]) => [typeof key === 'object' ? JSON.stringify(key) : String(key), one]),
    );
  }
  if (kind === 'array' && Array.isArray(v) && shape) return JSON.stringify(nested(v, shape));
  return ['number', 'bigint', 'object'].includes(String(kind)) ? v : value;
}

/** @param {unknown[]} elements @param {number[]} shape @returns {unknown} */
function nested(elements, shape) {
  const [length, ...inner] = shape;
  if (length === undefined) return elements[0];
  const stride = inner.reduce((product, each) => product * each, 1);
  return Array.from({ length }, (_, i) => nested(elements.slice(i * stride, (i + 1) * stride), inner));
}

/**
 * Keys may hold dots (`TimeLimit.truncated`), so that two columns may have one name. They stay two by this.
 * @param {string} parent @param {string} key
 */
const idOf = (parent, key) => `${parent}${key.length}:${key}`;

/** @param {unknown} value */
function textOf(value) {
  if (value === null) return '';
  if (typeof value === 'string') return value === '' ? '""' : quoted(value);
  return JSON.stringify(value);
}

/** @param {string} text */
const quoted = (text) => (/[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

const painted = idOf('', 'painted');

/** @param {string[]} cells */
const line = (cells) => `${cells.join(',')}\r\n`;
