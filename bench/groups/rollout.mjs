// What a rollout costs beyond the same steps in a Python loop.
import { inTurns, ratio, summary } from '../arms.mjs';
import { missing } from '../figure.mjs';

/** @typedef {import('../figure.mjs').Context} Context */

/** @type {import('../figure.mjs').Group} */
export const rollout = {
  name: 'rollout',
  ids: ['rollout', 'rollout-real'],
  async measure(context) {
    return { rollout: await toy(context), 'rollout-real': await real(context) };
  },
};

/** @param {Context} context */
async function toy({ open, quick, random }) {
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
    ...figure,
    limit: 0.85,
    /** @type {true} */
    atLeast: true,
    against: 'a `for` loop in the same interpreter over the same actions and the same cart-pole, which keeps nothing',
    note: `${note}; against one that appends the results to lists ${ratio(rounds, 'lists', 'rxgym', random).value} ×`,
    ...summary(rounds, 'µs a step'),
  };
}

const names = /** @type {const} */ (['CartPole-v1', 'Pendulum-v1', 'FrozenLake-v1']);

/** The least of Gymnasium's envs. @param {Context} context */
async function real({ open, quick, random, distribution }) {
  if (distribution === null) return missing('not measured: it needs --index-url or RXGYM_DIST');
  const page = await open();
  const all = [];
  for (const name of names) {
    const rounds = await inTurns({
      arms: { rxgym: 1, lists: 1 },
      rounds: quick ? 10 : 30,
      warmUp: 3,
      random,
      measure: async (arm) => [
        await page.evaluate(
          (name, arm, url) => bench.rolloutReal(name, arm, url),
          name,
          /** @type {import('../page/rollout-real.js').RealArm} */ (arm),
          distribution,
        ),
      ],
    });
    all.push({ name, ...ratio(rounds, 'lists', 'rxgym', random), ...summary(rounds, 'µs a step') });
  }
  await page.close();
  const [least] = all.toSorted((one, other) => one.value - other.value);
  if (!least) throw new Error('no env was measured');
  const { name, note, ...figure } = least;
  return {
    ...figure,
    limit: 0.9,
    /** @type {true} */
    atLeast: true,
    against: 'a loop in the same interpreter with `action_space.sample()` that appends what it sees to lists',
    note: `${name}, ${note}; ${all.map(({ name, value }) => `${name} ${value} ×`).join(', ')}`,
  };
}
