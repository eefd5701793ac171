import { fromPlain, toPlain } from '../../src/protocol/plain.js';
import { ndArray } from '../../src/protocol/ndarray.js';
import { digestOf, isSame, resetDigest, stepDigest } from '../../src/env/digest.js';

const array = ndArray(Float32Array.of(1, -0, NaN, Infinity).buffer, [2, 2], 'float32');
const step = { observation: array, reward: 1, terminated: false, truncated: false };

describe('the digest of a value', () => {
  it('is the CRC-32 of its form', () => {
    // zlib.crc32('s5:hello'.encode('utf-16-le')) in Python
    expect(digestOf('hello')).toBe('7de6a2ab');
  });

  it('does not depend on where bytes lie in their buffer', () => {
    const bytes = Uint8Array.from({ length: 23 }, (_, i) => i * 37);
    const shifted = new Uint8Array(24).subarray(1);
    shifted.set(bytes);
    expect(digestOf(shifted)).toBe(digestOf(bytes));
    // zlib.crc32('tUint8Array[23]'.encode('utf-16-le') + bytes(i * 37 % 256 for i in range(23)))
    expect(digestOf(bytes)).toBe('03125a13');
  });

  it.each([
    ['an array', array],
    [
      'a Map',
      new Map<unknown, unknown>([
        ['a', 1],
        [2, [null, true]],
      ]),
    ],
    ['a bigint', 2n ** 60n],
    ['-0', -0],
    ['bytes', Uint8Array.of(1, 2, 3)],
    ['nested objects', { b: [1, 'two'], a: { c: undefined } }],
  ])('is the same after a way through a file: %s', (_, value) => {
    const back = fromPlain(JSON.parse(JSON.stringify(toPlain(value))));
    expect(digestOf(back)).toBe(digestOf(value));
    expect(isSame(back, value)).toBe(true);
  });

  it('tells apart what differs', () => {
    const one = [0, -0, 0n, '0', false, null, undefined, [], {}, new Map(), [0], [[0]], ['0', ''], ['', '0'], array];
    const more = [{ a: 0 }, { b: 0 }, { ...array, dtype: 'float16' }, { ...array, shape: [4] }, Uint8Array.of(0)];
    const all = [...one, ...more];
    expect(new Set(all.map(digestOf)).size).toBe(all.length);
    for (const a of all) expect(all.filter((b) => isSame(a, b))).toHaveLength(1);
  });

  it('does not depend on the order of keys, the bits of a NaN, or where an object lies', () => {
    expect(digestOf({ a: 1, b: 2 })).toBe(digestOf({ b: 2, a: 1 }));
    const nan = (bits: number) => ndArray(Uint32Array.of(bits).buffer, [1], 'float32');
    expect(digestOf(nan(0x7fc00000))).toBe(digestOf(nan(0xffc00001)));
    const thing = (at: string) => ({ __class__: 'Thing', __repr__: `<Thing at ${at}>` });
    expect(digestOf(thing('0x1'))).toBe(digestOf(thing('0x2')));
  });

  it('changes with each bit of an observation, and with each field of a step', () => {
    const pixels = new Uint8Array(64);
    const digests = Array.from({ length: 512 }, (_, bit) => {
      const changed = pixels.slice();
      changed[bit >> 3] = 1 << (bit & 7);
      return stepDigest({ ...step, observation: ndArray(changed.buffer, [8, 8], 'uint8') });
    });
    expect(new Set(digests).size).toBe(512);
    const fields = [{}, { agent: 'a' }, { reward: 2 }, { terminated: true }, { truncated: true }, { observation: 0 }];
    expect(new Set(fields.map((more) => stepDigest({ ...step, ...more }))).size).toBe(fields.length);
    expect(resetDigest({ observation: 0, agent: 'a' })).not.toBe(resetDigest({ observation: 0 }));
  });
});
