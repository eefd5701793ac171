import { isNdArray, type NdArray } from '../index.js';
import { describe } from '../describe.js';

/** What jsPsych's data may hold: it copies them field by field, and writes JSON and CSV of them. */
export type TrialValue =
  null | boolean | number | string | readonly TrialValue[] | { readonly [key: string]: TrialValue };

/**
 * A value of a step in jsPsych's form: Maps by agent become objects, arrays become lists, as deep as their shape. What JSON
 * has no number for is text: `'NaN'`, `'Infinity'`, and integers beyond 2⁵³.
 */
export function dataOf(value: unknown): TrialValue {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      return Number.isFinite(value) ? value : String(value);
    case 'bigint': {
      const number = Number(value);
      return Number.isSafeInteger(number) ? number : String(value);
    }
    case 'object':
      return value === null ? null : ofObject(value);
    case 'undefined':
      return null;
    default:
      return describe(value);
  }
}

function ofObject(value: object): TrialValue {
  if (Array.isArray(value)) return value.map(dataOf);
  if (value instanceof Map) return ofEntries(value);
  if (isNdArray(value)) return nested(value);
  if (value instanceof ArrayBuffer) return Array.from(new Uint8Array(value));
  if (ArrayBuffer.isView(value)) return Array.from(value as unknown as Iterable<unknown>, dataOf);
  return ofEntries(Object.entries(value));
}

const ofEntries = (entries: Iterable<readonly [unknown, unknown]>): TrialValue =>
  Object.fromEntries(Array.from(entries, ([key, each]) => [String(key), dataOf(each)]));

/** The elements in lists of lists, the last axis innermost. */
function nested({ data, shape }: NdArray): TrialValue {
  const part = (axis: number, from: number): TrialValue => {
    const length = shape[axis];
    if (length === undefined) return dataOf(data[from]);
    const stride = shape.slice(axis + 1).reduce((product, each) => product * each, 1);
    return Array.from({ length }, (_, i) => part(axis + 1, from + i * stride));
  };
  return part(0, 0);
}
