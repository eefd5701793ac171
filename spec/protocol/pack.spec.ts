import { isNdArray } from '../../src/protocol/ndarray';
import { pack, unpack, type Packed } from '../../src/protocol/pack';
import type { Data } from '../../src/protocol/values';

const thrownBy = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    return error;
  }
};

describe('pack and unpack', () => {
  it.each<[string, Data]>([
    ['numbers', [0, -1, 0.5, 1e300]],
    ['numbers that JSON lacks', [NaN, Infinity, -Infinity]],
    ['big integers', [2n ** 64n, -1n]],
    ['text', 'quote " newline \n \ud800'],
    ['nested objects', { a: { b: [null, true, {}] } }],
    [
      'Maps',
      new Map<string | number, Data>([
        [1, 'x'],
        ['1', [2]],
      ]),
    ],
    ['arrays', { data: new Int16Array([1, 2]), shape: [2, 1], dtype: 'int16' }],
    ['arrays of nothing', { data: new Float64Array(0), shape: [0, 3], dtype: 'float64' }],
    ['arrays of one', { data: new Float32Array([1]), shape: [], dtype: 'float32' }],
  ])('keep %s', (_, data) => {
    expect(unpack(pack(data, 'data'))).toEqual(data);
  });

  it('keep an object that looks like a tag, as a Map', () => {
    expect(unpack(pack({ $: 'int', v: '1' }, 'data'))).toEqual(
      new Map([
        ['$', 'int'],
        ['v', '1'],
      ]),
    );
  });

  it('copy a view of a larger buffer, and only what it views', () => {
    const large = new Float32Array([1, 2, 3, 4]);
    const packed = pack(large.subarray(1, 3), 'data');
    expect(packed.buffers[0]).toHaveProperty('byteLength', 8);
    expect(unpack(packed)).toEqual({ data: new Float32Array([2, 3]), shape: [2], dtype: 'float32' });
  });

  it('keep a key named __proto__ an own key', () => {
    const value = unpack({ json: '{"__proto__":{"a":1}}', buffers: [] }) as object;
    expect(Object.keys(value)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(value)).toBe(Object.getPrototypeOf(JSON.parse('{}')));
  });

  it.each<[unknown]>([
    [() => 1],
    [Symbol('x')],
    [new Date()],
    [new (class Mine {})()],
    [new DataView(new ArrayBuffer(1))],
  ])('refuse %p', (data) => {
    expect(thrownBy(() => pack({ deep: [data as Data] }, 'action'))).toMatchObject({
      name: 'UsageError',
      option: 'action',
    });
  });

  it.each<[what: string, packed: Packed]>([
    ['text that is no JSON', { json: '{', buffers: [] }],
    ['an unknown tag', { json: '{"$":"date","v":"1"}', buffers: [] }],
    ['an int that is none', { json: '{"$":"int","v":"1.5"}', buffers: [] }],
    ['a float that is a plain one', { json: '{"$":"float","v":"1"}', buffers: [] }],
    ['a map without pairs', { json: '{"$":"map","v":[[1]]}', buffers: [] }],
    ['an array without its buffer', { json: '{"$":"array","i":0,"shape":[1],"dtype":"int8"}', buffers: [] }],
    [
      'an array of unknown dtype',
      { json: '{"$":"array","i":0,"shape":[1],"dtype":"str"}', buffers: [new ArrayBuffer(1)] },
    ],
    [
      'an array of another length',
      { json: '{"$":"array","i":0,"shape":[2],"dtype":"int8"}', buffers: [new ArrayBuffer(1)] },
    ],
    [
      'an array of half an element',
      { json: '{"$":"array","i":0,"shape":[1],"dtype":"int16"}', buffers: [new ArrayBuffer(3)] },
    ],
    [
      'an array of negative length',
      { json: '{"$":"array","i":0,"shape":[-1,-1],"dtype":"int8"}', buffers: [new ArrayBuffer(1)] },
    ],
  ])('refuse %s', (_, packed) => {
    expect(thrownBy(() => unpack(packed))).toMatchObject({ name: 'ProtocolError' });
  });
});

describe('isNdArray', () => {
  it.each<[unknown, boolean]>([
    [{ data: new Uint8Array(2), shape: [2], dtype: 'bool' }, true],
    [{ data: new Float32Array(2), shape: [2], dtype: 'float16' }, true],
    [{ data: new Uint8Array(2), shape: [2], dtype: 'int8' }, false],
    [{ data: new Uint8Array(2), shape: [3], dtype: 'uint8' }, false],
    [{ data: [1], shape: [1], dtype: 'uint8' }, false],
    [{ data: new Uint8Array(2), shape: 2, dtype: 'uint8' }, false],
    [null, false],
  ])('%p: %p', (value, fits) => {
    expect(isNdArray(value)).toBe(fits);
  });
});
