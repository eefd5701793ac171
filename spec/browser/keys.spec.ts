import type { Page } from 'puppeteer';
import counter from '../envs/counter.py';
import { useSite } from './site';

describe('real keys', () => {
  const site = useSite();
  let page: Page;

  beforeEach(async () => {
    page = await site.open();
    await page.bringToFront();
  });

  /** Listens from now on; returns a function for the actions so far. */
  async function watchKeys(mapping: Readonly<Record<string, string>>) {
    const seen = await page.evaluateHandle(
      (mapping) => bench.watch(bench.rxgym.pressedKeys(mapping, { idle: 'rest' })),
      mapping,
    );
    return () => seen.evaluate(({ values }) => values);
  }

  it('are the action of pressedKeys from their press to their release', async () => {
    const actions = await watchKeys({ ArrowLeft: 'left', ArrowRight: 'right', 'ArrowLeft,ArrowUp': 'jump left' });
    await page.keyboard.down('ArrowLeft');
    await page.keyboard.down('ArrowUp');
    await page.keyboard.up('ArrowUp');
    await page.keyboard.down('ArrowRight');
    await page.keyboard.up('ArrowLeft');
    await page.keyboard.up('ArrowRight');
    await page.keyboard.press('x');

    expect(await actions()).toEqual(['rest', 'left', 'jump left', 'left', 'right', 'rest']);
  });

  it('count as released when the page loses the focus', async () => {
    const actions = await watchKeys({ a: 'held' });
    await page.keyboard.down('a');
    await page.evaluate(() => dispatchEvent(new Event('blur')));
    await page.keyboard.up('a');

    expect(await actions()).toEqual(['rest', 'held', 'rest']);
  });

  it('play an env: the beat of the ticks takes the action that is held', async () => {
    const held = page.evaluate(
      async (source) => {
        const { firstValueFrom, map, toArray, withLatestFrom } = bench.rxjs;
        const { pressedKeys, stepWith, ticks, untilDone } = bench.rxgym;
        bench.start();
        const env = bench.play(source);
        await bench.outcome(env.reset());
        document.body.dataset['playing'] = 'yes';
        const steps$ = ticks(30).pipe(
          withLatestFrom(pressedKeys({ ArrowLeft: -1, ArrowRight: 1 }, { idle: 0 })),
          map(([, action]) => action),
          stepWith(env, { busy: 'latest', deadline: 1000 }),
          untilDone(),
        );
        return firstValueFrom(steps$.pipe(toArray()));
      },
      counter.replace('self.count >= 10', 'action == 1'),
    );
    await page.waitForSelector('[data-playing]');
    await page.keyboard.down('ArrowLeft');
    await page.keyboard.down('ArrowRight');
    const steps = await held;

    expect(steps.at(-1)).toMatchObject({ reward: 1, done: true });
    expect(steps.map(({ index }) => index)).toEqual(steps.map((_, i) => i + 1));
    expect(steps.slice(0, -1).every(({ reward }) => reward <= 0)).toBe(true);
  });
});
