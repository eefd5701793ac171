// What checkpoints cost a game that steps as fast as it can.
import { shuffled } from '../../spec/helpers/random.mjs';
import { median, rounded, standardError } from '../statistics.mjs';

const arms = /** @type {const} */ (['default', 'off', 'control', 'dense']);
const steps = 1000;

/**
 * @typedef {import('../page/checkpoint.js').Arm} Arm
 * @typedef {Record<Arm, import('../page/checkpoint.js').Block>} Round
 */

/**
 * In % of a step; by pairs that were measured within a second, since what else the machine does comes and goes.
 * @param {Arm} arm
 */
const share = (arm) => (/** @type {readonly Round[]} */ rounds) =>
  median(rounds.map((round) => 100 * (1 - round.off.ms / round[arm].ms)));

/** @type {import('../figure.mjs').Group} */
export const checkpoint = {
  name: 'checkpoint',
  ids: ['checkpoint'],
  async measure({ open, random, quick, say }) {
    const page = await open();
    async function round() {
      const empty = { ms: 0, taken: 0 };
      /** @type {Round} */
      const round = { default: empty, off: empty, control: empty, dense: empty };
      for (const arm of shuffled(arms, random)) {
        round[arm] = await page.evaluate((arm, steps) => bench.checkpoint(arm, steps), arm, steps);
      }
      return round;
    }

    for (let warmUp = 0; warmUp < 3; warmUp += 1) await round();
    /** @type {Round[]} */
    const rounds = [];
    const [least, most] = quick ? [20, 20] : [200, 500];
    while (rounds.length < least || (rounds.length < most && standardError(rounds, share('default'), random) > 0.5)) {
      rounds.push(await round());
    }
    await page.close();

    /** @param {Arm} arm */
    const every = (arm) => (rounds.length * steps) / rounds.reduce((sum, round) => sum + round[arm].taken, 0);
    /** @param {Arm} arm */
    const error = (arm) => rounded(standardError(rounds, share(arm), random), 2);
    const value = rounded(share('default')(rounds));
    const plain = 1000 * median(rounds.map(({ off }) => off.ms));
    const dense = share('dense')(rounds) / (100 - share('dense')(rounds)); // of a step without checkpoints
    say(`${value} ± ${error('default')} %`);
    if (!Number.isFinite(every('default'))) throw new Error('no checkpoint was taken');
    return {
      checkpoint: {
        value,
        unit: '% of a step',
        limit: 5,
        against: `steps without checkpoints, ${rounded(plain)} µs each`,
        note:
          `± ${error('default')} (standard error), median of ${rounds.length} pairs of ${steps} steps, a checkpoint every ` +
          `${Math.round(every('default'))} steps; two arms without checkpoints differ by ` +
          `${rounded(share('control')(rounds), 2)} ± ${error('control')}. With a checkpoint every ` +
          `${rounded(every('dense'), 2)} steps one costs ${rounded(plain * dense * every('dense'))} µs, hence ` +
          `${rounded((100 * dense * every('dense')) / every('default'), 2)} % at the default rate`,
      },
    };
  },
};
