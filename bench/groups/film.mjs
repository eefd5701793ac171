// What frames cost the page's thread: 640 × 480 RGB at 60 a second, painted on a canvas, as Chromium measures it.
import { busyTime } from '../busy.mjs';
import { missing } from '../figure.mjs';
import { rounded } from '../statistics.mjs';

const size = { width: 640, height: 480, fps: 60 };

/** @type {import('../figure.mjs').Group} */
export const film = {
  name: 'film',
  ids: ['frame-rgb-page', 'frame-rgb-tasks'],
  devtools: true,
  async measure({ open, quick }) {
    const page = await open();
    const busy = await busyTime(page);
    /** @param {number} seconds @param {boolean} watched */
    async function play(seconds, watched) {
      const before = await busy();
      const played = await page.evaluate((...film) => bench.frames(...film), size, seconds, watched);
      return { ...played, ms: ((await busy()) - before) / played.after.length };
    }
    await play(2, true); // warm-up
    const seconds = quick ? 5 : 30;
    const before = await busy();
    const alone = await page.evaluate((...film) => bench.images(...film), size, seconds / 3);
    const browsers = ((await busy()) - before) / alone;
    const control = await play(seconds / 3, false);
    const { ms, after, longTasks } = await play(seconds, true);
    await page.close();
    const painted = after.filter((ms) => ms !== null).length;
    return {
      'frame-rgb-page': {
        value: rounded(ms),
        unit: 'ms a frame',
        limit: 1,
        note:
          `all tasks of the page's thread, the browser's own among them; ${painted} of ${after.length} frames painted in ` +
          `${seconds} s; the same ticks and steps without frames cost ${rounded(control.ms)} ms each, and the browser alone, ready ` +
          `images put on the canvas at the same rate, ${rounded(browsers)} ms each`,
      },
      'frame-rgb-tasks': longTasks
        ? {
            value: longTasks.length,
            unit: 'tasks over 50 ms',
            limit: 0,
            note: `in ${seconds} s, the longest ${Math.max(0, ...longTasks)} ms`,
          }
        : missing('the browser does not report long tasks'),
    };
  },
};
