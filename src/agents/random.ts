import type { AgentId } from '../env/step.js';

/** Which question it is. */
export interface Question {
  readonly episode: number;
  readonly index: number;
  readonly agent?: AgentId | undefined;
}

/** Random numbers from 0 to below 1, of one question. */
export type Random = () => number;

/**
 * Random numbers that depend on the seed and the question, and on nothing else: not on what was asked before, or how
 * often. They are hashes of both and of a counter.
 */
export function seededRandom(seed: number, { episode, index, agent }: Question): Random {
  const text = JSON.stringify([seed, episode, index, agent ?? null]); // the agents 1 and '1' differ in it
  let count = 0;
  return () => murmur3(text, count++) / 2 ** 32;
}

/** MurmurHash3 (x86, 32 bit) of a text's UTF-8: https://github.com/aappleby/smhasher/blob/master/src/MurmurHash3.cpp */
export function murmur3(text: string, seed: number): number {
  const bytes = new TextEncoder().encode(text);
  const blocks = bytes.length >> 2;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let hash = seed | 0;
  for (let block = 0; block < blocks; block++) {
    hash ^= mixed(view.getUint32(block * 4, true));
    hash = (Math.imul(rotated(hash, 13), 5) + 0xe6546b64) | 0;
  }
  let tail = 0;
  for (let at = bytes.length - 1; at >= blocks * 4; at--) tail = (tail << 8) | view.getUint8(at);
  hash ^= mixed(tail) ^ bytes.length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

const mixed = (block: number): number => Math.imul(rotated(Math.imul(block, 0xcc9e2d51), 15), 0x1b873593);
const rotated = (bits: number, by: number): number => (bits << by) | (bits >>> (32 - by));
