// How values cross between Python and the page: JSON text, with each array's bytes beside it in a buffer of its own.
// What JSON lacks is an object with a `$`. Structured clone and Pyodide's conversions are not used: they treat None, int,
// float and int keys differently from version to version. worker/bridge is the other half.

import { ProtocolError, UsageError } from '../errors.js';
import { isDtype, isNdArray, ndArray, type Dtype, type NdArray } from './ndarray.js';
import type { Data, Value } from './values.js';

export interface Packed {
  readonly json: string;
  readonly buffers: readonly ArrayBuffer[];
}

/** An object of the JSON text that stands for what JSON does not have. */
type Tagged =
  | { readonly $: 'int' | 'float'; readonly v: string }
  | { readonly $: 'map'; readonly v: readonly (readonly [unknown, unknown])[] }
  | { readonly $: 'array'; readonly i: number; readonly shape: readonly number[]; readonly dtype: Dtype };

export const nothing: Packed = { json: 'null', buffers: [] };

const deepest = 64;

/** Packs plain data for Python. `name` is what a {@link UsageError} calls it. The data is copied. */
export function pack(data: Data, name: string): Packed {
  if (typeof data === 'number' && Number.isFinite(data)) return { json: String(data), buffers: [] };
  const buffers: ArrayBuffer[] = [];
  return { json: JSON.stringify(packValue(data, name, buffers, 0)), buffers };
}

/** What was packed one by one, as a list of it all. */
export function packedList(items: readonly Packed[]): Packed {
  const { texts, buffers } = joined(items);
  return { json: `[${texts.join()}]`, buffers };
}

/** What was packed one by one, as a Map by name. */
export function packedMap(items: ReadonlyMap<string, Packed>): Packed {
  const { texts, buffers } = joined([...items.values()]);
  const pairs = [...items.keys()].map((name, i) => `[${JSON.stringify(name)},${texts[i] ?? 'null'}]`);
  return { json: `{"$":"map","v":[${pairs.join()}]}`, buffers };
}

/** The arrays of all, each at its place among the buffers of all. */
function joined(items: readonly Packed[]): { readonly texts: readonly string[]; readonly buffers: ArrayBuffer[] } {
  const buffers: ArrayBuffer[] = [];
  const texts = items.map((item) => {
    const before = buffers.push(...item.buffers) - item.buffers.length;
    if (!before) return item.json;
    return item.json.replace(/("\$":"array","i":)(\d+)/g, (_, tag: string, i: string) => `${tag}${Number(i) + before}`);
  });
  return { texts, buffers };
}

function packValue(data: unknown, name: string, buffers: ArrayBuffer[], depth: number): unknown {
  if (depth > deepest) throw new UsageError(name, `at most ${deepest} levels of nesting`, 'more (a cycle?)');
  switch (typeof data) {
    case 'undefined':
      return null;
    case 'boolean':
    case 'string':
      return data;
    case 'number':
      return Number.isFinite(data)
        ? data
        : tag({ $: 'float', v: String(data).toLowerCase().replace('infinity', 'inf') });
    case 'bigint':
      return tag({ $: 'int', v: String(data) });
    case 'object':
      return packObject(data, name, buffers, depth);
    default:
      throw new UsageError(name, 'plain data', `a ${typeof data}`);
  }
}

function packObject(data: object | null, name: string, buffers: ArrayBuffer[], depth: number): unknown {
  if (data === null) return null;
  const inner = (value: unknown): unknown => packValue(value, name, buffers, depth + 1);
  if (Array.isArray(data)) return data.map(inner);
  if (ArrayBuffer.isView(data)) return packArray(viewAsNdArray(data, name), buffers);
  if (isNdArray(data)) return packArray(data, buffers);
  if (data instanceof Map) {
    return tag({ $: 'map', v: [...data].map(([key, value]) => [inner(key), inner(value)]) });
  }
  const prototype: unknown = Object.getPrototypeOf(data);
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
    throw new UsageError(name, 'plain data', `an instance of ${data.constructor.name}`);
  }
  const entries = Object.entries(data).map(([key, value]) => [key, inner(value)] as const);
  return '$' in data ? tag({ $: 'map', v: entries }) : Object.fromEntries(entries);
}

