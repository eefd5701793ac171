// What a rollout costs beyond the same steps in a Python loop.
import { inTurns, ratio, summary } from '../arms.mjs';

/** @type {import('../figure.mjs').Group} */
export const rollout = {
  name: 'rollout',
  ids: ['rollout'],
  async measure({ open, quick, random }) {
    const page = await open();
    const rounds = await inTurns({
      arms: { rxgym: 1, loop: 1, lists: 1 },
      rounds: quick ? 10 : 60,
      warmUp: 3,
      random,
      measure: async (arm) => [
        await page.evaluate((arm) => bench.rollout(arm), /** @type {import('../page/rollout.js').Arm} */ (arm)),
      ],
    });
    await page.close();
    const { note, ...figure } = ratio(rounds, 'loop', 'rxgym', random);
    return {
      rollout: {
        ...figure,
        limit: 0.85,
        atLeast: true,
        against:
          'a `for` loop in the same interpreter over the same actions and the same cart-pole, which keeps nothing',
        note: `${note}; against one that appends the results to lists ${ratio(rounds, 'lists', 'rxgym', random).value} ×`,
        ...summary(rounds, 'µs a step'),
      },
    };
  },
};
