// JSON without its traps: what would be lost between the text and the stored record is refused.
import { Refusal, describe } from './refusal.mjs';

/** How deep arrays and objects may nest. What reads a record calls itself for each level. */
export const deepest = 64;

const utf8 = new TextDecoder('utf-8', { fatal: true });
// Runs over text that JSON.parse took; hence it need not tell good tokens from bad ones.
const tokens = /[{}[\],]|"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*/g;

/**
 * @param {Uint8Array} bytes
 * @returns {unknown}
 * @throws {Refusal} 400 for bytes that are not UTF-8, text that is not JSON, a key that an object has twice, a number that
 * would become another one, and more than {@link deepest} levels.
 */
export function parseJson(bytes) {
  let text;
  try {
    text = utf8.decode(bytes);
  } catch {
    throw new Refusal(400, { expected: 'UTF-8', got: 'bytes that are not' });
  }
  let value;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Refusal(400, { expected: 'JSON', got: `${bytes.length} bytes that are not (${reason})` });
  }
  checkTokens(text);
  return value;
}

/** @param {string} text */
function checkTokens(text) {
  /** The objects and arrays around a token: an object's keys so far, and nothing for an array. */
  /** @type {(Set<string> | undefined)[]} */
  const around = [];
  /** Whether a string here is a key. */
  let atKey = false;
  for (const [token] of text.matchAll(tokens)) {
    const [first] = token;
    if (first === '{' || first === '[') {
      if (around.length === deepest) throw new Refusal(400, { expected: `at most ${deepest} levels`, got: 'more' });
      atKey = first === '{';
      around.push(atKey ? new Set() : undefined);
    } else if (first === '}' || first === ']') {
      around.pop();
      atKey = false;
    } else if (first === ',') {
      atKey = around.at(-1) !== undefined;
    } else if (first !== '"') {
      checkNumber(token);
    } else if (atKey) {
      checkKey(JSON.parse(token), around.at(-1));
      atKey = false;
    }
  }
}

/** @param {string} key @param {Set<string> | undefined} keys */
function checkKey(key, keys) {
  if (keys?.has(key)) throw new Refusal(400, { expected: 'each key once in an object', got: `${describe(key)} twice` });
  keys?.add(key);
}

/**
 * JavaScript's own text of a number always comes back as that number; other languages have larger ones.
 * @param {string} token
 */
function checkNumber(token) {
  const number = Number(token);
  const isInteger = token.length > 15 && /^-?\d+$/.test(token);
  const isKept = !isInteger || String(number) === token || BigInt(number) === BigInt(token);
  if (Number.isFinite(number) && isKept) return;
  throw new Refusal(400, {
    expected: 'numbers that a 64-bit float holds (send others as strings)',
    got: token.length > 80 ? `${token.slice(0, 79)}…` : token,
  });
}
