// How many more steps a second a pool of two takes than one env.
import { median, quantile, rounded } from '../statistics.mjs';

/** @type {import('../figure.mjs').Group} */
export const pool = {
  name: 'pool',
  ids: ['pool'],
  async measure({ open, quick, say, random }) {
    const page = await open();
    /** @param {'one' | 'two'} arm */
    const rate = async (arm) => {
      const { rate, took } = await page.evaluate((arm) => bench.poolRate(arm, 1000), arm);
      all[arm].push(...took);
      return rate;
    };
    /** @type {{ one: number[], two: number[] }} */
    const all = { one: [], two: [] };
    for (const arm of /** @type {const} */ (['one', 'two', 'one', 'two'])) await rate(arm); // warm-up
    /** @type {{ one: number, two: number }[]} */
    const blocks = [];
    for (let round = 0; round < (quick ? 5 : 20); round += 1) {
      // one arm around the other, in random order, so that other load on the machine falls on both
      const [outer, inner] =
        random() < 0.5 ? /** @type {const} */ (['one', 'two']) : /** @type {const} */ (['two', 'one']);
      const before = await rate(outer);
      const between = await rate(inner);
      const around = (before + (await rate(outer))) / 2;
      blocks.push(outer === 'one' ? { one: around, two: between } : { one: between, two: around });
    }
    await page.close();
    const ratios = blocks.map(({ one, two }) => two / one);
    const typical = (/** @type {'one' | 'two'} */ arm) => rounded(median(blocks.map((block) => block[arm])));
    say(`ratios ${ratios.map((ratio) => ratio.toFixed(2)).join(' ')}`);
    return {
      pool: {
        value: rounded(median(ratios)),
        unit: '×',
        p99: rounded(quantile(ratios, 0.01)),
        limit: 1.7,
        atLeast: true,
        against: `one: ${typical('one')} steps/s`,
        // the steps that other load on the machine leaves undisturbed
        note:
          `by the least disturbed tenth of the steps ${rounded((2 * quantile(all.one, 0.1)) / quantile(all.two, 0.1))} ×; ` +
          `pool of 2: ${typical('two')} steps/s of 1 ms of Python each`,
      },
    };
  },
};
