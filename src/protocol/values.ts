import type { NdArray } from './ndarray.js';

/** A Python object that cannot cross: its `repr`, cut at 1,000 characters, and the name of its class. */
export interface Opaque {
  readonly __repr__: string;
  readonly __class__: string;
}

/**
 * What Python hands to the page.
 * `None` is `null`; `int` is a number, beyond ±(2⁵³ − 1) a bigint; lists and tuples are arrays; a dict whose keys are
 * all strings is an object, any other a `Map`; what offers the buffer protocol is an {@link NdArray}; all else is
 * {@link Opaque}.
 */
export type Value =
  | null
  | boolean
  | number
  | bigint
  | string
  | NdArray
  | Opaque
  | readonly Value[]
  | ReadonlyMap<Value, Value>
  | { readonly [key: string]: Value };

/**
 * What the page hands to Python: plain data. `null` and `undefined` become `None`, whole numbers `int`, others
 * `float`, arrays `list`, objects and Maps `dict`, typed arrays and {@link NdArray}s NumPy arrays where NumPy is
 * imported, else shaped `memoryview`s.
 */
export type Data =
  | null
  | undefined
  | boolean
  | number
  | bigint
  | string
  | ArrayBufferView
  | NdArray
  | readonly Data[]
  | ReadonlyMap<string | number, Data>
  | { readonly [key: string]: Data };

/** True for a Python object that could not cross. */
export function isOpaque(value: unknown): value is Opaque {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as Partial<Opaque>).__repr__ === 'string' &&
    typeof (value as Partial<Opaque>).__class__ === 'string'
  );
}
