import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ElementHandle, Page, Touchscreen } from 'puppeteer';
import { root } from '../helpers/folders';
import { untilWorkers, useSite } from './site';

const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const site = useSite();

async function middle(button: ElementHandle): Promise<[x: number, y: number]> {
  const { x, y, width, height } = (await button.boundingBox())!;
  return [x + width / 2, y + height / 2];
}

describe('buttons that are held', () => {
  let page: Page;
  let touch: Touchscreen;
  let left: ElementHandle;
  let right: ElementHandle;

  beforeEach(async () => {
    page = await site.open();
    await page.bringToFront();
    touch = page.touchscreen;
    [left, right] = (await Promise.all(
      ['left', 'right'].map((name) =>
        page.evaluateHandle((name) => {
          const button = Object.assign(document.createElement('button'), { id: name, textContent: name });
          button.style.cssText = 'display: block; width: 100px; height: 100px; margin: 20px';
          return document.body.appendChild(button);
        }, name),
      ),
    )) as unknown as [ElementHandle, ElementHandle];
  });

  /** Watches the buttons from now on; returns a function for the actions so far. */
  async function watchButtons() {
    const seen = await page.evaluateHandle(() => {
      const [left, right] = ['left', 'right'].map((name) => document.querySelector<HTMLElement>(`#${name}`)!);
      const actions = { left: 'left', right: 'right', 'left,right': 'both' };
      return bench.watch(bench.rxgym.heldButtons({ left: left!, right: right! }, { idle: 'rest', actions }));
    });
    return () => seen.evaluate(({ values }) => values);
  }
  const marked = () => page.$$eval('[data-pressed]', (buttons) => buttons.map(({ id }) => id));

  it('take several fingers, and each finger until it is lifted, wherever it goes', async () => {
    const actions = await watchButtons();
    const onLeft = await touch.touchStart(...(await middle(left)));
    const onRight = await touch.touchStart(...(await middle(right)));
    expect(await marked()).toEqual(['left', 'right']);
    await onLeft.move(400, 400);
    expect(await actions()).toEqual(['rest', 'left', 'both']);
    await onLeft.end();
    await onRight.end();
    expect(await actions()).toEqual(['rest', 'left', 'both', 'right', 'rest']);
    expect(await marked()).toEqual([]);
  });

  it('take two fingers on one button', async () => {
    const actions = await watchButtons();
    const [x, y] = await middle(left);
    const first = await touch.touchStart(x - 20, y);
    const second = await touch.touchStart(x + 20, y);
    await first.end();
    expect(await marked()).toEqual(['left']);
    await second.end();
    expect(await actions()).toEqual(['rest', 'left', 'rest']);
  });

  it('take the mouse, which may be released anywhere, and Space and Enter', async () => {
    const actions = await watchButtons();
    await page.mouse.move(...(await middle(left)));
    await page.mouse.down();
    await page.mouse.move(400, 400);
    expect(await actions()).toEqual(['rest', 'left']);
    await page.mouse.up();
    await right.focus();
    await page.keyboard.down('Space');
    await page.keyboard.up('Space');
    await page.keyboard.press('Enter');
    expect(await actions()).toEqual(['rest', 'left', 'rest', 'right', 'rest', 'right', 'rest']);
  });

  it('are released when they are removed under the finger', async () => {
    const actions = await watchButtons();
    const finger = await touch.touchStart(...(await middle(left)));
    await left.evaluate((button) => button.remove());
    await finger.move(300, 300);
    await finger.end();
    expect(await actions()).toEqual(['rest', 'left', 'rest']);
  });

  it('are released when the page is hidden', async () => {
    const actions = await watchButtons();
    await page.mouse.move(...(await middle(left)));
    await page.mouse.down();
    const inFront = await site.browser.newPage();
    await inFront.bringToFront();
    await page.waitForFunction(() => document.hidden, { polling: 50 });
    expect(await actions()).toEqual(['rest', 'left', 'rest']);
    await inFront.close();
  });
});

