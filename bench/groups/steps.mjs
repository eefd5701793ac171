// How long a step takes from the page and back, against a page's other ways to a Python in a worker.
import { inTurns, ratio, summary } from '../arms.mjs';
import { quantile } from '../statistics.mjs';

/**
 * Of each arm, how many steps make a block. A peer's arms are the methods of bench/peers/methods.ts: `numbers` is its
 * best form, `plain` that of a first program, `source` a source string for each step, and `echo` no Python at all.
 */
const arms = {
  noop: { rxgym: 200, 'raw echo': 200, 'raw numbers': 200, 'raw values': 200, 'raw plain': 100, 'raw source': 20 },
  cartPole: {
    rxgym: 200,
    'raw echo': 200,
    'raw numbers': 200,
    'raw values': 200,
    'comlink numbers': 200,
    'comlink values': 200,
    'comlink plain': 100,
    'observable-webworker numbers': 200,
    'observable-webworker values': 200,
    'workerpool numbers': 200,
    'workerpool values': 200,
    'raw source': 20,
  },
};

/** @type {import('../figure.mjs').Group} */
export const steps = {
  name: 'steps',
  ids: ['step-noop', 'step-seed', 'step-cartpole', 'step-tail'],
  async measure({ open, quick, random }) {
    /** @param {keyof typeof arms} task */
    async function measured(task) {
      const page = await open();
      const rounds = await inTurns({
        arms: arms[task],
        rounds: quick ? 5 : 30,
        warmUp: quick ? 2 : 5,
        random,
        measure: (arm, count) =>
          page.evaluate(
            (task, arm, count) => bench.steps(task, arm, count),
            task,
            /** @type {import('../page/steps.js').Arm} */ (arm),
            count,
          ),
      });
      await page.close();
      return rounds;
    }

    const noop = await measured('noop');
    const cartPole = await measured('cartPole');
    const step = ratio(cartPole, 'rxgym', 'comlink values', random);
    const echo = ratio(cartPole, 'raw echo', 'comlink values', random);
    return {
      'step-noop': {
        ...ratio(noop, 'rxgym', 'raw numbers', random),
        limit: 1.25,
        against: 'raw postMessage to a kept callable that leaves its numbers in a kept buffer',
        ...summary(noop, 'µs'),
      },
      'step-seed': {
        ...ratio(noop, 'raw source', 'rxgym', random),
        limit: 8,
        atLeast: true,
        against: 'a no-op step; this is one by a source string, runPythonAsync and toJs',
      },
      'step-cartpole': {
        ...step,
        limit: 0.6,
        against: 'Comlink with a kept callable and toJs',
        note: `${step.note}; a message to the same worker and back, without any Python, ${echo.value} ×`,
        ...summary(cartPole, 'µs'),
      },
      'step-tail': {
        ...ratio(cartPole, 'rxgym', 'comlink values', random, (block) => quantile(block, 0.99)),
        limit: 1.25,
        against: 'Comlink with a kept callable and toJs; of both the 99th percentile, block by block',
      },
    };
  },
};
