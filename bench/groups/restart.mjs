// How long a game stands still when its interpreter dies.
import { missing } from '../figure.mjs';
import { shuffled } from '../../spec/helpers/random.mjs';
import { median, rounded } from '../statistics.mjs';

/**
 * @typedef {import('../page/restart.js').Restart} Restart
 * @typedef {import('../page/restart.js').Way} Way
 * @typedef {import('../page/restart.js').Death} Death
 * @typedef {{ readonly way: Way, readonly death: Death, readonly samples: Restart[] }} Arm
 */

const ways = /** @type {const} */ (['cold', 'spare', 'snapshot']);
const deaths = /** @type {const} */ (['fatal', 'terminated']);

/** @type {import('../figure.mjs').Group} */
export const restart = {
  name: 'restart',
  ids: ['crash-spare', 'crash-snapshot', 'crash-cold'],
  async measure({ rounds, random, open, say }) {
    /** @param {Way} way @param {Death} death */
    async function once(way, death) {
      const page = await open();
      try {
        return await page.evaluate((way, death) => bench.restart(way, death), way, death);
      } finally {
        await page.close();
      }
    }

    /** @type {Arm[]} */
    const arms = ways.flatMap((way) => deaths.map((death) => ({ way, death, samples: [] })));
    await once('cold', 'fatal'); // warm-up
    for (let round = 0; round < rounds; round += 1) {
      for (const arm of shuffled(arms, random)) {
        const sample = await once(arm.way, arm.death);
        say(`${arm.way} ${arm.death}: ${sample.way}, ${rounded(sample.ms)} ms, boot ${rounded(sample.bootMs)} ms`);
        arm.samples.push(sample);
      }
    }

    /** @param {Way} way @param {Death} death */
    const samplesOf = (way, death) => {
      const { samples = [] } = arms.find((arm) => arm.way === way && arm.death === death) ?? {};
      return samples.filter((sample) => sample.way === way);
    };
    /** @param {Way} way @param {string} unit @param {number} limit @param {(sample: Restart) => number} of */
    const figure = (way, unit, limit, of) => {
      const samples = samplesOf(way, 'fatal');
      if (samples.length < rounds) {
        return missing(`${rounds - samples.length} of ${rounds} restarts came another way than by ${way}`);
      }
      const middle = (/** @type {(sample: Restart) => number} */ pick) => rounded(median(samples.map(pick)));
      const terminated = samplesOf(way, 'terminated').map(of);
      return {
        value: middle(of),
        unit,
        limit,
        against: `a cold boot in the same page, ${middle(({ bootMs }) => bootMs)} ms`,
        note:
          `fatal wasm error; median of ${samples.length} pages: crash to step ${middle(({ ms }) => ms)} ms, ` +
          `noticed after ${middle(({ noticedMs }) => noticedMs)} ms, ${middle(({ replayed }) => replayed)} operations replayed. ` +
          `By terminate() from outside: ${terminated.length ? `${rounded(median(terminated))} ${unit}` : 'no sample'}`,
      };
    };
    /** @param {Restart} sample */
    const ratio = ({ ms, bootMs }) => ms / bootMs;
    return {
      'crash-spare': figure('spare', 'ms', 100, ({ ms }) => ms),
      'crash-snapshot': figure('snapshot', '× boot', 0.35, ratio),
      'crash-cold': figure('cold', '× boot', 1.1, ratio),
    };
  },
};
