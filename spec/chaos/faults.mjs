// @ts-check
// The one-shot channel by which the chaos run kills what it runs. It lies in memory that page and workers share, not in
// Python's state: a fault that was triggered is not triggered again, also when its step is sent again or replayed.

/** Where in chaotic-env.py a fault may be triggered. */
const places = /** @type {const} */ (['set-up', 'reset', 'step', 'run', 'get-state', 'set-state']);
/** What may happen there: the first by Python, the others by the worker's JavaScript. */
const kinds = /** @type {const} */ ([
  'fatal',
  'exit',
  'abort',
  'loop',
  'stubborn',
  'overflow',
  'memory',
  'worker-error',
  'rejection',
  'worker-exit',
  'garbage',
  'forgery',
]);

/**
 * @typedef {(typeof places)[number]} Place
 * @typedef {(typeof kinds)[number]} FaultKind
 */
/**
 * @typedef {object} Fault
 * @property {Place} place
 * @property {FaultKind} kind
 * @property {number} [after] how often the place is passed unharmed before
 */

const header = 4; // how many wait, how many were triggered, the thread that was last seen, nothing
const size = 3;
const most = 8;

/** A queue of faults: only the first may be triggered, and it leaves the queue when it is. */
export class Faults {
  /** @param {SharedArrayBuffer} memory */
  constructor(memory = new SharedArrayBuffer(4 * (header + size * most))) {
    this.memory = memory;
    this.words = new Int32Array(memory);
  }

  /** How many were triggered so far. */
  get triggered() {
    return Atomics.load(this.words, 1);
  }

  /** The number of the thread that last passed a place. */
  get thread() {
    return Atomics.load(this.words, 2);
  }

  /**
   * Only while no worker runs Python.
   * @param {readonly Fault[]} faults
   */
  arm(faults) {
    for (const [index, { place, kind, after = 0 }] of faults.entries()) {
      this.words.set([places.indexOf(place), kinds.indexOf(kind), after], header + size * index);
    }
    Atomics.store(this.words, 0, faults.length);
  }

  /**
   * Waits until more were triggered than before.
   * @param {number} before
   */
  async untilTriggered(before) {
    while (this.triggered === before) await new Promise((resolve) => setTimeout(resolve, 1));
  }

  /** Empties the queue. */
  disarm() {
    Atomics.store(this.words, 0, 0);
  }

  /**
   * Called by the worker when it passes a place.
   * @param {Place} place
   * @param {number} thread
   * @returns {FaultKind | undefined}
   */
  take(place, thread) {
    const { words } = this;
    Atomics.store(words, 2, thread);
    const waiting = Atomics.load(words, 0);
    if (waiting === 0 || words[header] !== places.indexOf(place)) return undefined;
    const after = words[header + 2] ?? 0;
    if (after > 0) {
      words[header + 2] = after - 1;
      return undefined;
    }
    const kind = kinds[words[header + 1] ?? 0];
    words.copyWithin(header, header + size, header + size * most);
    Atomics.store(words, 0, waiting - 1);
    Atomics.add(words, 1, 1);
    return kind;
  }
}
