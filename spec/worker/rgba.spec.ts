import { toRgba } from '../../worker/rgba.js';

/** Bytes that lie `offset` bytes into a larger buffer, as Python's do. */
function bytesAt(offset: number, length: number): Uint8Array {
  const all = new Uint8Array(offset + length + 3).fill(99);
  for (let i = 0; i < length; i++) all[offset + i] = (i * 37 + 11) % 256;
  return all.subarray(offset, offset + length);
}

const rgba = (source: Uint8Array, channels: number, pixels: number): readonly number[] => {
  const target = new ArrayBuffer(pixels * 4);
  toRgba(source, channels, target);
  return [...new Uint8Array(target)];
};

describe('pixels as RGBA', () => {
  it.each([0, 1, 2, 3])('of RGB that begins %i bytes behind a word, and of every number of pixels', (offset) => {
    for (const pixels of [1, 2, 3, 4, 5, 6, 7, 8, 63]) {
      const source = bytesAt(offset, pixels * 3);
      const expected = Array.from({ length: pixels }, (_, i) => [...source.subarray(i * 3, i * 3 + 3), 255]).flat();
      expect(rgba(source, 3, pixels)).toEqual(expected);
    }
  });

  it('of a picture after a larger one', () => {
    rgba(bytesAt(1, 300), 3, 100);
    expect(rgba(bytesAt(1, 6), 3, 2)).toEqual([11, 48, 85, 255, 122, 159, 196, 255]);
  });

  it('of grey', () => {
    expect(rgba(Uint8Array.of(0, 7, 255), 1, 3)).toEqual([0, 0, 0, 255, 7, 7, 7, 255, 255, 255, 255, 255]);
  });

  it('of RGBA, whose alpha stays', () => {
    expect(rgba(bytesAt(3, 8), 4, 2)).toEqual([...bytesAt(3, 8)]);
  });
});
