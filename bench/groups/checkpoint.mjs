// What checkpoints cost a game that steps as fast as it can.
import { shuffled } from '../random.mjs';
import { errorOfMedian, median, rounded } from '../statistics.mjs';

const arms = /** @type {const} */ (['default', 'off', 'control']);
const steps = 1000;

/** @type {import('../figure.mjs').Group} */
export const checkpoint = {
  name: 'checkpoint',
  ids: ['checkpoint'],
  async measure({ open, random, quick, say }) {
    const page = await open();
    /** @param {(typeof arms)[number]} arm */
    const block = (arm) => page.evaluate((arm, steps) => bench.checkpoint.block(arm, steps), arm, steps);
    for (const arm of arms) await block(arm); // warm-up
    const before = await page.evaluate(() => bench.checkpoint.taken());

    /** @type {number[]} in % of a step, one a round */
    const shares = [];
    /** @type {number[]} the same of two arms that do the same */
    const control = [];
    /** @type {number[]} */
    const plain = [];
    const [least, most] = quick ? [10, 10] : [30, 150];
    while (shares.length < least || (shares.length < most && errorOfMedian(shares) > 0.3)) {
      const ms = { default: 0, off: 0, control: 0 };
      for (const arm of shuffled(arms, random)) ms[arm] = await block(arm);
      shares.push((100 * (ms.default - ms.off)) / ms.default);
      control.push((100 * (ms.control - ms.off)) / ms.control);
      plain.push(ms.off);
    }
    const taken = (await page.evaluate(() => bench.checkpoint.taken())) - before;
    say(`${taken} checkpoints in ${shares.length * steps} steps`);
    await page.close();
    const [share, error] = [median(shares), errorOfMedian(shares)];
    return {
      checkpoint: {
        value: rounded(share),
        unit: '% of a step',
        limit: 5,
        against: `steps without checkpoints, ${rounded(1000 * median(plain))} µs each`,
        note:
          `± ${rounded(error, 2)} (standard error of the median of ${shares.length} rounds of ${steps} steps an arm); ` +
          `two arms without checkpoints differ by ${rounded(median(control), 2)} ± ${rounded(errorOfMedian(control), 2)}; ` +
          `a checkpoint every ${Math.round((shares.length * steps) / taken)} steps`,
      },
    };
  },
};
