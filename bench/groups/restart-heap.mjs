// Whether restarts leave something behind in the page.
import { setTimeout } from 'node:timers/promises';
import { median, range, rounded } from '../statistics.mjs';

/** @type {import('../figure.mjs').Group} */
export const restartHeap = {
  name: 'restart-heap',
  ids: ['restart-heap'],
  async measure({ open, quick, say }) {
    const [restarts, every, warmUp] = quick ? [24, 3, 6] : [200, 10, 20];
    const page = await open();
    const devtools = await page.createCDPSession();
    await devtools.send('HeapProfiler.enable');
    async function heap() {
      await page.evaluate(() => bench.leak.tidy());
      // What one collection lets go of may be what held something else, in the page or in the browser.
      for (let round = 0; round < 4; round += 1) {
        await devtools.send('HeapProfiler.collectGarbage');
        await setTimeout(50);
      }
      const { usedSize, embedderHeapUsedSize, backingStorageSize } = await devtools.send('Runtime.getHeapUsage');
      return usedSize + (embedderHeapUsedSize ?? 0) + (backingStorageSize ?? 0);
    }

    // The first restarts and steps fill caches and get code compiled.
    await page.evaluate(() => bench.leak.play(1500));
    await page.evaluate((times) => bench.leak.restart(times), warmUp);
    // The noise: the same measurements, with as much play in between, and no restarts.
    /** @type {number[]} */
    const still = [];
    for (let sample = 0; sample < 10; sample += 1) {
      await page.evaluate((steps) => bench.leak.play(steps), 5 * every);
      still.push(await heap());
    }
    say(`without restarts: ${still.join(' ')} B`);
    const grown = [await heap()];
    for (let count = every; count <= restarts; count += every) {
      await page.evaluate((times) => bench.leak.restart(times), every);
      grown.push(await heap());
      say(`${count} restarts: ${grown.at(-1)} B`);
    }
    await page.evaluate(() => bench.leak.stop());
    await page.close();
    const few = Math.max(1, Math.floor(grown.length / 4));
    const growth = median(grown.slice(-few)) - median(grown.slice(0, few));
    return {
      'restart-heap': {
        value: Math.round(growth),
        unit: 'B',
        limit: Math.round(range(still)),
        against: 'the range of 10 measurements without restarts',
        note:
          `${restarts} real restarts after os._exit${quick ? ' (quick; 200 are asked for)' : ''}, ${warmUp} before; ` +
          `medians of the first and last ${few} of ${grown.length} measurements of the page's JavaScript and DOM heap ` +
          `and its buffers after garbage collection, ${rounded(median(grown) / 1e6)} MB in all`,
      },
    };
  },
};
