// One form of a value, the same in every browser and in Node, and its CRC-32. Objects have no order; numbers are their
// shortest text; arrays are their bytes (little-endian, as every engine has them). What may differ where the env does the
// same is left out: the bits of a NaN, and the address in an object's `repr`.

import { isNdArray } from '../protocol/ndarray.js';
import { isOpaque } from '../protocol/values.js';

interface Sink {
  text(text: string): void;
  bytes(bytes: Uint8Array): void;
}

/** The CRC-32 (as in zlib) of a value's form, as 8 hexadecimal digits. It tells accidents, and proves no author. */
export function digestOf(value: unknown): string {
  const crc = new Crc32();
  write(value, crc);
  return crc.hex;
}

/** What a step came to, as far as its digest goes: all but infos, which may tell the time, and counters. */
export interface Outcome {
  readonly agent?: unknown;
  readonly observation: unknown;
  readonly reward: unknown;
  readonly terminated: unknown;
  readonly truncated: unknown;
}

export const stepDigest = ({ agent, observation, reward, terminated, truncated }: Outcome): string =>
  digestOf([agent, observation, reward, terminated, truncated]);

export const resetDigest = ({ agent, observation }: Pick<Outcome, 'agent' | 'observation'>): string =>
  digestOf([agent, observation]);

/** Whether two values have the same form, exactly. */
export function isSame(a: unknown, b: unknown): boolean {
  return formOf(a) === formOf(b);
}

function formOf(value: unknown): string {
  const parts: string[] = [];
  write(value, { text: (text) => parts.push(text), bytes: (bytes) => parts.push(bytes.join()) });
  return parts.join('');
}

function write(value: unknown, to: Sink): void {
  if (typeof value === 'string') to.text(`s${value.length}:${value}`);
  else if (Object.is(value, -0)) to.text('-0;');
  else if (typeof value !== 'object' || value === null)
    to.text(`${typeof value === 'bigint' ? 'i' : ''}${String(value)};`);
  else if (isNdArray(value)) {
    to.text(`a${value.dtype}[${value.shape.join()}]`);
    writeElements(value.data, to);
  } else if (ArrayBuffer.isView(value)) {
    to.text(`t${value.constructor.name}[${value.byteLength}]`);
    writeElements(value, to);
  } else if (Array.isArray(value)) {
    to.text(`l${value.length}:`);
    for (const each of value as readonly unknown[]) write(each, to);
  } else if (value instanceof Map) {
    to.text(`m${value.size}:`);
    for (const [key, each] of value) {
      write(key, to);
      write(each, to);
    }
  } else if (isOpaque(value)) to.text(`o${value.__class__};`);
  else {
    const keys = Object.keys(value).sort();
    to.text(`d${keys.length}:`);
    for (const key of keys) {
      to.text(`${key.length}:${key}`);
      write((value as Readonly<Record<string, unknown>>)[key], to);
    }
  }
}

function writeElements(view: ArrayBufferView, to: Sink): void {
  if (view instanceof Float32Array || view instanceof Float64Array) {
    if (hasNaN(view)) {
      const numbers = view.slice();
      const at: number[] = [];
      numbers.forEach((number, i) => {
        if (!Number.isNaN(number)) return;
        at.push(i);
        numbers[i] = 0;
      });
      to.text(`NaN[${at.join()}]`);
      to.bytes(bytesOf(numbers));
      return;
    }
  }
  to.bytes(bytesOf(view));
}

function hasNaN(numbers: Float32Array | Float64Array): boolean {
  for (const number of numbers) if (Number.isNaN(number)) return true;
  return false;
}

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** https://www.rfc-editor.org/rfc/rfc1952#section-8 */
class Crc32 implements Sink {
  #crc = -1;

  /** By UTF-16 code units: two bytes each. */
  text(text: string): void {
    const table = crcTable();
    let crc = this.#crc;
    for (let i = 0; i < text.length; i += 1) {
      const unit = text.charCodeAt(i);
      crc = (crc >>> 8) ^ (table[(crc ^ unit) & 0xff] ?? 0);
      crc = (crc >>> 8) ^ (table[(crc ^ (unit >>> 8)) & 0xff] ?? 0);
    }
    this.#crc = crc;
  }

  /** Four bytes at a time ("slicing"), which takes a third of the time. */
  bytes(bytes: Uint8Array): void {
    const table = crcTable();
    const { byteOffset, length } = bytes;
    const inWords = byteOffset % 4 === 0 ? length - (length % 4) : 0;
    let crc = this.#crc;
    for (const word of new Int32Array(bytes.buffer, inWords ? byteOffset : 0, inWords / 4)) {
      crc ^= word;
      crc =
        (table[768 + (crc & 0xff)] ?? 0) ^
        (table[512 + ((crc >>> 8) & 0xff)] ?? 0) ^
        (table[256 + ((crc >>> 16) & 0xff)] ?? 0) ^
        (table[crc >>> 24] ?? 0);
    }
    for (const byte of bytes.subarray(inWords)) crc = (crc >>> 8) ^ (table[(crc ^ byte) & 0xff] ?? 0);
    this.#crc = crc;
  }

  get hex(): string {
    return (~this.#crc >>> 0).toString(16).padStart(8, '0');
  }
}

let made: Int32Array | undefined;

/** For a byte, and for one that 1, 2 or 3 others follow. Made when it is first used, so that bundlers can drop it. */
function crcTable(): Int32Array {
  if (made) return made;
  made = new Int32Array(1024);
  for (let i = 0; i < 1024; i += 1) {
    let crc = i < 256 ? i : (made[i - 256] ?? 0);
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
    made[i] = crc;
  }
  return made;
}
