// Whether restarts leave something behind in the page.
import { median, range, rounded } from '../statistics.mjs';

const every = 10;

/** @type {import('../figure.mjs').Group} */
export const restartHeap = {
  name: 'restart-heap',
  ids: ['restart-heap'],
  async measure({ open, quick, say }) {
    const restarts = quick ? 20 : 200;
    const page = await open();
    const devtools = await page.createCDPSession();
    await devtools.send('HeapProfiler.enable');
    async function heap() {
      // What the first collection lets go of may be what held something else.
      for (let round = 0; round < 3; round += 1) await devtools.send('HeapProfiler.collectGarbage');
      const { usedSize, embedderHeapUsedSize, backingStorageSize } = await devtools.send('Runtime.getHeapUsage');
      return usedSize + (embedderHeapUsedSize ?? 0) + (backingStorageSize ?? 0);
    }

    await page.evaluate(() => bench.leak.start());
    await page.evaluate(() => bench.leak.restart()); // the first ones fill caches
    await page.evaluate(() => bench.leak.restart());
    // The noise: the same measurements, with as much play in between, and no restarts.
    /** @type {number[]} */
    const still = [];
    for (let sample = 0; sample < 8; sample += 1) {
      await page.evaluate((steps) => bench.leak.play(steps), 5 * every);
      still.push(await heap());
    }
    const grown = [await heap()];
    for (let count = 1; count <= restarts; count += 1) {
      await page.evaluate(() => bench.leak.restart());
      if (count % (quick ? 2 : every) === 0) grown.push(await heap());
      if (count % every === 0) say(`${count} restarts: ${grown.at(-1)} B`);
    }
    await page.evaluate(() => bench.leak.stop());
    await page.close();
    const few = Math.max(1, Math.floor(grown.length / 4));
    const growth = median(grown.slice(-few)) - median(grown.slice(0, few));
    const noise = range(still);
    return {
      'restart-heap': {
        value: Math.round(growth),
        unit: 'B',
        limit: Math.round(noise),
        against: 'the range of 8 measurements without restarts',
        note:
          `${restarts} real restarts after a fatal error${quick ? ' (quick: 200 are asked for)' : ''}; ` +
          `medians of the first and last ${few} of ${grown.length} measurements; the page's JavaScript and DOM heap ` +
          `and its buffers after garbage collection, ${rounded(median(grown) / 1e6)} MB in all`,
      },
    };
  },
};
