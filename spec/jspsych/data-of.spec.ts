import { dataOf } from '../../src/jspsych/data-of.js';

describe('dataOf', () => {
  it('makes objects of Maps by agent, also inside', () => {
    const reward = new Map<string | number, unknown>([
      ['you', 1.5],
      [2, new Map([['inner', true]])],
    ]);
    expect(dataOf(reward)).toEqual({ you: 1.5, 2: { inner: true } });
  });

  it('makes lists of arrays, as deep as their shape', () => {
    const data = new Float32Array([1, 2, 3, 4, 5, 6]);
    expect(dataOf({ data, shape: [2, 3], dtype: 'float32' })).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expect(dataOf({ data: data.slice(0, 1), shape: [], dtype: 'float32' })).toBe(1);
    expect(dataOf({ data: new BigInt64Array([7n]), shape: [1], dtype: 'int64' })).toEqual([7]);
    expect(dataOf(new Uint8Array([1, 2]))).toEqual([1, 2]);
  });

  it('keeps what JSON has no number for as text, and integers exact', () => {
    expect(dataOf([NaN, -Infinity, 3n, 2n ** 60n])).toEqual(['NaN', '-Infinity', 3, '1152921504606846976']);
  });

  it('makes what JSON can write of everything', () => {
    const value = { a: undefined, f: () => 1, m: new Map([['x', [1n]]]), n: null };
    expect(JSON.parse(JSON.stringify(dataOf(value)))).toEqual({
      a: null,
      f: expect.any(String),
      m: { x: [1] },
      n: null,
    });
  });
});
