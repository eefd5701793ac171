// Whether restarts leak memory in the page.
import { weigh } from '../heap.mjs';
import { median, quantile, rounded } from '../statistics.mjs';

/** In bytes: less than this a restart is no leak. */
const leastObject = 16;

/** @type {import('../figure.mjs').Group} */
export const restartHeap = {
  name: 'restart-heap',
  ids: ['restart-heap'],
  devtools: true,
  async measure({ open, quick, say }) {
    const [samples, every, warmUp] = quick ? [5, 5, 10] : [20, 10, 20];
    const page = await open();
    const devtools = await page.createCDPSession();
    await devtools.send('HeapProfiler.enable');
    async function heap() {
      await page.evaluate(() => bench.leak.tidy());
      return weigh(devtools);
    }

    const arms = {
      restart: () => page.evaluate((times) => bench.leak.restart(times), every),
      control: () => page.evaluate((times) => bench.leak.control(times), every),
    };
    // The first restarts and steps fill caches.
    await page.evaluate(() => bench.leak.play(1500));
    await page.evaluate((times) => bench.leak.restart(times), warmUp);
    const grown = { control: /** @type {number[]} */ ([]), restart: /** @type {number[]} */ ([]) };
    let browser = 0;
    for (const arm of /** @type {const} */ (['control', 'restart'])) {
      // The last calls leave traces that do not grow.
      for (let time = 0; time < 2; time += 1) await arms[arm]();
      let before = await heap();
      for (let sample = 1; sample <= samples; sample += 1) {
        await arms[arm]();
        const after = await heap();
        grown[arm].push((after.page - before.page) / every);
        if (arm === 'restart') browser += after.browser - before.browser;
        say(`${arm} ${sample * every}: ${rounded((after.page - before.page) / every)} B each`);
        before = after;
      }
    }
    await page.evaluate(() => bench.leak.stop());
    await page.close();
    const restarts = samples * every;
    const total = every * grown.restart.reduce((sum, bytes) => sum + bytes);
    return {
      'restart-heap': {
        value: rounded(median(grown.restart) - median(grown.control)),
        unit: 'B a restart',
        limit: Math.max(leastObject, rounded(quantile(grown.control, 0.75) - quantile(grown.control, 0.25))),
        against: `as many workers that come and go without rxgym; the limit is the middle half of their ${samples} measurements, or a small object`,
        note:
          `median of ${samples} × ${every} real restarts after os._exit, ${warmUp} before; all that the page holds, ` +
          `counted from heap snapshots, ${rounded(total / 1000)} kB grown in all. Not counted: code that the browser ` +
          `compiled and its list of long tasks, ${rounded(browser / restarts)} B a restart`,
      },
    };
  },
};
