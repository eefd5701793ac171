// How old the applied actions are when 240 a second meet an env that takes 30 steps a second.
import { median, quantile, rounded } from '../statistics.mjs';

/** @type {import('../figure.mjs').Group} */
export const overload = {
  name: 'overload',
  ids: ['overload'],
  async measure({ open, quick }) {
    const page = await open();
    const seconds = quick ? 10 : 60;
    const { produced, dropped, ages, took } = await page.evaluate((ms) => bench.overload(ms), seconds * 1000);
    await page.close();
    if (dropped + ages.length !== produced) {
      throw new Error(`${produced} actions, but ${ages.length} steps and ${dropped} drops on timings$`);
    }
    return {
      overload: {
        value: rounded(quantile(ages, 0.99)),
        unit: 'ms',
        limit: rounded(median(took)),
        note:
          `age of the applied action, p99 (at most ${rounded(Math.max(...ages))}), limit one step; ${seconds} s, ` +
          `${produced} actions, ${ages.length} steps, ${dropped} drops on timings$`,
      },
    };
  },
};