describe('the shared clock', () => {
  it('has no worker on a page that is seen, however often it is subscribed', async () => {
    const page = await site.open();
    let made = 0;
    page.on('workercreated', () => (made += 1));
    const indices = await page.evaluate(async () => {
      const { concatMap, firstValueFrom, lastValueFrom, range, repeat, take, takeUntil, timer, toArray } = bench.rxjs;
      const { ticks } = bench.rxgym;
      const clock$ = ticks(50);
      const others = [clock$, ticks(30), ticks(7)].map((ticks$) => ticks$.subscribe());
      const anew = firstValueFrom(clock$.pipe(take(1), repeat(), takeUntil(timer(1000)), toArray()));
      const between$ = range(0, 10).pipe(concatMap(() => clock$.pipe(take(1))));
      await lastValueFrom(between$);
      const ticked = await anew;
      others.forEach((other) => other.unsubscribe());
      return ticked.map(({ index }) => index);
    });
    expect(made).toBe(0);
    // a beat of its own for each subscription would tick at once each time, thousands of times
    expect(indices.length).toBeLessThanOrEqual(51);
    expect(indices.length).toBeGreaterThan(5);
    expect(indices).toEqual([...new Set(indices)]);
  });

  it('has one worker for all clocks of a page that is hidden, which ends soon after it is seen again', async () => {
    const page = await site.open();
    await page.bringToFront();
    const clocks = await page.evaluateHandle(() =>
      [50, 30, 7].map((fps) => bench.watch(bench.rxgym.ticks(fps).pipe(bench.rxjs.map(({ index }) => index)))),
    );
    const counts = () => clocks.evaluate((all) => all.map(({ values }) => values.length));
    const inFront = await site.open();
    await inFront.bringToFront();
    await untilWorkers(page, 1);
    const hidden = await counts();
    await page.waitForFunction(
      (all, before) => all[2]!.values.length > before[2]! + 7,
      { polling: 50 },
      clocks,
      hidden,
    );
    expect(page.workers()).toHaveLength(1);
    await page.bringToFront();
    await untilWorkers(page, 0);
    for (const { values } of await clocks.evaluate((all) => all.map(({ values }) => ({ values })))) {
      expect(values).toEqual([...new Set(values)]);
    }
  });
});

describe('singleTab', () => {
  it('is true in one tab, false in another, and true there when the first has gone', async () => {
    const [first, second] = [await site.open(), await site.open()];
    const watch = (page: Page) => page.evaluateHandle(() => bench.watch(bench.rxgym.singleTab('spec')));
    type Watch = Awaited<ReturnType<typeof watch>>;
    const valuesOf = async (page: Page, seen: Watch, count: number) => {
      // by a timer: a tab in the background has no animation frames
      await page.waitForFunction(({ values }, count) => values.length >= count, { polling: 50 }, seen, count);
      return seen.evaluate(({ values }) => values);
    };
    const inFirst = await watch(first);
    expect(await valuesOf(first, inFirst, 1)).toEqual([true]);
    const inSecond = await watch(second);
    expect(await valuesOf(second, inSecond, 1)).toEqual([false]);
    await first.goto('about:blank');
    expect(await valuesOf(second, inSecond, 2)).toEqual([false, true]);
  });
});

describe('docs/input.md', () => {
  it('shows the code of the page that is run below', () => {
    const blocks = [...read('docs/input.md').matchAll(/```ts\n([^]*?)```/g)].map(([, code]) => code);
    expect(blocks.join('\n')).toBe(read('spec/browser/pages/input.ts'));
  });

  it('has an example that plays, by keys and by touch, and is alone in its browser', async () => {
    const page = await site.open('input.html');
    await page.bringToFront();
    const shows = (text: string) =>
      page.waitForFunction((text) => document.querySelector('output')!.textContent === text, {}, text);
    await page.keyboard.down('ArrowRight');
    await shows('1');
    await page.keyboard.up('ArrowRight');
    await page.touchscreen.touchStart(...(await middle((await page.$('#left'))!)));
    await shows('0');
    expect(await page.$$eval('p', (paragraphs) => paragraphs.map(({ hidden }) => hidden))).toEqual([true, true]);
  });
});
