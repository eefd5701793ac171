import { flatten, NotANumber } from '../../src/onnx/flatten';

const numbersOf = (value: unknown) => Array.from(flatten(value).numbers);

describe('the numbers of an observation', () => {
  it.each<[string, unknown, number[], number[] | null]>([
    ['a number', 3, [3], []],
    ['a flag', true, [1], []],
    ['a bigint', 7n, [7], []],
    ['a list', [1, false, 2.5], [1, 0, 2.5], [3]],
    ['lists of one length', [[1, 2, 3], [4, 5, 6]], [1, 2, 3, 4, 5, 6], [2, 3]], // prettier-ignore
    ['lists of several lengths', [[1], [2, 3]], [1, 2, 3], null],
    ['a typed array', Uint8Array.of(1, 2), [1, 2], [2]],
    ['an array', { data: Float64Array.of(1, 2, 3, 4), shape: [2, 2], dtype: 'float64' }, [1, 2, 3, 4], [2, 2]],
    ['an array of int64', { data: BigInt64Array.of(-5n), shape: [1], dtype: 'int64' }, [-5], [1]],
    ['an array of no axes', { data: Float32Array.of(9), shape: [], dtype: 'float32' }, [9], []],
    ['a dict', { b: [3, 4], a: 2, C: 1 }, [1, 2, 3, 4], null],
  ])('are, of %s, those that it has, row by row', (_, value, numbers, shape) => {
    expect(numbersOf(value)).toEqual(numbers);
    expect(flatten(value).shape).toEqual(shape);
  });

  it('come in the order of the sorted keys, on every level', () => {
    const inner = new Map<string, unknown>([['y', 20], ['x', [10, 11]]]); // prettier-ignore
    const array = { data: Uint8Array.of(7, 8), shape: [2], dtype: 'uint8' };
    expect(numbersOf({ z: array, n: inner, a: { d: 2, c: 1 } })).toEqual([1, 2, 10, 11, 20, 7, 8]);
  });

  it('come in the order of the numbers where keys are numbers', () => {
    expect(numbersOf(new Map([[10, 3], [9, 2], [-1, 1]]))).toEqual([1, 2, 3]); // prettier-ignore
  });

  it.each<[unknown, (string | number)[]]>([
    [null, []],
    ['north', []],
    [[1, undefined], [1]],
    [{ pos: [1, { name: 'x' }] }, ['pos', 1, 'name']],
  ])('are not had of %j, and the error says where', (value, way) => {
    expect(() => flatten(value)).toThrow(NotANumber);
    try {
      flatten(value);
    } catch (error) {
      expect((error as NotANumber).way).toEqual(way);
    }
  });
});
