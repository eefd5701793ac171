// @ts-check

/** @typedef {import('./plan.mjs').Injection} Injection */

/** Arms each fault of a plan in the next operation of its kind, and says which were triggered. */
export class Injector {
  /**
   * The names of those that were triggered.
   * @type {string[]}
   */
  injected = [];
  /**
   * The names of those that were not, for instance because their place was not passed in time.
   * @type {string[]}
   */
  missed = [];
  /** @type {Record<Injection['during'], Injection[]>} */
  #pending = { step: [], reset: [], run: [], getState: [], setState: [] };
  /** @type {Injection | undefined} */
  #armed;
  #before = 0;
  #faults;
  #plan;
  #log;

  /**
   * @param {import('./faults.mjs').Faults} faults
   * @param {readonly { at: number, injection: Injection }[]} plan
   * @param {(injected: number) => void} log
   */
  constructor(faults, plan, log) {
    this.#faults = faults;
    this.#plan = [...plan];
    this.#log = log;
  }

  /** The one that may be triggered now. */
  get armed() {
    return this.#armed;
  }

  /**
   * @param {Injection['during']} during
   * @param {number} done how many steps there were so far
   * @param {(injection: Injection) => number} [passing] how often its place is passed unharmed before the first
   */
  arm(during, done, passing = () => 0) {
    while ((this.#plan[0]?.at ?? Infinity) <= done) {
      const { injection } = /** @type {{ injection: Injection }} */ (this.#plan.shift());
      this.#pending[injection.during].push(injection);
    }
    this.settle();
    const armed = (this.#armed = this.#pending[during].shift());
    if (!armed) return undefined;
    this.#before = this.#faults.triggered;
    const after = passing(armed);
    this.#faults.arm(armed.faults.map((fault, index) => (index === 0 ? { ...fault, after } : fault)));
    return armed;
  }

  /** Waits until the one that is armed was triggered. */
  untilTriggered() {
    return this.#faults.untilTriggered(this.#before);
  }

  /** Records whether the one that is armed was triggered. */
  settle() {
    const armed = this.#armed;
    if (!armed) return;
    const triggered = this.#faults.triggered - this.#before;
    if (triggered < armed.faults.length) {
      this.#faults.disarm();
      this.missed.push(triggered === 0 ? armed.name : `${armed.name} (only the first)`);
    }
    if (triggered > 0 || armed.faults.length === 0) this.injected.push(armed.name);
    this.#log(this.injected.length);
    this.#armed = undefined;
  }

  /** Counts those as missed that no operation was sent for. */
  end() {
    for (const { name } of Object.values(this.#pending).flat()) this.missed.push(name);
  }
}
