// How long until Python is ready, against Pyodide alone. Each boot has a page of its own.
import { fileURLToPath } from 'node:url';
import { run } from '../../scripts/run.mjs';
import { inTurns, ratio, summary } from '../arms.mjs';

/** @param {string} path */
const file = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const image = file('dist/bench/cart-pole.image');
const bake = [
  file('bin/rxgym.mjs'),
  'bake',
  file('examples/03-cart-pole/cart_pole.py'),
  '--out',
  image,
  '--brotli',
  '1',
];

/** @type {import('../figure.mjs').Group} */
export const boot = {
  name: 'boot',
  ids: ['boot', 'boot-cached', 'boot-baked'],
  async measure({ open, rounds, random, say }) {
    const baked = await run(process.execPath, bake, { quiet: true });
    if (baked.code !== 0) throw new Error(baked.output);
    say(baked.output.trim().replace(image, 'image'));
    const first = await open();
    await first.evaluate(() => bench.storeSnapshot());
    await first.close();

    const measured = await inTurns({
      arms: { rxgym: 1, bare: 1, cached: 1, baked: 1 },
      rounds: 3 * rounds,
      warmUp: 1,
      random,
      measure: async (arm) => {
        // only that one is a later visit, with storage and caches of the first
        const page = await open(arm !== 'cached');
        const ms = await page.evaluate((arm) => bench.boot(arm), /** @type {import('../page/boot.js').Arm} */ (arm));
        await (arm === 'cached' ? page : page.browserContext()).close();
        return [ms];
      },
    });
    /** @param {string} arm @param {number} limit @param {string} against */
    const figure = (arm, limit, against) => {
      const [own = [], bare = []] = [measured.get(arm), measured.get('bare')];
      const pair = new Map([
        ['rxgym', own],
        ['bare', bare],
      ]);
      return { ...ratio(pair, 'rxgym', 'bare', random), limit, against, ...summary(pair, 'ms') };
    };
    const bare = 'loadPyodide in a bare worker, each in a page of its own';
    return {
      boot: figure('rxgym', 1.05, `${bare}; nothing is cached`),
      'boot-cached': figure(
        'cached',
        0.3,
        `${bare}; rxgym from the snapshot that an earlier visit stored in the browser`,
      ),
      'boot-baked': figure(
        'baked',
        0.35,
        `${bare}; rxgym from a baked image, until its env is ready; nothing is cached`,
      ),
    };
  },
};
