import { isNdArray } from '../protocol/ndarray.js';
import { plainly } from '../records/batch.js';

/**
 * A number for what came of a step: the same for the same, and hardly ever for something else. It tells whether a replay
 * comes to what the page has seen. 32-bit FNV-1a: http://www.isthe.com/chongo/tech/comp/fnv/
 */
export function digestOf(value: unknown): number {
  return added(0x811c9dc5, value);
}

const mixed = (hash: number, byte: number): number => Math.imul(hash ^ byte, 0x01000193) >>> 0;

function added(hash: number, value: unknown): number {
  if (isNdArray(value)) {
    const { buffer, byteOffset, byteLength } = value.data;
    return new Uint8Array(buffer, byteOffset, byteLength).reduce(mixed, added(hash, [value.dtype, ...value.shape]));
  }
  if (Array.isArray(value)) return (value as readonly unknown[]).reduce<number>(added, mixed(hash, value.length));
  if (value instanceof Map) return [...value].reduce<number>(added, mixed(hash, value.size));
  if (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype) {
    return Object.entries(value).reduce<number>(added, mixed(hash, 0));
  }
  const text = JSON.stringify(plainly(value));
  let of = mixed(hash, text.length);
  for (let i = 0; i < text.length; i += 1) of = mixed(mixed(of, text.charCodeAt(i) & 0xff), text.charCodeAt(i) >> 8);
  return of;
}

interface Outcome {
  readonly observation: unknown;
  readonly reward: unknown;
  readonly terminated: unknown;
  readonly truncated: unknown;
}

/** Infos are left out: some tell times. */
export const digestOfStep = ({ observation, reward, terminated, truncated }: Outcome): number =>
  digestOf([observation, reward, terminated, truncated]);
