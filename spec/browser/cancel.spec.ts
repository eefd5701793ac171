import type { Page } from 'puppeteer';
import hangingEnv from '../envs/hanging.py';
import { untilWorkers, useSite } from './site';

describe('unsubscribing', () => {
  describe('on a page that is cross-origin isolated', () => {
    const site = useSite({ cold: true }); // a memory that was made in Node cannot sleep in a browser

    it('interrupts the command that runs, and the same interpreter goes on', async () => {
      const page = await site.open();
      const [before, result] = [page.workers(), await cancelHangingStep(page)] as const;

      expect(before).toEqual([]);
      expect(result.crashes).toEqual([expect.objectContaining({ type: 'recovered', attempt: 1 })]);
      expect(result.ready).toMatchObject({ attempt: 1, isolated: true });
      expect(result.next.values).toEqual([expect.objectContaining({ observation: 'next', index: 1, episode: 1 })]);
    });

    it('loses no interrupt, whatever Python was doing at that moment', async () => {
      const page = await site.open();
      const crashes = await page.evaluate(async (source) => {
        const { filter } = bench.rxjs;
        const runtime = bench.start({ deadlines: { grace: 5000 } });
        const deaths = bench.watch(runtime.incidents$.pipe(filter(({ type }) => type === 'crash')));
        const env = bench.play(source);
        for (let i = 0; i < 150; i++) {
          const hanging = bench.printed('hanging');
          const step = env.step('hang').subscribe();
          await hanging;
          step.unsubscribe();
        }
        await bench.outcome(env.step('next'));
        return deaths.values;
      }, hangingEnv);

      expect(crashes).toEqual([]);
    });

    it('takes a waiting command out of the queue, and Python never runs it', async () => {
      const page = await site.open();
      const { outcomes, ran } = await page.evaluate(async () => {
        const runtime = bench.start();
        await bench.run('ran = []');
        const first = bench.outcome(runtime.run("import time; time.sleep(0.2); ran.append('first')"));
        const cancelled = runtime.run("ran.append('cancelled')").subscribe();
        const last = bench.outcome(runtime.run("ran.append('last')"));
        cancelled.unsubscribe();
        return { outcomes: await Promise.all([first, last]), ran: await bench.run('ran') };
      });

      expect(outcomes.map(({ error }) => error)).toEqual([null, null]);
      expect(ran).toEqual(['first', 'last']);
    });
  });

  describe('on a page that is not', () => {
    const site = useSite({ isolated: false });

    it('replaces the worker of a command that does not end within the grace', async () => {
      const page = await site.open();
      const { crashes, ready, next } = await cancelHangingStep(page);

      expect(crashes).toEqual([
        {
          type: 'crash',
          error: expect.objectContaining({
            phase: 'step',
            attempt: 1,
            cause: { kind: 'cancelled', message: expect.stringContaining('200 ms') },
          }),
        },
        expect.objectContaining({ type: 'recovered', attempt: 2 }),
      ]);
      expect(ready).toMatchObject({ attempt: 2, isolated: false });
      expect(next.values).toEqual([expect.objectContaining({ observation: 'next', index: 1, episode: 1 })]);
      await untilWorkers(page, 1);
    });
  });

  /** Unsubscribes from a step once Python has printed that it hangs, and takes the next step as soon as possible. */
  async function cancelHangingStep(page: Page) {
    return page.evaluate(async (source) => {
      const { firstValueFrom } = bench.rxjs;
      const runtime = bench.start({ deadlines: { grace: 200 }, restart: { backoff: 0 } });
      const crashes = bench.watch(runtime.incidents$);
      const env = bench.play(source);
      const hanging = bench.printed('hanging');
      const step = env.step('hang').subscribe();
      await hanging;
      step.unsubscribe();
      const next = await bench.outcome(env.step('next').pipe(bench.rxjs.retry(1)));
      return { crashes: crashes.values, ready: await firstValueFrom(runtime.ready$), next };
    }, hangingEnv);
  }
});
