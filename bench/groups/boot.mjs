// How long until Python is ready, against Pyodide alone. Each boot has a page of its own.
import { fileURLToPath } from 'node:url';
import { run } from '../../scripts/run.mjs';
import { inTurns, ratio, summary } from '../arms.mjs';

/** @param {string} path */
const file = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const image = file('dist/bench/cart-pole.image');
const bake = [file('bin/rxgym.mjs'), 'bake', file('examples/03-cart-pole/cart_pole.py'), '--out', image];

/** @type {import('../figure.mjs').Group} */
export const boot = {
  name: 'boot',
  ids: ['boot', 'boot-again', 'boot-cached', 'boot-baked'],
  async measure({ open, rounds, random, say }) {
    const baked = await run(process.execPath, bake, { quiet: true });
    if (baked.code !== 0) throw new Error(baked.output);
    say(baked.output.trim().replace(image, 'image'));
    const first = await open();
    await first.evaluate(() => bench.keepPicture());
    await first.close();

    /** Where the arms come to that find what earlier visits left. */
    const places = { cached: first.browserContext(), ...(await visited(open)) };

    const measured = await inTurns({
      arms: { rxgym: 1, bare: 1, cached: 1, baked: 1, again: 1, 'bare again': 1 },
      rounds: 3 * rounds,
      warmUp: 1,
      random,
      measure: async (arm) => {
        const place = places[/** @type {keyof typeof places} */ (arm)];
        const page = await open(place ?? true);
        const ms = await page.evaluate((arm) => bench.boot(arm), work[arm] ?? 'rxgym');
        await (place ? page : page.browserContext()).close();
        return [ms];
      },
    });
    for (const place of [places.again, places['bare again']]) await place.close();
    /** @param {string} arm @param {number} limit @param {string} against */
    const figure = (arm, limit, against, other = 'bare') => {
      const [own = [], bare = []] = [measured.get(arm), measured.get(other)];
      const pair = new Map([
        ['rxgym', own],
        ['bare', bare],
      ]);
      return { ...ratio(pair, 'rxgym', 'bare', random), limit, against, ...summary(pair, 'ms') };
    };
    const bare = 'loadPyodide in a bare worker, each in a page of its own';
    return {
      boot: figure('rxgym', 1.05, `${bare}; nothing is cached`),
      'boot-again': figure(
        'again',
        1.05,
        `${bare}; for both the browser has kept Pyodide's files and the WebAssembly that it compiled`,
        'bare again',
      ),
      'boot-cached': figure('cached', 0.3, `${bare}; rxgym from the picture that an earlier visit left in the browser`),
      'boot-baked': figure(
        'baked',
        0.35,
        `${bare}; rxgym from a baked image, until its env is ready; nothing is cached`,
      ),
    };
  },
};

/** What bench.boot is asked for; of the others, 'rxgym'. @type {Readonly<Record<string, import('../page/boot.js').Arm>>} */
const work = { bare: 'bare', cached: 'cached', baked: 'baked', 'bare again': 'bare' };

/**
 * Visits, for each of the two, a context of its own, until the browser has kept what it compiled.
 * @param {import('../figure.mjs').Context['open']} open
 */
async function visited(open) {
  const [again, bareAgain] = [(await open(true)).browserContext(), (await open(true)).browserContext()];
  for (let visit = 0; visit < 4; visit += 1) {
    for (const [arm, context] of /** @type {const} */ ([
      ['rxgym', again],
      ['bare', bareAgain],
    ])) {
      const page = await open(context);
      await page.evaluate((arm) => bench.boot(arm), arm);
      await new Promise((resolve) => setTimeout(resolve, 4000));
      await page.close();
    }
  }
  return { again, 'bare again': bareAgain };
}
