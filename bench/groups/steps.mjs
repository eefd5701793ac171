// How long a step takes from the page and back, against a page's other ways to a Python in a worker.
import { inTurns, ratio, summary } from '../arms.mjs';

/**
 * Of each arm, how many steps make a block. A peer's arms are the methods of bench/peers/methods.ts: `numbers` is its
 * best form, `plain` that of a first program, `source` a source string for each step.
 */
const arms = {
  noop: { rxgym: 200, 'raw numbers': 200, 'raw values': 200, 'raw plain': 100, 'raw source': 20 },
  cartPole: {
    rxgym: 200,
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
  ids: ['step-noop', 'step-seed', 'step-cartpole'],
  async measure({ open, quick, random, say }) {
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
      for (const [arm, { p50, p99 }] of Object.entries(summary(rounds))) say(`${task}, ${arm}: ${p50} µs, p99 ${p99}`);
      return rounds;
    }

    const noop = await measured('noop');
    const cartPole = await measured('cartPole');
    /**
     * @param {import('../arms.mjs').Rounds} rounds @param {string} one @param {string} other
     * @param {Pick<import('../figure.mjs').Figure, 'limit' | 'atLeast' | 'against'>} figure
     * @param {string} [note]
     */
    const figure = (rounds, one, other, figure, note) => {
      const { value, error } = ratio(rounds, one, other, random);
      return {
        value,
        unit: '×',
        ...figure,
        note: [`± ${error} (standard error) over ${rounds.get(one)?.length} rounds`, note].filter(Boolean).join('; '),
        arms: summary(rounds),
        armsUnit: 'µs',
      };
    };
    const toValues = ratio(noop, 'rxgym', 'raw values', random);
    const best = ratio(cartPole, 'rxgym', 'comlink numbers', random);
    return {
      'step-noop': figure(
        noop,
        'rxgym',
        'raw numbers',
        { limit: 1.25, against: 'raw postMessage to a kept callable that leaves its numbers in a kept buffer' },
        `against one whose values \`toJs\` converts ${toValues.value} ± ${toValues.error}`,
      ),
      'step-seed': figure(noop, 'raw source', 'rxgym', {
        limit: 8,
        atLeast: true,
        against: 'a source string for each step (runPythonAsync and toJs), as a multiple of a no-op step',
      }),
      'step-cartpole': figure(
        cartPole,
        'rxgym',
        'comlink values',
        { limit: 0.6, against: 'Comlink with a kept callable and toJs' },
        `against Comlink with a kept buffer of numbers ${best.value} ± ${best.error}`,
      ),
    };
  },
};
