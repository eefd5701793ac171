// Whether a killed browser loses records that a page was told of, or has some twice.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launch } from '../../scripts/browser.mjs';

/** @typedef {import('../page/records.js').Place} Place */

/** @type {import('../figure.mjs').Group} */
export const records = {
  name: 'records',
  ids: ['records'],
  devtools: true,
  async measure({ open, quick, random, seed, say }) {
    const kills = quick ? 3 : 20;
    const userDataDir = mkdtempSync(join(tmpdir(), 'rxgym-bench-'));
    const page = await open();
    const url = page.url();
    await page.close();
    const start = async () => {
      const browser = await launch({ userDataDir });
      const page = await browser.newPage();
      await page.goto(url, { waitUntil: 'load' });
      return { browser, page };
    };

    /** @type {readonly Place[]} */
    let all = [];
    let wrong = 0;
    try {
      for (let kill = 0; kill < kills; kill += 1) {
        const { browser, page } = await start();
        const to = all.length + 500 + Math.floor(1000 * random());
        const told = await new Promise((resolve, reject) => {
          let stored = -1;
          page.on('console', (message) => {
            const text = message.text();
            if (text.startsWith('failed ')) reject(new Error(text));
            if (!text.startsWith('stored ')) return;
            stored = Number(text.slice('stored '.length));
            if (stored >= to) browser.process()?.kill('SIGKILL');
          });
          browser.once('disconnected', () => resolve(stored));
          page.evaluate((seed) => bench.records.play(seed), seed + kill).catch(() => undefined); // it dies
        });
        const after = await start();
        const now = await after.page.evaluate(() => bench.records.read());
        await after.browser.close();
        const faults = faultsOf(now, all, told);
        wrong += faults;
        all = now;
        say(`kill ${kill + 1}: told of ${told + 1}, there are ${now.length}, ${faults} wrong`);
      }
    } finally {
      rmSync(userDataDir, { recursive: true, force: true, maxRetries: 5 });
    }
    const steps = all.filter(([, , , index]) => index !== null).length;
    return {
      records: {
        value: wrong,
        unit: 'records',
        limit: 0,
        note: `lost, doubled or out of order, over ${kills} kills of the browser in ${steps} steps`,
      },
    };
  },
};

/**
 * @param {readonly Place[]} now
 * @param {readonly Place[]} before
 * @param {number} told Up to which number the page was told that they are on disk.
 */
function faultsOf(now, before, told) {
  const lost = Math.max(0, told + 1 - now.length);
  const changed = before.filter((place, i) => String(place) !== String(now[i])).length;
  const misplaced = now.filter(([seq], i) => seq !== i).length;
  const steps = now.filter(([, , , index]) => index !== null);
  const skipped = steps.filter(([, page, episode, index], i) => {
    const [, pageBefore, episodeBefore, indexBefore] = steps[i - 1] ?? [];
    const isNext = page === pageBefore && episode === episodeBefore;
    return index !== (isNext ? Number(indexBefore) + 1 : 1);
  }).length;
  return lost + changed + misplaced + skipped;
}
