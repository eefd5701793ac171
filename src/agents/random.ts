/** Numbers from 0 up to, and without, 1. */
export type Random = () => number;

/**
 * A generator whose numbers follow from the keys alone, so that what one agent draws at one step does not depend on what was
 * drawn before: FNV-1a (http://www.isthe.com/chongo/tech/comp/fnv/) seeds Mulberry32
 * (https://gist.github.com/tommyettinger/46a874533244883189143505d203312c).
 */
export function randomOf(...keys: readonly (string | number)[]): Random {
  let state = 0x811c9dc5;
  for (const character of keys.join()) state = Math.imul(state ^ character.charCodeAt(0), 0x01000193);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
