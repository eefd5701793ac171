// How long a frame takes from Python to the page.
import { inTurns, ratio, summary } from '../arms.mjs';
import { median, quantile, rounded } from '../statistics.mjs';

/** Of each arm, how many frames make a block; see bench/peers/methods.ts. */
const arms = {
  rxgym: 60,
  'raw pixels': 60,
  'comlink pixels': 60,
  'observable-webworker pixels': 60,
  'workerpool pixels': 60,
  'comlink plainPixels': 1,
};
const large = { width: 1920, height: 1080, fps: 30 };

/** @type {import('../figure.mjs').Group} */
export const frames = {
  name: 'frames',
  ids: ['frame-rgba', 'frame-rgba-tail', 'frame-1080p'],
  async measure({ open, quick, random }) {
    const page = await open();
    const rounds = await inTurns({
      arms,
      rounds: quick ? 5 : 30,
      warmUp: 2,
      random,
      measure: (arm, count) =>
        page.evaluate(
          (arm, count) => bench.steps('screen', arm, count),
          /** @type {import('../page/steps.js').Arm} */ (arm),
          count,
        ),
    });
    await page.close();
    const all = summary(rounds, 'µs');
    const own = all.arms['rxgym'];
    const other = all.arms['comlink pixels'];
    const seconds = quick ? 5 : 30;
    return {
      'frame-rgba': {
        ...ratio(rounds, 'rxgym', 'comlink pixels', random),
        limit: 0.35,
        against: 'Comlink with one copy out of Python, transferred; each a step and its frame',
        ...all,
      },
      'frame-rgba-tail': {
        value: rounded((own?.p99 ?? NaN) / (own?.p50 ?? NaN)),
        unit: '× its p50',
        limit: 4,
        note: `p99 of ${own?.samples} frames; Comlink's is ${rounded((other?.p99 ?? NaN) / (other?.p50 ?? NaN))} × its p50`,
      },
      'frame-1080p': await fullHd(open, seconds),
    };
  },
};

/** @param {import('../figure.mjs').Context['open']} open @param {number} seconds */
async function fullHd(open, seconds) {
  const page = await open();
  const play = (/** @type {number} */ seconds) =>
    page.evaluate((film, seconds) => bench.frames(film, seconds, true), large, seconds);
  await play(2); // warm-up
  const { after } = await play(seconds);
  await page.close();
  const interval = 1000 / large.fps;
  const painted = after.filter((ms) => ms !== null);
  const late = after.length - painted.filter((ms) => ms <= interval).length;
  return {
    value: late,
    unit: 'frames late',
    p99: rounded(quantile(painted, 0.99)),
    limit: 0,
    note:
      `of ${after.length} in ${seconds} s: painted more than ${rounded(interval)} ms after their tick, or not at all ` +
      `(${after.length - painted.length}); median ${rounded(median(painted))} ms after it, p99 in ms`,
  };
}
