// How much longer a runtime takes to come up than Pyodide alone. Each boot has a page of its own.
import { inTurns, ratio, summary } from '../arms.mjs';

/** @type {import('../figure.mjs').Group} */
export const boot = {
  name: 'boot',
  ids: ['boot'],
  async measure({ open, rounds, random }) {
    const measured = await inTurns({
      arms: { rxgym: 1, bare: 1 },
      rounds: 3 * rounds,
      warmUp: 1,
      random,
      measure: async (arm) => {
        const page = await open();
        const ms = await page.evaluate((arm) => bench.boot(arm), /** @type {'rxgym' | 'bare'} */ (arm));
        await page.close();
        return [ms];
      },
    });
    return {
      boot: {
        ...ratio(measured, 'rxgym', 'bare', random),
        limit: 1.05,
        against: 'loadPyodide in a bare worker, each in a page of its own; nothing is cached',
        ...summary(measured, 'ms'),
      },
    };
  },
};
