import type { Page } from 'puppeteer';
import { useSite } from './site';

describe('the study', () => {
  const site = useSite();

  const scene = (page: Page, name: string) =>
    page.waitForSelector(`.rxgym-trial[data-scene="${name}"]`, { timeout: 60_000 });
  const click = async (page: Page, selector: string) => (await page.waitForSelector(selector))?.click();

  it('goes from consent to a round, and after a reload on behind what was finished', async () => {
    const page = await site.open('../examples/06-study/');
    await click(page, '.jspsych-btn'); // the consent
    await click(page, '#jspsych-instructions-next');
    await click(page, '#jspsych-instructions-next');
    await scene(page, 'waiting');
    expect(await page.$eval('.rxgym-headline', ({ textContent }) => textContent)).toBe('Practice');

    await page.reload();
    await scene(page, 'waiting');
    expect(await page.$eval('.rxgym-headline', ({ textContent }) => textContent)).toBe('Practice');
    await page.click('.rxgym-start');
    await scene(page, 'countdown');
    await scene(page, 'playing');
    await page.keyboard.down('ArrowRight');
    await page.waitForFunction(() =>
      /you [1-9]|bot [1-9]/.test(document.querySelector('.rxgym-score')?.textContent ?? ''),
    );
    await page.keyboard.up('ArrowRight');
    const points = async () => {
      const score = await page.$eval('.rxgym-score', ({ textContent }) => textContent);
      return Number(/you ([0-9.]+), the bot/.exec(score)?.[1]);
    };
    const before = await points();
    expect(before).toBeGreaterThan(0);
    await page.reload(); // in the middle of the round
    await scene(page, 'waiting');
    expect(await points()).toBeGreaterThanOrEqual(before); // the game went on until it was left
    await page.click('.rxgym-start');
    await scene(page, 'over');
    await page.waitForFunction(() => document.querySelector('.rxgym-headline')?.textContent === 'Round 1 of 3', {
      timeout: 60_000,
    });
  });

  it('ends with the questions, the data and their download', async () => {
    const page = await site.open('jspsych.html');
    await page.evaluate(() => {
      const parts = ['consent', 'instructions', 'practice', 'round 1', 'round 2', 'round 3'];
      const rows = parts.map((part) => ({ part }));
      localStorage.setItem('orchard-study', JSON.stringify({ session: 's', rows }));
    });
    await page.goto(`${site.served.url}examples/06-study/`);
    await page.waitForSelector('.jspsych-survey-likert-opts');
    await page.evaluate(() => {
      for (const list of document.querySelectorAll('.jspsych-survey-likert-opts')) list.querySelector('input')?.click();
    });
    await click(page, '#jspsych-survey-likert-next');
    await page.waitForSelector('#end:not([hidden])');
    const rows = await page.$eval(
      '#data',
      async (link) => (await fetch((link as HTMLAnchorElement).href)).json() as Promise<unknown>,
    );
    expect(rows).toMatchObject([
      ...Array<object>(6).fill({}),
      { part: 'questionnaire', response: { helpful: 0, human: 0 } },
    ]);
    expect(await page.evaluate(() => localStorage.getItem('orchard-study'))).toBeNull();
    // the rows are with the records, which are delivered
    const records = await page.evaluate(
      () =>
        new Promise<unknown[]>((resolve) => {
          const opened = indexedDB.open('rxgym-records');
          opened.onsuccess = () => {
            const all = opened.result.transaction('records').objectStore('records').getAll();
            all.onsuccess = () => resolve(all.result);
          };
        }),
    );
    const data = { part: 'questionnaire', response: { helpful: 0, human: 0 } };
    expect(records.at(-1)).toMatchObject({ type: 'note', study: 'orchard-study', session: 's', data });
  });
});
