import { UsageError } from '../errors.js';

/** The longest delay that a page's timers take, in ms (2³¹ − 1, about 24.8 days). */
export const longestDelay = 2 ** 31 - 1;

interface Range {
  readonly min: number;
  readonly max: number;
  readonly whole?: boolean;
  /** What the number counts, for the message. */
  readonly unit?: string;
}

/** Returns the number, or refuses what is none or out of range. */
export function checkNumber(option: string, value: number, { min, max, whole = false, unit }: Range): number {
  if (
    typeof value === 'number' &&
    value >= min &&
    value <= max &&
    (!whole || Number.isInteger(value) || value === Infinity)
  )
    return value;
  const kind = whole ? 'a whole number' : 'a number';
  throw new UsageError(option, `${kind}${unit === undefined ? '' : ` of ${unit}`} from ${min} to ${max}`, show(value));
}

/** Returns the word, or refuses one that is not of the list. */
export function checkWord<Word extends string>(option: string, value: Word, words: readonly Word[]): Word {
  if (words.includes(value)) return value;
  throw new UsageError(option, `one of ${words.join(', ')}`, show(value));
}

/** A value as an error message shows it: short, whatever it is. */
export function show(value: unknown): string {
  if (typeof value === 'string') return `'${value.slice(0, 80)}'`;
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object';
  return typeof value === 'function' ? 'a function' : String(value);
}
