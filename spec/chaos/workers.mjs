// @ts-check
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { setEnvironmentData } from 'node:worker_threads';

/** @typedef {import('../../src/index.js').Endpoint} Endpoint */

/** Makes the workers of a run, and terminates them from outside. */
export class Workers {
  /** @type {Endpoint[]} */
  #made = [];
  /** @type {number | undefined} */
  #delay;

  /**
   * @param {import('./play.mjs').Subject} subject
   * @param {import('./faults.mjs').Faults} faults
   */
  constructor({ nodeWorker, root }, faults) {
    this.make = () => {
      const script = pathToFileURL(join(root, 'dist/node-worker.js')).href;
      setEnvironmentData('chaos', { memory: faults.memory, script, thread: this.#made.length });
      const worker = nodeWorker(pathToFileURL(join(root, 'spec/chaos/worker.mjs')));
      this.#made.push(worker);
      if (this.#delay !== undefined) setTimeout(() => worker.terminate(), this.#delay);
      this.#delay = undefined;
      return worker;
    };
  }

  /** @param {number} thread */
  terminate(thread) {
    this.#made[thread]?.terminate();
  }

  /**
   * Terminates the next that is made, so long after that.
   * @param {number} ms
   */
  terminateNext(ms) {
    this.#delay = ms;
  }
}
