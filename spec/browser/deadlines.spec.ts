import type { Page } from 'puppeteer';
import hangingEnv from '../envs/hanging.py';
import { untilWorkers, useSite } from './site';

describe('a step that passes its deadline', () => {
  describe('on a page that is cross-origin isolated', () => {
    const site = useSite();

    it('is interrupted and discarded; the same interpreter goes on', async () => {
      const page = await site.open();
      const { hung, waiting, ready } = await hangOnce(page);
      expect(hung.error).toMatchObject({ ...late, outcome: 'interrupted' });
      expect(hung.error!['elapsed']).toBeGreaterThanOrEqual(300);
      expect(waiting.values).toEqual([expect.objectContaining({ observation: 'waiting', index: 1, episode: 1 })]);
      expect(ready).toMatchObject({ attempt: 1, isolated: true });
      await untilWorkers(page, 1);
    });
  });

  describe('on a page that is not', () => {
    const site = useSite({ isolated: false });

    it('costs its worker; the env is recovered in the next one, and goes on', async () => {
      const page = await site.open();
      const { hung, waiting, ready, next } = await hangOnce(page);
      expect(hung.error).toMatchObject({ ...late, outcome: 'replaced' });
      expect(waiting.values).toEqual([expect.objectContaining({ observation: 'waiting', index: 1, episode: 1 })]);
      expect(ready).toMatchObject({ attempt: 2, isolated: false });
      expect(next.values).toEqual([expect.objectContaining({ observation: 'next', index: 2, episode: 1 })]);
      await untilWorkers(page, 1);
    });
  });

  const late = { name: 'DeadlineError', exported: true, command: 'step', deadline: 300 };

  async function hangOnce(page: Page) {
    return page.evaluate(async (source) => {
      const runtime = bench.start({ restart: { backoff: 0 } });
      const env = bench.play(source);
      const [hung, waiting] = await Promise.all([
        bench.outcome(env.step('hang', { deadline: 300 })),
        bench.outcome(env.step('waiting')),
      ]);
      const next = await bench.outcome(env.step('next'));
      return { hung, waiting, next, ready: await bench.rxjs.firstValueFrom(runtime.ready$) };
    }, hangingEnv);
  }
});
