// How many times as many steps a second there are when eight go in one message.
import { inTurns, ratio, summary } from '../arms.mjs';

/** @typedef {import('../page/lookahead.js').Task} Task */

/** @type {import('../figure.mjs').Group} */
export const lookahead = {
  name: 'lookahead',
  ids: ['lookahead', 'lookahead-noop'],
  async measure({ open, quick, random }) {
    /** @param {Task} task */
    async function figure(task) {
      const page = await open();
      const rounds = await inTurns({
        arms: { one: 1, ahead: 1 },
        rounds: quick ? 10 : 60,
        warmUp: quick ? 3 : 10,
        random,
        measure: async (arm) => [
          await page.evaluate(
            (task, arm) => bench.lookahead(task, arm),
            task,
            /** @type {import('../page/lookahead.js').Arm} */ (arm),
          ),
        ],
      });
      await page.close();
      return {
        ...ratio(rounds, 'one', 'ahead', random),
        limit: 2,
        atLeast: /** @type {const} */ (true),
        ...summary(rounds, 'µs a step'),
      };
    }

    const against = 'stepWith without lookahead: one step a message';
    return {
      lookahead: { ...(await figure('cartPole')), against: `${against}; cart-pole, 8 a message` },
      'lookahead-noop': { ...(await figure('noop')), against: `${against}; an env that does nothing` },
    };
  },
};
