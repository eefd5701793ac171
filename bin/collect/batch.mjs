import { Refusal, describe } from './refusal.mjs';

/** The format of a batch that this server takes. */
export const format = 1;

/** The longest name (study, batch, session, participant, type), in UTF-16 code units. */
export const longestName = 256;

/**
 * @typedef {object} StudyRecord
 * @property {string} session
 * @property {number} seq
 * @property {string | null} participant
 * @property {string} type
 * @property {number} time In ms since the epoch, by the clock of who sent it.
 *
 * @typedef {object} Batch
 * @property {string} study
 * @property {string} batch
 * @property {StudyRecord[]} records With all that came in them.
 *
 * @typedef {{ expected: string, fits: (value: unknown) => boolean }} Rule
 */

/**
 * Lone surrogates and NUL do not survive in a database's text, hence two names could become one.
 * @param {unknown} value
 * @param {number} least
 */
const isName = (value, least) =>
  typeof value === 'string' &&
  value.length >= least &&
  value.length <= longestName &&
  // Newer than the library that the types know: Node has had it since 20.
  /** @type {string & { isWellFormed(): boolean }} */ (value).isWellFormed() &&
  !value.includes('\0');

const text = `a string of at most ${longestName} characters, without U+0000 and lone surrogates`;
/** @type {Rule} */
const label = { expected: text, fits: (value) => isName(value, 0) };
/** @type {Rule} */
const name = { expected: `${text}, not empty`, fits: (value) => isName(value, 1) };

/** @type {Record<string, Rule>} */
const envelope = {
  format: { expected: `the format ${format}`, fits: (value) => value === format },
  study: name,
  batch: name,
  records: { expected: 'an array of records', fits: Array.isArray },
};

/** @type {Record<string, Rule>} */
const record = {
  session: name,
  seq: {
    expected: `a whole number from 0 to ${Number.MAX_SAFE_INTEGER}`,
    fits: (value) => Number.isSafeInteger(value) && Number(value) >= 0,
  },
  participant: { expected: `null, or ${text}`, fits: (value) => value === null || label.fits(value) },
  type: label,
  time: { expected: 'a time in ms since the epoch', fits: Number.isFinite },
};

/**
 * What came, as a batch.
 * @param {unknown} value
 * @returns {Batch}
 * @throws {Refusal} 400 for the first thing that is not as it should be. What a batch does not have a place for is refused
 * too: it would not be stored. A record may hold anything.
 */
export function batchOf(value) {
  const body = checked('', value, envelope);
  const unknown = Object.keys(body).find((key) => !Object.hasOwn(envelope, key));
  if (unknown !== undefined) {
    const known = Object.keys(envelope).join(', ');
    throw new Refusal(400, { expected: `only ${known} beside the records`, got: describe(unknown) });
  }
  const { records, ...rest } = /** @type {Batch} */ (/** @type {unknown} */ (body));
  records.forEach((one, index) => checked(`records[${index}]`, one, record));
  return { ...rest, records };
}

/**
 * @param {string} at
 * @param {unknown} value
 * @param {Record<string, Rule>} rules
 * @returns {Record<string, unknown>}
 */
function checked(at, value, rules) {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Refusal(400, { at, expected: 'an object', got: describe(value) });
  }
  const object = /** @type {Record<string, unknown>} */ (value);
  for (const [key, { expected, fits }] of Object.entries(rules)) {
    // A key such as `__proto__` is the object's own here, but `time` may be an inherited one.
    const own = Object.hasOwn(object, key) ? object[key] : undefined;
    if (!fits(own)) throw new Refusal(400, { at: at ? `${at}.${key}` : key, expected, got: describe(own) });
  }
  return object;
}
