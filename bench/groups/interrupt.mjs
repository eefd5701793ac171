// How soon an endless loop ends after its deadline.
import { quantile, median, rounded } from '../statistics.mjs';

/** @type {import('../figure.mjs').Group} */
export const interrupt = {
  name: 'interrupt',
  ids: ['interrupt'],
  async measure({ open, quick }) {
    const page = await open();
    await page.evaluate(() => bench.interrupt(5)); // warm-up
    const late = await page.evaluate((count) => bench.interrupt(count), quick ? 20 : 100);
    await page.close();
    return {
      interrupt: {
        value: rounded(median(late)),
        unit: 'ms',
        p99: rounded(quantile(late, 0.99)),
        limit: 50,
        note: `env.step of \`while True: pass\`, deadline 100 ms, isolated; median of ${late.length}`,
      },
    };
  },
};
