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
    /** @param {'loop' | 'bareLoop'} arm @param {number} time */
    const play = async (arm, time) => {
      const before = await busy();
      const { steps, late } = await page.evaluate((arm, ms) => bench[arm](ms), arm, 1000 * time);
      return { steps, late, ms: (await busy()) - before };
    };
    /** In ms. @param {'loop' | 'bareLoop'} arm */
    const tickOf = async (arm) => {
      // both have a boot in them, which is no part of a tick
      const [short, long] = [await play(arm, 5), await play(arm, 5 + seconds)];
      const steps = long.steps - short.steps;
      return { steps, late: long.late, ms: (long.ms - short.ms) / steps };
    };
    await play('loop', 5); // warm-up
    const tick = await tickOf('loop');
    const least = await tickOf('bareLoop');
    const model = await page.evaluate(
      (bytes) => URL.createObjectURL(new Blob([Uint8Array.from(atob(bytes), (character) => character.charCodeAt(0))])),
      writePolicy().toString('base64'),
    );
    const thinking = await page.evaluate((time, url) => bench.loop(time, url), 1000 * seconds, model);
    await page.close();
    return {
      'loop-overhead': {
        value: rounded(tick.ms),
        unit: 'ms',
        limit: 0.5,
        note: `page-thread time a tick of a declared two-agent round with records, without boot and painting; ${tick.steps} steps. A bare timer, message and answer take ${rounded(least.ms)} ms in the same page`,
      },
      'loop-late': {
        value: thinking.late + thinking.missed,
        unit: 'ticks',
        limit: 0,
        note: `late by more than half a period, or left out, at 30 a second with an ONNX bot of 157 kB; ${thinking.steps} steps, worst ${rounded(thinking.worst)} ms. Of a bare timer in the same page ${least.late} were late`,
      },
    };
  },
};
