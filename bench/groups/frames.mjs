// How long a picture takes from Python to the page, and what a film of them costs the page's thread.
import { inTurns, ratio, summary } from '../arms.mjs';
import { missing } from '../figure.mjs';
import { median, quantile, rounded } from '../statistics.mjs';

/** Of each arm, how many pictures make a block; see bench/peers/methods.ts. */
const arms = {
  rxgym: 60,
  'raw pixels': 60,
  'comlink pixels': 60,
  'observable-webworker pixels': 60,
  'workerpool pixels': 60,
  'comlink plainPixels': 1,
};
const small = { width: 640, height: 480, fps: 60 };
const large = { width: 1920, height: 1080, fps: 30 };

/** @type {import('../figure.mjs').Group} */
export const frames = {
  name: 'frames',
  ids: ['frame-rgba', 'frame-rgba-tail', 'frame-rgb-page', 'frame-rgb-tasks', 'frame-1080p'],
  async measure({ open, quick, random, say }) {
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
    const all = summary(rounds);
    for (const [arm, { p50, p99 }] of Object.entries(all)) say(`640 × 480 RGBA, ${arm}: ${p50} µs, p99 ${p99}`);
    const { value, error } = ratio(rounds, 'rxgym', 'comlink pixels', random);
    const own = all['rxgym'];
    const seconds = quick ? 5 : 30;
    return {
      'frame-rgba': {
        value,
        unit: '×',
        limit: 0.35,
        against: 'Comlink with one copy out of Python, transferred',
        note: `± ${error} (standard error) over ${rounds.get('rxgym')?.length} rounds; each a step and its picture`,
        arms: all,
        armsUnit: 'µs',
      },
      'frame-rgba-tail': {
        value: rounded((own?.p99 ?? NaN) / (own?.p50 ?? NaN)),
        unit: '× its p50',
        limit: 4,
        note: `p99 of ${own?.samples} pictures`,
      },
      ...(await rgb(open, seconds)),
      'frame-1080p': await fullHd(open, seconds),
    };
  },
};

/**
 * What the page's thread does for 640 × 480 RGB at 60 a second, painted on a canvas, by Chromium's own account.
 * @param {import('../figure.mjs').Context['open']} open @param {number} seconds
 */
async function rgb(open, seconds) {
  const page = await open();
  const devtools = await page.createCDPSession();
  await devtools.send('Performance.enable');
  /** @param {number} seconds @param {boolean} watched */
  async function play(seconds, watched) {
    const busy = async () => {
      const { metrics } = await devtools.send('Performance.getMetrics');
      return 1000 * (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? NaN);
    };
    const before = await busy();
    const played = await page.evaluate((film, ...rest) => bench.frames(film, ...rest), small, seconds, watched);
    const ms = ((await busy()) - before) / played.after.length;
    return { ...played, ms, painted: played.after.filter((after) => after !== null).length };
  }
  await play(2, true); // warm-up
  const control = await play(Math.min(seconds, 10), false);
  const { ms, painted, after, longTasks } = await play(seconds, true);
  await page.close();
  const longest = Math.max(0, ...(longTasks ?? []));
  return {
    'frame-rgb-page': {
      value: rounded(ms),
      unit: 'ms a frame',
      limit: 1,
      note:
        `all tasks of the page's thread, the browser's own among them; ${painted} of ${after.length} frames painted in ` +
        `${seconds} s; without frames, ticks and steps alone cost ${rounded(control.ms)} ms each`,
    },
    'frame-rgb-tasks': longTasks
      ? {
          value: longTasks.length,
          unit: 'tasks over 50 ms',
          limit: 0,
          note: `the longest ${longest} ms, in ${seconds} s`,
        }
      : missing('the browser does not tell of long tasks'),
  };
}

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
