import type { Page } from 'puppeteer';
import { useSite } from './site';

describe('rounds as a trial of jsPsych', () => {
  const site = useSite();
  let page: Page;
  beforeAll(async () => {
    page = await site.openForAll('jspsych.html');
  });
  const scene = (name: string) => page.waitForSelector(`.rxgym-trial[data-scene="${name}"]`, { timeout: 60_000 });
  const data = async (): Promise<readonly Record<string, unknown>[]> => {
    await page.waitForFunction(() => study.data !== undefined || study.error !== undefined, { timeout: 60_000 });
    expect(await page.evaluate(() => study.error)).toBeUndefined();
    return page.evaluate(() => study.data as Record<string, unknown>[]);
  };

  it('boots, waits for the start button, counts down, plays and gives its data', async () => {
    await page.evaluate(() =>
      study.run({
        ...{ count: 2, countdown: 1, seed: 7, fps: 5, steps: true },
        record: { study: 'trial', session: 's' },
        texts: { start: 'Los' },
        prompt: '<p id="below">below</p>',
      }),
    );
    await scene('loading');
    await scene('waiting');
    expect(await page.$eval('.rxgym-start', ({ textContent }) => textContent)).toBe('Los');
    expect(await page.evaluate(() => document.activeElement?.className)).toContain('rxgym-start');
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => document.querySelector('.rxgym-headline')?.textContent === '1');
    await page.waitForSelector('.rxgym-trial[data-scene="playing"] .rxgym-curtain[hidden]');
    await scene('waiting');
    expect(await page.$eval('.rxgym-score', ({ textContent }) => textContent)).toBe('Round 2 of 2 · Points: 2.5');
    await page.click('.rxgym-start');

    const [row] = await data();
    expect(row).toMatchObject({
      ...{ trial_type: 'rxgym-rounds', return: 5, steps: 10, session: 's', recorded: true, lost_rows: 0 },
      rounds: [
        { round: 0, episode: 1, seed: 7, end: 'terminated', steps: 5, return: 2.5 },
        { round: 1, episode: 2, seed: 8, end: 'terminated', steps: 5, return: 2.5 },
      ],
    });
    expect((row?.['step_rows'] as unknown[]).length).toBe(10);
    expect(await page.$('.rxgym-trial')).toBeNull();
    const types = await page.evaluate(
      () =>
        new Promise<string[]>((resolve) => {
          const types: string[] = [];
          study
            .readRecords('trial')
            .subscribe({ next: ({ type }) => types.push(type), complete: () => resolve(types) });
        }),
    );
    expect(types.filter((type) => type === 'step')).toHaveLength(10);
    expect(types).toContain('painted');
  });

  it('begins by itself without a button, and shows the last result', async () => {
    await page.evaluate(() => study.run({ button: false, resultTime: 300 }));
    await scene('over');
    expect(await page.$eval('.rxgym-headline', ({ textContent }) => textContent)).toBe('Over: 2.5');
    expect(await data()).toMatchObject([{ return: 2.5, recorded: null, step_rows: null }]);
  });

  it('shows what failed, and tries again', async () => {
    await page.evaluate(() => {
      let isFirst = true;
      const { env } = study;
      const failing = bench.rxjs.pipe(
        bench.rxjs.map(() => (isFirst ? 'raise' : 'go')),
        bench.rxgym.stepWith(env),
      );
      study.run({ button: false, play: failing });
      document.addEventListener('click', () => (isFirst = false), { capture: true, once: true });
    });
    await scene('failed');
    expect(await page.$eval('.rxgym-problem', ({ textContent }) => textContent)).toContain('ValueError');
    await page.click('.rxgym-retry');
    expect(await data()).toMatchObject([{ return: 2.5 }]);
  });

  it('takes no step more when the experiment is aborted', async () => {
    await page.evaluate(() => study.run({ button: false, count: 1000 }));
    await scene('playing');
    const [before, after] = await page.evaluate(async () => {
      const later = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
      study.jsPsych.abortExperiment('ended');
      await later(200); // the step that is under way
      const before = study.env.latest?.episode;
      await later(500);
      return [before, study.env.latest?.episode];
    });
    expect(after).toBe(before);
    expect(await page.$eval('#study', ({ textContent }) => textContent)).toContain('ended');
  });

  it('rejects a bad parameter by name', async () => {
    await page.evaluate(() => study.run({ recordWait: -1 }));
    await page.waitForFunction(() => study.error !== undefined);
    expect(await page.evaluate(() => study.error)).toContain('recordWait');
  });

  it('shows what ends its stream, and rejects with it', async () => {
    await page.evaluate(() => study.run({ timeLimit: -1 }));
    await scene('broken');
    expect(await page.evaluate(() => study.error)).toContain('timeLimit');
  });

  it.each(['visual', 'data-only'] as const)('is simulated: %s', async (mode) => {
    await page.evaluate((mode) => study.run({ maxSteps: 3 }, mode), mode);
    expect(await data()).toMatchObject([{ steps: 3, rounds: [{ end: 'max-steps' }] }]);
  });
});
