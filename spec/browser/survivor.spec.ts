import type { Page } from 'puppeteer';
import { useSite } from './site';

const main = (page: Page, name: string): Promise<number> =>
  page.$eval('main', ({ dataset }, key) => Number(dataset[key]), name);

/** The newest of the time line, as label and value. */
const newest = (page: Page): Promise<Record<string, string>> =>
  page.$eval('#incidents li', (item) => ({
    ...Object.fromEntries(
      Array.from(item.querySelectorAll('dl div'), (pair) => [
        pair.querySelector('dt')!.textContent,
        pair.querySelector('dd')!.textContent,
      ]),
    ),
    title: item.querySelector('h3')!.textContent,
  }));

describe('the survivor', () => {
  const site = useSite();
  let page: Page;

  beforeAll(async () => {
    page = await site.openForAll('../examples/04-survivor/');
  });

  it.each([
    ['kill', 'Worker killed', 'worker gone', /no\. \d+, (the spare|from a snapshot|booted anew)/],
    ['loop', 'Endless loop', 'deadline passed', /no\. \d+, the same/],
    ['fatal', 'Fatal error', 'fatal error', /no\. \d+, (the spare|from a snapshot|booted anew)/],
    ['memory', 'Out of memory', 'memory', /no\. \d+, (the spare|from a snapshot|booted anew)/],
  ])('goes on with the very next step after a fault: %s', async (fault, title, cause, interpreter) => {
    site.allow(/Pyodide|fatal|memory access|stack|^Stack|RuntimeError/i);
    const survived = await main(page, 'incidents');
    const button = `button[data-fault="${fault}"]`;
    await page.waitForSelector(`${button}[aria-disabled="false"]`);
    await page.click(button);
    await page.waitForSelector(`main[data-incidents="${survived + 1}"][data-standing="false"]`);

    const { Steps = '', ...shown } = await newest(page);
    expect(shown).toEqual({
      title,
      Cause: cause,
      'Stood still': expect.stringMatching(/^[\d.]+ m?s$/) as string,
      'Brought back in': expect.stringMatching(/^[\d.]+ m?s$/) as string,
      'Done again': expect.stringMatching(/^\d+, from (a checkpoint|the start)$/) as string,
      Interpreter: expect.stringMatching(interpreter) as string,
    });
    const [last, next] = Steps.replaceAll(',', '').split(' → ').map(Number);
    expect(next).toBe(last! + 1);
    await page.waitForFunction(
      (count) => Number(document.querySelector('main')!.dataset['steps']) > count + 20,
      {},
      await main(page, 'steps'),
    );
  });
});
