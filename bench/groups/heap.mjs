// Whether playing leaks memory: in Python, in the worker, in the page.
import { weigh } from '../heap.mjs';
import { range, rounded } from '../statistics.mjs';

/** @type {import('../figure.mjs').Group} */
export const heap = {
  name: 'heap',
  ids: ['heap', 'heap-proxies', 'heap-page'],
  devtools: true,
  async measure({ open, quick, say }) {
    const [steps, frames] = quick ? [5000, 300] : [100_000, 3000];
    const page = await open();
    const devtools = await page.createCDPSession();
    await devtools.send('HeapProfiler.enable');
    async function measured() {
      const inside = await page.evaluate(() => bench.footprint.measure());
      const { page: bytes, browser } = await weigh(devtools);
      return { ...inside, page: bytes, browser };
    }
    const play = (/** @type {number} */ steps, /** @type {number} */ frames) =>
      page.evaluate((steps, frames) => bench.footprint.play(steps, frames), steps, frames);
    await play(3000, 300); // warm-up
    /** @type {number[]} */
    const still = [];
    for (let sample = 0; sample < 5; sample += 1) {
      await play(500, 20);
      still.push((await measured()).page);
    }
    const before = await measured();
    await play(steps, frames);
    const after = await measured();
    await page.close();
    const grown = after.page - before.page;
    const note = `${steps} steps and ${frames} frames of the cart-pole, 640 × 320 RGB`;
    say(`page ${still.join(' ')}, then ${before.page} and ${after.page} B`);
    return {
      heap: { value: after.wasm - before.wasm, unit: 'B of wasm', limit: 0, note },
      'heap-proxies': { value: after.proxies - before.proxies, unit: 'live proxies', limit: 0, note },
      'heap-page': {
        value: grown,
        unit: 'B',
        limit: Math.max(range([...still, before.page]), 64),
        against: 'the range of 6 measurements with 500 steps in between',
        note:
          `${note}; all that the page holds, of ${rounded(after.page / 1e6)} MB, but for code that the browser compiled ` +
          `(${rounded((after.browser - before.browser) / 1000)} kB more)`,
      },
    };
  },
};