function packArray({ data, shape, dtype }: NdArray, buffers: ArrayBuffer[]): Tagged {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  // slice, not transfer: the caller keeps its array
  const i = buffers.push(bytes.slice().buffer) - 1;
  // float16 was widened on its way here
  return tag({ $: 'array', i, shape, dtype: dtype === 'float16' ? 'float32' : dtype });
}

const dtypeOfView: Readonly<Record<string, Dtype>> = {
  Int8Array: 'int8',
  Uint8Array: 'uint8',
  Uint8ClampedArray: 'uint8',
  Int16Array: 'int16',
  Uint16Array: 'uint16',
  Int32Array: 'int32',
  Uint32Array: 'uint32',
  BigInt64Array: 'int64',
  BigUint64Array: 'uint64',
  Float32Array: 'float32',
  Float64Array: 'float64',
};

function viewAsNdArray(view: ArrayBufferView, name: string): NdArray {
  const dtype = dtypeOfView[Object.prototype.toString.call(view).slice('[object '.length, -1)];
  if (!dtype) throw new UsageError(name, 'a typed array', Object.prototype.toString.call(view));
  const data = view as NdArray['data'];
  return { data, shape: [data.length], dtype };
}

const tag = (tagged: Tagged): Tagged => tagged;

/** Reads what Python packed; throws a {@link ProtocolError} at anything that the bridge would not write. */
export function unpack({ json, buffers }: Packed): Value {
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch {
    throw new ProtocolError('JSON text', JSON.stringify(json.slice(0, 80)));
  }
  return unpackValue(parsed, buffers);
}

function unpackValue(value: unknown, buffers: readonly ArrayBuffer[]): Value {
  if (typeof value !== 'object' || value === null) return value as Value;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) value[i] = unpackValue(value[i], buffers);
    return value as Value[];
  }
  if (Object.hasOwn(value, '$')) return unpackTagged(value, buffers);
  const object = value as Record<string, unknown>;
  // JSON.parse makes own properties even of `__proto__`; assigning to one that exists would call the setter
  for (const key of Object.keys(object)) {
    Object.defineProperty(object, key, {
      value: unpackValue(object[key], buffers),
      configurable: true,
      enumerable: true,
      writable: true,
    });
  }
  return object as Record<string, Value>;
}

function unpackTagged(tagged: Partial<Record<string, unknown>>, buffers: readonly ArrayBuffer[]): Value {
  const { $, v } = tagged;
  if ($ === 'int' && typeof v === 'string' && /^-?\d+$/.test(v)) return BigInt(v);
  if ($ === 'float' && typeof v === 'string' && Object.hasOwn(notFinite, v)) return notFinite[v] ?? NaN;
  if ($ === 'map' && Array.isArray(v) && v.every((pair) => Array.isArray(pair) && pair.length === 2)) {
    return new Map(
      (v as [unknown, unknown][]).map(([key, item]) => [unpackValue(key, buffers), unpackValue(item, buffers)]),
    );
  }
  if ($ === 'array') return unpackArray(tagged, buffers);
  throw new ProtocolError('a tagged value', JSON.stringify(tagged).slice(0, 80));
}

const notFinite: Readonly<Record<string, number>> = { inf: Infinity, '-inf': -Infinity, nan: NaN };

function unpackArray({ i, shape, dtype }: Partial<Record<string, unknown>>, buffers: readonly ArrayBuffer[]): NdArray {
  const buffer = typeof i === 'number' ? buffers[i] : undefined;
  if (buffer && isDtype(dtype) && Array.isArray(shape)) {
    try {
      const array = ndArray(buffer, shape as number[], dtype);
      if (isNdArray(array)) return array;
    } catch (error) {
      // a buffer that is no multiple of the element size
      if (!(error instanceof RangeError)) throw error;
    }
  }
  throw new ProtocolError(
    'an array with its buffer',
    `${String(dtype)} of shape ${JSON.stringify(shape)} with ${buffer?.byteLength ?? 'no'} bytes`,
  );
}
