import type { Space } from '../../src/index';
import { actionOf } from '../../src/onnx/action';
import type { Tensor } from '../../src/onnx/messages';

const floats = (numbers: number[], shape = [1, numbers.length]): Tensor => ({
  type: 'float32',
  shape,
  data: Float32Array.from(numbers),
});
const ints = (numbers: number[], shape = [numbers.length]): Tensor => ({
  type: 'int64',
  shape,
  data: BigInt64Array.from(numbers, BigInt),
});
const argmax = { sample: 'argmax', temperature: 1 } as const;
const act = (output: Tensor, space?: Space, mask?: unknown) => actionOf(output, { space, mask }, argmax, () => 0.5);

const discrete = (n: number, start = 0): Space => ({ type: 'Discrete', n, start });
const flags = (...data: number[]) => ({ data: Int8Array.from(data), shape: [data.length], dtype: 'int8' });

describe('the action that an output stands for', () => {
  it('is the index of a logit, where no space is known', () => {
    expect(act(floats([1, 5, 3]))).toBe(1);
    expect(act(floats([1, 5, 3], [3]))).toBe(1);
    expect(act(floats([1, 5, 3], [1, 1, 3]))).toBe(1);
  });

  it('is counted from the first of a Discrete space', () => {
    expect(act(floats([1, 5, 3]), discrete(3, -1))).toBe(0);
  });

  it('is legal by the mask, be it an array or a list', () => {
    expect(act(floats([1, 5, 3]), discrete(3), flags(1, 0, 1))).toBe(2);
    expect(act(floats([1, 5, 3]), discrete(3), [true, false, false])).toBe(0);
    expect(act(floats([1, 5, 3]), discrete(3), null)).toBe(1);
  });

  it('is a list of one for each part of a MultiDiscrete space, with a mask for each', () => {
    const nvec = { data: BigInt64Array.of(2n, 3n), shape: [2], dtype: 'int64' } as const;
    const space: Space = { type: 'MultiDiscrete', nvec };
    expect(act(floats([1, 2, 7, 8, 9]), space)).toEqual([1, 2]);
    expect(act(floats([1, 2, 7, 8, 9]), space, [flags(1, 0), flags(1, 1, 0)])).toEqual([0, 1]);
  });

  it('is the output itself where that is of integers, or a single number', () => {
    expect(act(ints([2]))).toBe(2);
    expect(act(ints([2], [1, 1]), discrete(3))).toBe(2);
    expect(act(floats([2], [1]), discrete(3))).toBe(2);
    expect(act(ints([1, 2]), { type: 'MultiDiscrete', nvec: [2, 3] })).toEqual([1, 2]);
  });

  it('is the only one, where the single number is the logit of it', () => {
    expect(act(floats([-0.3]), discrete(1))).toBe(0);
  });

  it('is numbers within the bounds of a Box, in its shape', () => {
    const box: Space = { type: 'Box', shape: [2], low: -1, high: [1, 5] };
    expect(act(floats([-3, 4]), box)).toEqual({ data: Float32Array.of(-1, 4), shape: [2], dtype: 'float32' });
    expect(act(floats([3, 9]), box)).toEqual({ data: Float32Array.of(1, 5), shape: [2], dtype: 'float32' });
  });

  it("is the output as it is with sample: 'none', whatever the space is", () => {
    const raw = actionOf(floats([NaN, 7]), { space: discrete(5), mask: [0] }, { ...argmax, sample: 'none' }, () => 0);
    expect(raw).toEqual({ data: Float32Array.of(NaN, 7), shape: [1, 2], dtype: 'float32' });
  });

  it.each<[string, string, Tensor, Space | undefined, unknown]>([
    ['more logits than actions', 'length', floats([1, 2, 3]), discrete(2), undefined],
    ['logits of several observations', 'length', floats([1, 2, 3, 4], [2, 2]), undefined, undefined],
    ['a mask of another length', 'length', floats([1, 2, 3]), undefined, [1, 1]],
    ['a mask that is none', 'length', floats([1, 2, 3]), undefined, 'all'],
    ['two actions for one', 'length', ints([1, 2]), discrete(3), undefined],
    ['means and deviations of a Box', 'length', floats([1, 2]), { type: 'Box', shape: [1] }, undefined],
    ['NaN for a Box', 'nan', floats([NaN]), { type: 'Box', shape: [1] }, undefined],
    ['a fraction as an action', 'nan', floats([1.5], [1]), discrete(3), undefined],
    ['NaN as an action', 'nan', floats([NaN], [1]), undefined, undefined],
    ['an action that the space lacks', 'illegal', ints([3]), discrete(3), undefined],
    ['an action that the mask forbids', 'illegal', ints([1]), discrete(3), [1, 0, 1]],
    ['a mask that allows nothing', 'illegal', floats([1, 2]), undefined, [0, 0]],
    ['a space that has no rule', 'space', floats([1, 2]), { type: 'MultiBinary', n: 2 }, undefined],
  ])('is refused for %s', (_, reason, output, space, mask) => {
    expect(() => act(output, space, mask)).toThrow(
      expect.objectContaining({ name: 'OnnxActionError', reason }) as Error,
    );
  });
});
