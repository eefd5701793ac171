// @ts-check
// Which faults there are, and when they strike: all of it follows from the seed.

/**
 * What is done to the operation that is under way.
 * - `nothing`: the armed faults do it
 * - `unsubscribe`: it is unsubscribed when the fault has struck, and sent again
 * - `unsubscribe soon`: it is unsubscribed at once or a little later, whatever it does, and sent again
 * - `terminate`: its thread is terminated when the fault has struck
 * - `terminate idle`: the thread is terminated before it
 * - `terminate boot`: the thread that comes next is terminated before it is up
 *
 * @typedef {'nothing' | 'unsubscribe' | 'unsubscribe soon' | 'terminate' | 'terminate idle' | 'terminate boot'} Deed
 */
/**
 * @typedef {object} Injection
 * @property {string} name
 * @property {'step' | 'reset' | 'run' | 'getState' | 'setState'} during
 * @property {readonly import('./faults.mjs').Fault[]} faults
 * @property {Deed} deed
 */

/** @typedef {import('./faults.mjs').Strike} Strike */

/** @type {(strike: Strike) => Injection} */
const inStep = (strike) => ({
  name: `step: ${strike}`,
  during: 'step',
  faults: [{ place: 'step', strike }],
  deed: 'nothing',
});

/** @type {(name: string, strike: Strike | undefined, deed: Deed) => Injection} */
const byPage = (name, strike, deed) => ({
  name,
  during: 'step',
  faults: strike ? [{ place: 'step', strike }] : [],
  deed,
});

/** @type {(name: string, first: Strike, second: import('./faults.mjs').Fault) => Injection} */
const inRecovery = (name, first, second) => ({
  name: `recovery: ${name}`,
  during: 'step',
  faults: [{ place: 'step', strike: first }, second],
  deed: 'nothing',
});

/** @type {readonly Injection[]} */
export const injections = [
  inStep('fatal'),
  inStep('exit'),
  inStep('abort'),
  inStep('overflow'),
  inStep('memory'),
  inStep('loop'),
  inStep('stubborn'),
  inStep('worker-error'),
  inStep('rejection'),
  inStep('worker-exit'),
  inStep('garbage'),
  inStep('forgery'),
  byPage('step: unsubscribed in a loop', 'loop', 'unsubscribe'),
  byPage('step: unsubscribed in a stubborn loop', 'stubborn', 'unsubscribe'),
  byPage('step: unsubscribed', undefined, 'unsubscribe soon'),
  byPage('step: terminated', 'loop', 'terminate'),
  byPage('idle: terminated', undefined, 'terminate idle'),
  byPage('boot: terminated', 'fatal', 'terminate boot'),
  { name: 'reset: fatal', during: 'reset', faults: [{ place: 'reset', strike: 'fatal' }], deed: 'nothing' },
  { name: 'reset: loop', during: 'reset', faults: [{ place: 'reset', strike: 'loop' }], deed: 'nothing' },
  { name: 'run: exit', during: 'run', faults: [{ place: 'run', strike: 'exit' }], deed: 'nothing' },
  { name: 'run: loop', during: 'run', faults: [{ place: 'run', strike: 'loop' }], deed: 'nothing' },
  { name: 'getState: fatal', during: 'getState', faults: [{ place: 'get-state', strike: 'fatal' }], deed: 'nothing' },
  { name: 'setState: fatal', during: 'setState', faults: [{ place: 'set-state', strike: 'fatal' }], deed: 'nothing' },
  inRecovery('exit in the set-up', 'fatal', { place: 'set-up', strike: 'exit' }),
  inRecovery('fatal in the replay', 'fatal', { place: 'step', strike: 'fatal', after: 1 }),
  inRecovery('fatal in setState', 'fatal', { place: 'set-state', strike: 'fatal' }),
  inRecovery('fatal after an interrupt', 'loop', { place: 'set-state', strike: 'fatal' }),
];

/**
 * Numbers from 0 to below 1 that follow from a seed (mulberry32).
 * @param {number} seed
 */
export function randomFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Every kind in turn, in an order and at steps that follow from the seed.
 * @param {{ steps: number, faults: number, seed: number, without?: readonly string[] }} config
 * @returns {{ at: number, injection: Injection }[]}
 */
export function plan({ steps, faults, seed, without = [] }) {
  const random = randomFrom(seed ^ 0xfa17);
  const kinds = injections.filter(({ faults }) => !faults.some(({ place }) => without.includes(place)));
  /** @type {Injection[]} */
  const order = [];
  while (order.length < faults) order.push(...shuffled(kinds, random));
  // the last steps are left to those that wait for a rare operation
  const times = Array.from({ length: faults }, () => Math.floor(random() * steps * 0.95)).sort((a, b) => a - b);
  return times.map((at, index) => ({ at, injection: /** @type {Injection} */ (order[index]) }));
}

/**
 * @template T
 * @param {readonly T[]} items
 * @param {() => number} random
 */
function shuffled(items, random) {
  return items
    .map((item) => ({ item, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}
