import { isNdArray } from '../index.js';

/** Numbers in one row, and the shape that they had; null for what has none, such as a dict. */
export interface Flat {
  readonly numbers: readonly number[] | ArrayLike<number>;
  readonly shape: readonly number[] | null;
}

/** Thrown for what is no number, with the way to it: `['pos', 0]`. */
export class NotANumber extends Error {
  constructor(
    readonly way: readonly (string | number)[],
    readonly value: unknown,
  ) {
    super();
  }
}

/**
 * A value as numbers in one row: arrays and lists row by row, dicts in the order of their sorted keys (by code units, as
 * Python sorts ASCII keys), nested ones too. Flags are 0 and 1.
 */
export function flatten(value: unknown): Flat {
  if (isNdArray(value)) return { numbers: plainNumbers(value.data), shape: value.shape };
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
    const numbers = plainNumbers(value as unknown as ArrayLike<number | bigint>);
    return { numbers, shape: [numbers.length] };
  }
  const numbers: number[] = [];
  collect(value, [], numbers);
  const shape = shapeOf(value);
  return { numbers, shape: shape && product(shape) === numbers.length ? shape : null };
}

export const product = (shape: readonly number[]): number => shape.reduce((all, length) => all * length, 1);

function collect(value: unknown, way: readonly (string | number)[], into: number[]): void {
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') into.push(Number(value));
  else if (isNdArray(value) || ArrayBuffer.isView(value)) {
    for (const number of Array.from(flatten(value).numbers)) into.push(number);
  } else if (Array.isArray(value)) value.forEach((each, at) => collect(each, [...way, at], into));
  else if (value instanceof Map) {
    const entries = [...(value as ReadonlyMap<string | number, unknown>)].sort(([a], [b]) => byKey(a, b));
    for (const [key, each] of entries) collect(each, [...way, key], into);
  } else if (typeof value === 'object' && value !== null) {
    const fields = value as Readonly<Record<string, unknown>>;
    for (const key of Object.keys(fields).sort()) collect(fields[key], [...way, key], into);
  } else throw new NotANumber(way, value);
}

/** Numbers by their size, as Python sorts them; text by its code units. */
function byKey(a: string | number, b: string | number): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return String(a) < String(b) ? -1 : 1;
}

/** Of a list of lists that are equally long, all the way down; null for anything else. */
function shapeOf(value: unknown): readonly number[] | null {
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return [];
  if (isNdArray(value)) return value.shape;
  if (!Array.isArray(value)) return null;
  const [first, ...rest] = value.map(shapeOf);
  if (first === undefined) return [0];
  const isAlike = (shape: readonly number[] | null) => shape !== null && String(shape) === String(first);
  return first && rest.every(isAlike) ? [value.length, ...first] : null;
}

const plainNumbers = (data: ArrayLike<number | bigint>): ArrayLike<number> =>
  data instanceof BigInt64Array || data instanceof BigUint64Array
    ? Array.from(data, Number)
    : (data as ArrayLike<number>);
