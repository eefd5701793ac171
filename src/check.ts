// The one place that checks what users give: options against a table of rules, and single values.

import { describe } from './describe.js';
import { UsageError } from './errors.js';

/**
 * In ms, about 24.8 days. Timers take a signed 32-bit integer, and one that is set to more rings at once.
 * https://developer.mozilla.org/docs/Web/API/Window/setTimeout#maximum_delay_value
 */
export const longestTimer = 2 ** 31 - 1;

/** What an option takes. Plain data, so that bundlers drop the rules of what a page does not import. */
export type Rule =
  | { readonly words: readonly unknown[] }
  /** `Infinity` is a whole number where `max` is `Infinity`. */
  | { readonly min: number; readonly max?: number; readonly whole?: boolean }
  | { readonly expected: string; readonly fits: (value: unknown) => boolean }
  | { readonly options: Readonly<Record<string, Rule>> };

/** A rule for each option. It does not compile where one is missing or does not exist. */
export type Rules<Options> = { readonly [Name in keyof Options]-?: Rule };

export const anyRule: Rule = { expected: 'anything', fits: () => true };
export const countRule: Rule = { min: 1, whole: true };
export const deadlineRule: Rule = {
  expected: `a time in ms above 0, at most ${longestTimer}, or Infinity`,
  fits: (ms) => ms === Infinity || (isAboveZero(ms) && ms <= longestTimer),
};
export const flagRule: Rule = { words: [true, false] };
/** Of what is kept in a browser's storage by its name. */
export const nameRule: Rule = {
  expected: 'a string of 1 to 200 characters',
  fits: (value) => isText(value) && value.length <= 200,
};
export const objectRule: Rule = { expected: 'an object', fits: isObject };
export const textRule: Rule = { expected: 'a string that is not empty', fits: isText };

export function isAboveZero(value: unknown): value is number {
  return typeof value === 'number' && value > 0;
}

export function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Throws a {@link UsageError} unless it `fits`. */
export function check(option: string, got: unknown, expected: string, fits: boolean): void {
  if (!fits) throw new UsageError(option, expected, describe(got));
}

/** Throws a {@link UsageError} unless the value is what the rule says; `undefined` is refused as any other value. */
export function checkValue(option: string, value: unknown, rule: Rule): void {
  if ('options' in rule) checkOptions(option, value as object, rule.options);
  else if (!isFitting(value, rule)) throw new UsageError(option, expectedBy(rule), describe(value));
}

/**
 * Throws a {@link UsageError} for the first option that is unknown, or has a value that its rule refuses. An option whose
 * value is `undefined` is not given; an unknown one is refused all the same. In errors `name` comes before the options'
 * names; it may be empty.
 */
export function checkOptions<Options extends object>(
  name: string,
  given: Options | undefined,
  rules: Rules<Options>,
): void {
  if (given === undefined) return;
  if (!isObject(given)) throw new UsageError(name || 'options', 'an object', describe(given));
  for (const key in given) {
    const option = name ? `${name}.${key}` : key;
    if (!Object.hasOwn(rules, key)) throw unknownOption(option, key, Object.keys(rules));
    const value = given[key];
    if (value !== undefined) checkValue(option, value, rules[key]);
  }
}

type Leaf = Exclude<Rule, { readonly options: unknown }>;

function isFitting(value: unknown, rule: Leaf): boolean {
  if ('fits' in rule) return rule.fits(value);
  if ('words' in rule) return rule.words.includes(value);
  const { min, max = Infinity, whole } = rule;
  if (typeof value !== 'number' || !(value >= min && value <= max)) return false;
  return !whole || Number.isInteger(value) || value === rule.max;
}

function expectedBy(rule: Leaf): string {
  if ('fits' in rule) return rule.expected;
  if ('words' in rule) return `one of ${rule.words.join(', ')}`;
  const { min, max, whole } = rule;
  return `a ${whole ? 'whole ' : ''}number from ${min}${max ? ` to ${max}` : ''}`;
}

function unknownOption(option: string, key: string, known: readonly string[]): UsageError {
  const near = nearest(key, known);
  return new UsageError(option, `one of ${known.join(', ')}${near ? ` (did you mean ${near}?)` : ''}`, key);
}

/** The known name within a Levenshtein distance of 2 (1 for short keys), or else one that begins with the other. */
function nearest(key: string, known: readonly string[]): string | undefined {
  return (
    known.find((name) => isNear(key, name, 1)) ??
    known.find((name) => isNear(key, name, key.length > 2 ? 2 : 1)) ??
    known.find((name) => name.startsWith(key) || key.startsWith(name))
  );
}

/** True where the Levenshtein distance is at most `edits`: https://en.wikipedia.org/wiki/Levenshtein_distance */
function isNear(a: string, b: string, edits: number): boolean {
  if (a === b) return true;
  const [firstA] = a;
  const [firstB] = b;
  const [restA, restB] = [a.slice(1), b.slice(1)];
  if (firstA === firstB) return isNear(restA, restB, edits);
  const less = edits - 1;
  return edits > 0 && (isNear(restA, b, less) || isNear(a, restB, less) || isNear(restA, restB, less));
}
