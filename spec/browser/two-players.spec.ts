import { join } from 'node:path';
import type { Page } from 'puppeteer';
import { root } from '../helpers/folders';
import { useSite } from './site';

describe('two players', () => {
  const site = useSite({
    mounts: [{ path: '/onnxruntime/', dir: join(root, 'node_modules/onnxruntime-web/dist') }],
  });
  let page: Page;
  const until = (scene: string) =>
    page.waitForFunction(
      (name) => document.querySelector('main')?.dataset['scene'] === name,
      { timeout: 60_000 },
      scene,
    );
  const text = (id: string) => page.$eval(id, ({ textContent }) => textContent);

  beforeAll(async () => {
    page = await site.openForAll('../examples/05-two-players/');
  });

  it.each(['javascript', 'python', 'onnx'])('play a round: the bot picks apples as %s', async (bot) => {
    await page.select('#bot', bot);
    await until('waiting');
    expect(await text('#round')).toBe('1/3');
    await page.click('#go');
    await until('countdown');
    await until('playing');
    await page.waitForFunction(() => Number(document.querySelector('#bots')?.textContent) >= 1, { timeout: 60_000 });
  });

  it('plays on by keys, and stands still while the page is hidden', async () => {
    const steps = () => page.$eval('main', ({ dataset }) => Number(dataset['steps']));
    await page.keyboard.down('ArrowRight');
    const before = await steps();
    await page.waitForFunction((n) => Number(document.querySelector('main')?.dataset['steps']) > n + 3, {}, before);
    await page.keyboard.up('ArrowRight');
    const other = await site.browser.newPage();
    await other.bringToFront();
    await until('paused');
    const paused = await steps();
    await new Promise((resolve) => setTimeout(resolve, 1000));
    expect(await steps()).toBeLessThanOrEqual(paused + 1);
    await page.bringToFront();
    await other.close();
    await until('playing');
    await page.waitForFunction((n) => Number(document.querySelector('main')?.dataset['steps']) > n + 3, {}, paused);
  });
});
