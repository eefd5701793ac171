/** The element types that cross from Python, by NumPy's names. */
export type Dtype =
  | 'bool'
  | 'int8'
  | 'uint8'
  | 'int16'
  | 'uint16'
  | 'int32'
  | 'uint32'
  | 'int64'
  | 'uint64'
  | 'float16'
  | 'float32'
  | 'float64';

/** What holds an array's elements. `bool` is a `Uint8Array` of 0 and 1; `float16` is widened, exactly, to a `Float32Array`. */
export type NdData =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | Float32Array
  | Float64Array;

/** An n-dimensional array in row-major (C) order, as NumPy's `ndarray` with its dtype kept. */
export interface NdArray {
  /** The elements, row-major; `data.length` is the product of `shape`. */
  readonly data: NdData;
  /** The length of each axis; `[]` for a single element. */
  readonly shape: readonly number[];
  /** The element type that Python had. */
  readonly dtype: Dtype;
}

const arrayTypes = {
  bool: Uint8Array,
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
  float16: Float32Array,
  float32: Float32Array,
  float64: Float64Array,
} as const satisfies Record<Dtype, unknown>;

/** Views a buffer as the elements of a dtype. The buffer's byte length must be a multiple of the element size. */
export function ndArray(buffer: ArrayBuffer, shape: readonly number[], dtype: Dtype): NdArray {
  return { data: new arrayTypes[dtype](buffer), shape, dtype };
}

export function isDtype(value: unknown): value is Dtype {
  return typeof value === 'string' && Object.hasOwn(arrayTypes, value);
}

/** True for a value that came (or could have come) from Python as an array. */
export function isNdArray(value: unknown): value is NdArray {
  if (typeof value !== 'object' || value === null) return false;
  const { data, shape, dtype } = value as Partial<Record<keyof NdArray, unknown>>;
  return (
    isDtype(dtype) &&
    data instanceof arrayTypes[dtype] &&
    Array.isArray(shape) &&
    shape.every((length: unknown) => Number.isSafeInteger(length) && (length as number) >= 0) &&
    (shape as number[]).reduce((product, length) => product * length, 1) === data.length
  );
}
