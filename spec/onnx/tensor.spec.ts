import { flatten } from '../../src/onnx/flatten';
import { fittingShape, Misfit, tensorOf } from '../../src/onnx/tensor';

type Wanted = Parameters<typeof fittingShape>[1];

const array = (shape: number[]) => {
  const count = shape.reduce((all, length) => all * length, 1);
  return { data: new Float32Array(count), shape, dtype: 'float32' };
};

describe('the shape in which an observation goes into a model', () => {
  it.each<[string, unknown, Wanted, number[] | undefined]>([
    ['one row, where the model does not say', array([2, 3]), null, [1, 6]],
    ['one row', array([6]), ['batch', 6], [1, 6]],
    ['one row of lists', [[1, 2], [3, 4]], [1, 4], [1, 4]], // prettier-ignore
    ['one row, where the model leaves all open', array([2, 3]), ['batch', 'n'], [1, 6]],
    ['one row, and not a batch of the first axis', array([2, 3]), [null, null], [1, 6]],
    ['of no batch', array([6]), [6], [6]],
    ['of no batch and an open length', array([6]), [null], [6]],
    ['a batch of an image', array([3, 8, 9]), [1, 3, 8, 9], [1, 3, 8, 9]],
    ['a batch of an image of an open size', array([3, 8, 9]), ['N', 3, 'H', 'W'], [1, 3, 8, 9]],
    ['its own, which has the batch', array([1, 3, 8, 9]), ['N', 3, 8, 9], [1, 3, 8, 9]],
    ['a batch of a sequence of one', array([6]), ['B', 'T', 6], [1, 1, 6]],
    ['a number alone', 4, [null, 1], [1, 1]],
    ['a number of no axes', 4, [], []],
    ['none, for an image whose channels are last', array([8, 9, 3]), ['N', 3, 8, 9], undefined],
    ['none, for too few', array([5]), ['batch', 6], undefined],
    ['none, for too many', array([2, 3]), ['batch', 3], undefined],
  ])('is %s', (_, observation, wanted, shape) => {
    expect(fittingShape(flatten(observation), wanted)).toEqual(shape);
  });
});

describe('a tensor', () => {
  const info = (type: string, shape: Wanted = [1, 2]) => ({ name: 'x', type, shape });

  it('has the type that the input takes', () => {
    expect(tensorOf([1.5, 2], info('float32')).data).toEqual(Float32Array.of(1.5, 2));
    expect(tensorOf([1.5, 2], info('int64')).data).toEqual(BigInt64Array.of(1n, 2n));
    expect(tensorOf([true, 0], info('bool')).data).toEqual(Uint8Array.of(1, 0));
    expect(tensorOf([1, 300], info('int32')).data).toEqual(Int32Array.of(1, 300));
  });

  it('is refused for a type that rxgym has no numbers for', () => {
    expect(() => tensorOf([1, 2], info('string'))).toThrow(Misfit);
  });

  it('has the shape that is given, where the numbers are as many', () => {
    expect(tensorOf([1, 2, 3, 4], info('float32'), [1, 2, 2]).shape).toEqual([1, 2, 2]);
    expect(() => tensorOf([1, 2, 3], info('float32'), [1, 2, 2])).toThrow(Misfit);
  });
});
