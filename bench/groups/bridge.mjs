// What the bridge takes of a step in the worker, beside the env's own, where observations and rewards are NumPy's.
import { missing } from '../figure.mjs';
import { median, rounded, standardError } from '../statistics.mjs';

/** @type {import('../figure.mjs').Group} */
export const bridge = {
  name: 'bridge',
  ids: ['bridge-real'],
  async measure({ open, quick, random, distribution }) {
    if (distribution === null) return { 'bridge-real': missing('not measured: it needs --index-url or RXGYM_DIST') };
    const page = await open();
    const pairs = await page.evaluate((blocks, url) => bench.bridge(blocks, url), quick ? 1000 : 5000, distribution);
    await page.close();
    const beside = pairs.map(([whole, bare]) => whole - bare);
    const alone = pairs.map(([, bare]) => bare);
    return {
      'bridge-real': {
        value: rounded(median(beside)),
        unit: 'µs',
        limit: 8,
        against: `the env's own step in the same interpreter, ${rounded(median(alone))} µs, which is taken off`,
        note:
          `± ${rounded(standardError(beside, median, random), 2)} (standard error) over ${pairs.length} pairs of blocks; ` +
          'a float32 array of NumPy as observation, a float32 of NumPy as reward',
      },
    };
  },
};
