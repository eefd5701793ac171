import type { Page } from 'puppeteer';
import { useSite } from './site';

describe('connect four', () => {
  const site = useSite();
  let page: Page;
  const data = (name: string) => page.$eval('main', ({ dataset }, name) => dataset[name], name);
  const until = (name: string, value: string) =>
    page.waitForFunction(
      (name, value) => document.querySelector('main')?.dataset[name] === value,
      { timeout: 90_000 },
      name,
      value,
    );
  const pieces = (agent: string) => page.$$eval(`#board .${agent}`, ({ length }) => length);

  beforeAll(async () => {
    page = await site.openForAll('../examples/07-connect/');
    await page.select('#budget', '200');
    await page.waitForSelector('#go:not([hidden])', { timeout: 90_000 });
  });

  it('is played by a click, and the bot answers with what it thinks of each column', async () => {
    await page.click('#go');
    await until('turn', 'you');
    await page.click('#board button:nth-child(1)');
    await until('turn', 'bot');
    await until('turn', 'you');
    expect(await data('steps')).toBe('2');
    expect([await pieces('you'), await pieces('bot')]).toEqual([1, 1]);
    const size = await page.$eval('#board .bot', (cell) => [cell.clientWidth, cell.clientHeight]);
    expect(Math.min(...size)).toBeGreaterThan(30);
    expect(Number(await data('games'))).toBeGreaterThan(50);
    expect(await page.$$eval('#chances li', (items) => items.map(({ textContent }) => textContent))).toEqual(
      Array.from({ length: 7 }, () => expect.stringMatching(/^\d+%$/) as string),
    );
  });

  it('is played by arrow keys and Enter', async () => {
    await page.focus('#board button:nth-child(1)');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => document.querySelector('main')?.dataset['steps'] === '4', { timeout: 90_000 });
    const own = await page.$$eval('#board button:nth-child(2) .you', ({ length }) => length);
    expect(own).toBe(1);
  });

  it('goes on to a round that the bot begins', async () => {
    while ((await data('scene')) !== 'over') {
      const isOurs = (await data('turn')) === 'you';
      // whoever plays without a plan loses to the search, or the board is full at last
      if (isOurs) await page.click(`#board button[aria-disabled="false"]`);
      await page.waitForFunction(() => ['you', ''].includes(document.querySelector('main')?.dataset['turn'] ?? ''), {
        timeout: 90_000,
        polling: 50,
      });
    }
    await page.click('#go');
    await until('turn', 'you');
    expect([await pieces('you'), await pieces('bot')]).toEqual([0, 1]);
    expect(await page.$eval('#round', ({ textContent }) => textContent)).toBe('2/4');
  });
});
