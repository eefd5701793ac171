import type { Dtype, NdArray } from '../index.js';
import { flatten, NotANumber, product, type Flat } from './flatten.js';
import type { Tensor, TensorData, TensorInfo } from './messages.js';
import { shapeInWords } from './errors.js';
import { describe } from '../describe.js';

/** Thrown for a value that does not fit an input, with what would. */
export class Misfit extends Error {
  constructor(
    readonly expected: string,
    readonly got: string,
  ) {
    super();
  }
}

const arrayTypes: Partial<Record<string, { from(numbers: ArrayLike<number>): TensorData }>> = {
  float32: Float32Array,
  float64: Float64Array,
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: { from: (numbers) => BigInt64Array.from(numbers, toBigInt) },
  uint64: { from: (numbers) => BigUint64Array.from(numbers, toBigInt) },
  bool: { from: (numbers) => Uint8Array.from(numbers, Number) },
};

// both `from`s above take a mapping of numbers; TypeScript's types want bigints from the start
const toBigInt = (number: unknown): bigint => BigInt(Math.trunc(Number(number)));

/** A value as the tensor that an input takes; throws a {@link Misfit} where it is none. */
export function tensorOf(value: unknown, info: TensorInfo, shape?: readonly number[]): Tensor {
  const flat = numbersOf(value);
  const elements = arrayTypes[info.type];
  if (!elements) throw new Misfit(`an input of a type that numbers fit`, info.type);
  const fitting = shape ? checked(shape, flat) : fittingShape(flat, info.shape);
  if (!fitting) throw new Misfit(`${info.type}${shapeInWords(info.shape)}`, inWords(flat));
  return { type: info.type, shape: fitting, data: elements.from(flat.numbers) };
}

/** Of zeros: lengths that are open are 1. */
export function zeros({ type, shape }: TensorInfo, given?: readonly number[]): Tensor {
  const lengths = given ?? (shape ?? []).map((length) => (typeof length === 'number' ? length : 1));
  const elements = arrayTypes[type];
  if (!elements) throw new Misfit('an input of a type that numbers fit', type);
  return { type, shape: lengths, data: elements.from(new Uint8Array(product(lengths))) };
}

/**
 * The shape in which numbers go into an input; undefined where none fits. It is the first of these that the input takes:
 * their own with a batch of one before it, their own, one row. What is flat, or is to be, may have further axes of length 1.
 */
export function fittingShape({ numbers, shape }: Flat, wanted: TensorInfo['shape']): readonly number[] | undefined {
  const count = numbers.length;
  if (!wanted) return shape?.length === 0 ? [] : [1, count];
  const candidates = [...(shape ? [[1, ...shape], shape] : []), [1, count], [count]];
  // an open first axis is the batch, and there is one observation; a tensor of one axis may leave its length open
  const axes = wanted.length > 1 && typeof wanted[0] !== 'number' ? [1, ...wanted.slice(1)] : wanted;
  const fits = (lengths: readonly number[]) =>
    lengths.length === axes.length && axes.every((each, at) => typeof each !== 'number' || each === lengths[at]);
  const fitting = candidates.find(fits);
  if (fitting) return fitting;
  const lengths = wanted.map((length) => (typeof length === 'number' ? length : 1));
  const isRow = lengths.filter((length) => length !== 1).length <= 1;
  if (!isRow) return undefined;
  if (product(lengths) === count) return lengths;
  const open = wanted.map((length) => typeof length !== 'number').lastIndexOf(true);
  return open >= 0 && product(lengths) === 1 ? lengths.map((length, at) => (at === open ? count : length)) : undefined;
}

function checked(shape: readonly number[], { numbers }: Flat): readonly number[] {
  if (product(shape) === numbers.length) return shape;
  throw new Misfit(`${product(shape)} numbers, as shape [${shape.join(', ')}] says`, `${numbers.length} numbers`);
}

function numbersOf(value: unknown): Flat {
  try {
    return flatten(value);
  } catch (error) {
    if (!(error instanceof NotANumber)) throw error;
    const place = error.way.length > 0 ? ` at ${error.way.join('.')}` : '';
    throw new Misfit('numbers', `${describe(error.value)}${place}`);
  }
}

const inWords = ({ numbers, shape }: Flat): string =>
  `${numbers.length} ${numbers.length === 1 ? 'number' : 'numbers'}${shape && shape.length > 1 ? ` of shape [${shape.join(', ')}]` : ''}`;

/** A tensor as plain data, of rxgym's dtypes: they have the same names. */
export const toNdArray = ({ type, shape, data }: Tensor): NdArray => ({ data, shape, dtype: type as Dtype });

export const fromNdArray = ({ dtype, shape, data }: NdArray): Tensor => ({ type: dtype, shape, data });
