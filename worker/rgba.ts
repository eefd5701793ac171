const opaque = 0xff000000;

/**
 * Writes pixels as RGBA, which is what every canvas takes. Four pixels are three words of RGB and four of RGBA: reading
 * and writing words instead of bytes is what makes it cheap, and doing it here keeps it off the page's thread. Red is the
 * lowest byte: every machine that runs WebAssembly in a browser is little-endian.
 */
export function toRgba(source: Uint8Array, channels: number, target: ArrayBuffer): void {
  if (channels === 4) new Uint8Array(target).set(source);
  else if (channels === 3) fromRgb(source, new Uint32Array(target));
  else fromGrey(source, new Uint32Array(target));
}

function fromGrey(source: Uint8Array, target: Uint32Array): void {
  for (let i = 0; i < target.length; i++) target[i] = opaque | (at(source, i) * 0x010101);
}

function fromRgb(source: Uint8Array, target: Uint32Array): void {
  const words = aligned(source);
  const whole = target.length & ~3;
  for (let i = 0, j = 0; i < whole; i += 4, j += 3) {
    const a = at(words, j);
    const b = at(words, j + 1);
    const c = at(words, j + 2);
    target[i] = opaque | a;
    target[i + 1] = opaque | (a >>> 24) | (b << 8);
    target[i + 2] = opaque | (b >>> 16) | (c << 16);
    target[i + 3] = opaque | (c >>> 8);
  }
  for (let i = whole, j = 3 * whole; i < target.length; i++, j += 3) {
    target[i] = opaque | at(source, j) | (at(source, j + 1) << 8) | (at(source, j + 2) << 16);
  }
}

let copy = new Uint8Array();

/** As whole words; by a kept copy where Python's bytes begin between two. */
function aligned(source: Uint8Array): Uint32Array {
  let bytes = source;
  if (source.byteOffset % 4 !== 0) {
    if (copy.length < source.length) copy = new Uint8Array(source.length + 3);
    copy.set(source);
    bytes = copy;
  }
  return new Uint32Array(bytes.buffer, bytes.byteOffset, source.length >> 2);
}

const at = (list: Uint8Array | Uint32Array, index: number): number => list[index] ?? 0; // never 0 for want of one
