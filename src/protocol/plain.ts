// Whatever the library answers as JSON, and back. PROTOCOL.md is not about it: nothing here crosses to the worker.
//
// What JSON has stays as it is. All else is an object with a `$` that names its kind:
//
//   { $: 'number', v }              'NaN', 'Infinity', '-Infinity' or '-0'
//   { $: 'bigint', v }              its digits
//   { $: 'undefined' }
//   { $: 'map', v }                 a list of [key, value]
//   { $: 'array', dtype, shape, v } an NdArray: a flat list of its elements
//   { $: 'typed', type, v }         a typed array or an ArrayBuffer by itself: a list of its elements, or bytes
//   { $: 'object', v }              an object that has a `$` of its own: so no object of a user's is mistaken for one of these
//
// In lists of elements, what JSON has no number for is a string: 'NaN', '-0', and the digits of 64-bit integers.

import { describe } from '../describe.js';
import { UsageError } from '../errors.js';
import { isDtype, isNdArray, ndArray, type NdArray } from './ndarray.js';

/** What JSON can hold. */
export type Plain = null | boolean | number | string | readonly Plain[] | { readonly [key: string]: Plain };

const typedArrays = {
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  BigInt64Array,
  BigUint64Array,
  Float32Array,
  Float64Array,
} as const;
type TypedName = keyof typeof typedArrays;
type Elements = NdArray['data'] | Uint8ClampedArray;

const special: ReadonlyMap<string, number> = new Map([
  ['NaN', NaN],
  ['Infinity', Infinity],
  ['-Infinity', -Infinity],
  ['-0', -0],
]);

/**
 * Turns a value that the library answered (a step, a reset, a rollout, a frame, a state) into what JSON can hold, from
 * which {@link fromPlain} makes the same value again: Maps, typed arrays, `NdArray`s with dtype and shape, bigints, `NaN`,
 * infinities, `-0` and `undefined`. Throws a `UsageError` for what is no data: functions, symbols, cycles and instances of
 * classes (errors among them).
 */
export function toPlain(value: unknown): Plain {
  return plainOf(value, []);
}

/**
 * Makes of {@link toPlain}'s result, also after `JSON.stringify` and `JSON.parse`, what it was made from: equal in every
 * type and number. Say which type it is: `fromPlain(JSON.parse(text)) as Step`. Throws a `UsageError` for what `toPlain`
 * does not make.
 */
export function fromPlain(plain: unknown): unknown {
  if (Array.isArray(plain)) return plain.map(fromPlain);
  if (typeof plain !== 'object') {
    if (typeof plain === 'bigint' || typeof plain === 'function' || plain === undefined) throw damaged(plain);
    return plain;
  }
  if (plain === null) return null;
  return Object.hasOwn(plain, '$') ? untagged(plain) : objectOf(plain);
}

function plainOf(value: unknown, around: readonly object[]): Plain {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number': {
      const element = plainElement(value);
      return typeof element === 'number' ? element : { $: 'number', v: element };
    }
    case 'bigint':
      return { $: 'bigint', v: String(value) };
    case 'undefined':
      return { $: 'undefined' };
    case 'object':
      return value === null ? null : plainObject(value, around);
    default:
      throw new UsageError('value', 'data', `a ${typeof value}`);
  }
}

function plainObject(value: object, around: readonly object[]): Plain {
  if (around.includes(value)) throw new UsageError('value', 'data without cycles', 'an object that holds itself');
  const inside = [...around, value];
  const inner = (each: unknown): Plain => plainOf(each, inside);
  if (Array.isArray(value)) return Array.from(value, inner);
  if (value instanceof Map) return { $: 'map', v: Array.from(value, ([key, item]) => [inner(key), inner(item)]) };
  if (value instanceof ArrayBuffer) return { $: 'typed', type: 'ArrayBuffer', v: [...new Uint8Array(value)] };
  if (ArrayBuffer.isView(value)) {
    const type = Object.prototype.toString.call(value).slice('[object '.length, -1);
    if (!isTyped(type)) throw new UsageError('value', 'a typed array', type);
    return { $: 'typed', type, v: plainElements(value as Elements) };
  }
  // with other fields beside its own, it is an object of the user's
  if (isNdArray(value) && Object.keys(value).length === 3) {
    return { $: 'array', dtype: value.dtype, shape: [...value.shape], v: plainElements(value.data) };
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
    throw new UsageError('value', 'data', `an instance of ${value.constructor.name}`);
  }
  const object = Object.fromEntries(Object.entries(value).map(([key, item]) => [key, inner(item)]));
  return Object.hasOwn(object, '$') ? { $: 'object', v: object } : object;
}

/** As it is, or as a string where JSON would write something else. */
function plainElement(element: number | bigint): number | string {
  if (typeof element === 'bigint') return String(element);
  if (Object.is(element, -0)) return '-0';
  return Number.isFinite(element) ? element : String(element);
}

const plainElements = (data: Elements): readonly (number | string)[] =>
  Array.from<number | bigint, number | string>(data as ArrayLike<number | bigint>, plainElement);

function untagged(tagged: Partial<Record<string, unknown>>): unknown {
  const { $: kind, v, type, dtype, shape } = tagged;
  switch (kind) {
    case 'number':
      if (typeof v === 'string' && special.has(v)) return special.get(v);
      break;
    case 'bigint':
      if (isInteger(v)) return BigInt(v);
      break;
    case 'undefined':
      return undefined;
    case 'map':
      if (Array.isArray(v) && v.every((pair) => Array.isArray(pair) && pair.length === 2)) {
        return new Map(v.map(([key, item]: unknown[]) => [fromPlain(key), fromPlain(item)]));
      }
      break;
    case 'array':
      if (isDtype(dtype) && Array.isArray(shape)) {
        const name = ndArray(new ArrayBuffer(0), [], dtype).data.constructor.name as TypedName;
        const array = { data: elementsOf(name, v), shape: shape as number[], dtype };
        if (isNdArray(array)) return array;
      }
      break;
    case 'typed':
      if (type === 'ArrayBuffer') return elementsOf('Uint8Array', v).buffer;
      if (isTyped(type)) return elementsOf(type, v);
      break;
    case 'object':
      if (typeof v === 'object' && v !== null && !Array.isArray(v)) return objectOf(v);
  }
  throw damaged(tagged);
}

const objectOf = (plain: object): object =>
  Object.fromEntries(Object.entries(plain).map(([key, item]) => [key, fromPlain(item)]));

/** Throws where an element does not fit the type, which would change it. */
function elementsOf(type: TypedName, list: unknown): Elements {
  if (!Array.isArray(list)) throw damaged(list);
  const isBig = type === 'BigInt64Array' || type === 'BigUint64Array';
  const elements = list.map((element: unknown) => {
    if (isBig) {
      if (isInteger(element)) return BigInt(element);
    } else if (typeof element === 'number') return element;
    else if (typeof element === 'string' && special.has(element)) return special.get(element);
    throw damaged(element);
  });
  const Type = typedArrays[type] as unknown as new (elements: readonly unknown[]) => Elements;
  const data = new Type(elements);
  elements.forEach((element, i) => {
    if (!Object.is(data[i], element)) throw damaged(list[i]);
  });
  return data;
}

const isTyped = (type: unknown): type is TypedName => typeof type === 'string' && Object.hasOwn(typedArrays, type);

const isInteger = (text: unknown): text is string => typeof text === 'string' && /^-?\d+$/.test(text);

const damaged = (got: unknown): UsageError => new UsageError('plain', 'what toPlain returns', describe(got));
