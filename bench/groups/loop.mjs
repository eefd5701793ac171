// What a declared game costs the page, and whether its clock is held up by a bot that thinks.
import { busyTime } from '../busy.mjs';
import { rounded } from '../statistics.mjs';
import { writePolicy } from '../policy.mjs';

/** @type {import('../figure.mjs').Group} */
export const loop = {
  name: 'loop',
  ids: ['loop-overhead', 'loop-late'],
  devtools: true,
  async measure({ open, quick }) {
    const page = await open();
    const busy = await busyTime(page);
    const seconds = quick ? 10 : 60;
    /** @param {number} time */
    const play = async (time) => {
      const before = await busy();
      const { steps } = await page.evaluate((ms) => bench.loop(ms), 1000 * time);
      return { steps, ms: (await busy()) - before };
    };
    await play(5); // warm-up
    // both have a boot in them, which is no part of a tick
    const [short, long] = [await play(5), await play(5 + seconds)];
    const ms = (long.ms - short.ms) / (long.steps - short.steps);
    const model = await page.evaluate(
      (bytes) => URL.createObjectURL(new Blob([Uint8Array.from(atob(bytes), (character) => character.charCodeAt(0))])),
      writePolicy().toString('base64'),
    );
    const thinking = await page.evaluate((time, url) => bench.loop(time, url), 1000 * seconds, model);
    await page.close();
    return {
      'loop-overhead': {
        value: rounded(ms),
        unit: 'ms',
        limit: 0.5,
        note: `page-thread time a tick of a declared two-agent round with records, without boot and painting; ${long.steps - short.steps} steps`,
      },
      'loop-late': {
        value: thinking.late + thinking.missed,
        unit: 'ticks',
        limit: 0,
        note: `late by more than half a period, or left out, at 30 a second with an ONNX bot of 157 kB; ${thinking.steps} steps, worst ${rounded(thinking.worst)} ms`,
      },
    };
  },
};
