// How long a game stands still when its interpreter crashes.
import { missing } from '../figure.mjs';
import { shuffled } from '../../spec/helpers/random.mjs';
import { median, rounded } from '../statistics.mjs';

/**
 * @typedef {import('../page/restart.js').Restart} Restart
 * @typedef {import('../page/restart.js').BootKind} BootKind
 * @typedef {import('../page/restart.js').CrashKind} CrashKind
 * @typedef {{ readonly how: BootKind, readonly crash: CrashKind, readonly samples: Restart[] }} Arm
 */

const bootKinds = /** @type {const} */ (['cold', 'spare', 'snapshot']);
const crashKinds = /** @type {const} */ (['fatal', 'terminated']);

/** @type {import('../figure.mjs').Group} */
export const restart = {
  name: 'restart',
  ids: ['crash-spare', 'crash-snapshot', 'crash-cold'],
  async measure({ rounds, random, open, say }) {
    /** @param {BootKind} how @param {CrashKind} crash */
    async function once(how, crash) {
      const page = await open();
      try {
        return await page.evaluate((how, crash) => bench.restart(how, crash), how, crash);
      } finally {
        await page.close();
      }
    }

    /** @type {Arm[]} */
    const arms = bootKinds.flatMap((how) => crashKinds.map((crash) => ({ how, crash, samples: [] })));
    await once('cold', 'fatal'); // warm-up
    for (let round = 0; round < rounds; round += 1) {
      for (const arm of shuffled(arms, random)) {
        const sample = await once(arm.how, arm.crash);
        say(`${arm.how} ${arm.crash}: ${sample.how}, ${rounded(sample.ms)} ms, boot ${rounded(sample.bootMs)} ms`);
        arm.samples.push(sample);
      }
    }

    /** @param {BootKind} how @param {CrashKind} crash */
    const samplesOf = (how, crash) => {
      const { samples = [] } = arms.find((arm) => arm.how === how && arm.crash === crash) ?? {};
      return samples.filter((sample) => sample.how === how);
    };
    /** @param {BootKind} how @param {string} unit @param {number} limit @param {(sample: Restart) => number} of */
    const figure = (how, unit, limit, of) => {
      const samples = samplesOf(how, 'fatal');
      if (samples.length < rounds) {
        return missing(`${rounds - samples.length} of ${rounds} restarts did not boot by ${how}`);
      }
      const middle = (/** @type {(sample: Restart) => number} */ pick) => rounded(median(samples.map(pick)));
      const terminated = samplesOf(how, 'terminated').map(of);
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
