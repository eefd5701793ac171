/**
 * The bytes, 0 to 255, of pixels of any dtype: whole numbers as they are, floats and flags from 0 to 1. Returns what is
 * wrong, as text, where they do not fit. `data` is little-endian, as WebAssembly is.
 */
export function pixelBytes(data: Uint8Array<ArrayBuffer>, dtype: string): Uint8Array | string {
  if (dtype === 'uint8') return data;
  if (dtype === 'bool') return data.map((flag) => (flag ? 255 : 0));
  if (dtype === 'float32') return fromFloats(new Float32Array(data.slice().buffer));
  if (dtype === 'float64') return fromFloats(new Float64Array(data.slice().buffer));
  return fromIntegers(data, Number(/\d+$/.exec(dtype)?.[0]) / 8, dtype.startsWith('i'));
}

/** A sum of floats that is meant to be 1 may be a little more. */
const slack = 1e-3;

function fromFloats(values: Float32Array | Float64Array): Uint8Array | string {
  const bytes = new Uint8ClampedArray(values.length); // rounds
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? NaN;
    if (!(value >= -slack && value <= 1 + slack)) return `the value ${value}`;
    bytes[i] = value * 255;
  }
  return new Uint8Array(bytes.buffer);
}

/** The lowest byte of each; all others have to be 0. */
function fromIntegers(data: Uint8Array, size: number, isSigned: boolean): Uint8Array | string {
  const bytes = new Uint8Array(data.length / size);
  for (let i = 0, at = 0; i < bytes.length; i++, at += size) {
    let rest = isSigned && size === 1 ? (data[at] ?? 0) & 0x80 : 0;
    for (let j = 1; j < size; j++) rest |= data[at + j] ?? 0;
    if (rest) return 'values that are not from 0 to 255';
    bytes[i] = data[at] ?? 0;
  }
  return bytes;
}

/** Pixel by pixel what lay channel by channel. */
export function interleaved(planes: Uint8Array, channels: number): Uint8Array {
  const bytes = new Uint8Array(planes.length);
  const size = planes.length / channels;
  for (let channel = 0; channel < channels; channel++) {
    for (let i = 0; i < size; i++) bytes[i * channels + channel] = planes[channel * size + i] ?? 0;
  }
  return bytes;
}
