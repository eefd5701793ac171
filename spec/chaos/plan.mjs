// @ts-check
// Which faults there are, and when they are triggered: all of it follows from the seed.
import { randomFrom, shuffled } from '../helpers/random.mjs';

/**
 * What the page does to the operation that is under way.
 * - `nothing`: only the armed faults disturb it
 * - `unsubscribe`: it is unsubscribed when the fault was triggered, and sent again
 * - `unsubscribe soon`: it is unsubscribed at once or a little later, whatever it does, and sent again
 * - `terminate`: its thread is terminated when the fault was triggered
 * - `terminate idle`: the thread is terminated before the operation is sent
 * - `terminate boot`: the next thread is terminated before it is up
 *
 * @typedef {'nothing' | 'unsubscribe' | 'unsubscribe soon' | 'terminate' | 'terminate idle' | 'terminate boot'} Intervention
 */
/**
 * @typedef {object} Injection
 * @property {string} name
 * @property {'step' | 'reset' | 'run' | 'getState' | 'setState'} during
 * @property {readonly import('./faults.mjs').Fault[]} faults
 * @property {Intervention} intervention
 */

/** @typedef {import('./faults.mjs').FaultKind} FaultKind */

/** @type {(during: Injection['during'], place: import('./faults.mjs').Place, kind: FaultKind) => Injection} */
const inside = (during, place, kind) => ({
  name: `${during}: ${kind}`,
  during,
  faults: [{ place, kind }],
  intervention: 'nothing',
});

/** @type {(kind: FaultKind) => Injection} */
const inStep = (kind) => inside('step', 'step', kind);

/** @type {(name: string, kind: FaultKind | undefined, intervention: Intervention) => Injection} */
const byPage = (name, kind, intervention) => ({
  name,
  during: 'step',
  faults: kind ? [{ place: 'step', kind }] : [],
  intervention,
});

/** @type {(name: string, first: FaultKind, second: import('./faults.mjs').Fault) => Injection} */
const inRecovery = (name, first, second) => ({
  name: `recovery: ${name}`,
  during: 'step',
  faults: [{ place: 'step', kind: first }, second],
  intervention: 'nothing',
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
  inside('reset', 'reset', 'fatal'),
  inside('reset', 'reset', 'loop'),
  inside('run', 'run', 'exit'),
  inside('run', 'run', 'loop'),
  inside('getState', 'get-state', 'fatal'),
  inside('setState', 'set-state', 'fatal'),
  inRecovery('exit in the set-up', 'fatal', { place: 'set-up', kind: 'exit' }),
  inRecovery('fatal in the replay', 'fatal', { place: 'step', kind: 'fatal', after: 1 }),
  inRecovery('fatal in setState', 'fatal', { place: 'set-state', kind: 'fatal' }),
  inRecovery('fatal after an interrupt', 'loop', { place: 'set-state', kind: 'fatal' }),
];

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
