import type { Page } from 'puppeteer';
import { useSite } from './site';

/** Counts its steps, and the beats of a background task in Python. */
const counting = `
import asyncio

class Counting:
    beats = 0

    def __init__(self):
        self.n = 0

    async def beat(self):
        while True:
            Counting.beats += 1
            await asyncio.sleep(0.02)

    def reset(self, seed=None, options=None):
        self.n = 0
        return 0, {}

    def step(self, action):
        self.n += 1
        while action == 'endless':
            pass
        if action == 'die':
            import os
            os._exit(1)
        return self.n, 1.0, False, False, {'action': action, 'beats': Counting.beats}

env = Counting()
`;

// As fast as possible: each is sent as soon as the one before has its result.
describe('steps in quick succession', () => {
  const site = useSite();
  let page: Page;

  beforeAll(async () => {
    page = await site.openForAll();
    await page.evaluate(async (source) => {
      bench.start();
      bench.play(source, { async: false }); // its steps do not wait, though one of its methods does
      await bench.outcome(bench.env.reset());
    }, counting);
  });

  it('happen once each and in order, some of them without a message, and hold nothing else up', async () => {
    const { steps, messages, beats } = await page.evaluate(async () => {
      const { concatMap, lastValueFrom, range, toArray } = bench.rxjs;
      await bench.run('import asyncio; beating = asyncio.ensure_future(env.beat())');
      const before = Number(await bench.run('Counting.beats'));
      const { postMessage } = MessagePort.prototype;
      let messages = 0;
      MessagePort.prototype.postMessage = function (this: MessagePort, ...all: unknown[]) {
        if ((all[0] as { type: string }).type === 'step') messages += 1;
        Reflect.apply(postMessage, this, all);
      };
      const steps = await lastValueFrom(
        range(6000).pipe(
          concatMap((i) => bench.env.step(`ä ${i}`)),
          toArray(),
        ),
      );
      MessagePort.prototype.postMessage = postMessage;
      const beats = Number(await bench.run('beating.cancel(); Counting.beats')) - before;
      return {
        steps: steps.map(({ observation, index, info }) => [observation, index, info['action']]),
        messages,
        beats,
      };
    });

    expect(steps).toEqual(Array.from({ length: 6000 }, (_, i) => [i + 1, i + 1, `ä ${i}`]));
    expect(messages).toBeLessThan(6000);
    expect(beats).toBeGreaterThan(3);
  });

  it('are interrupted, cancelled and recovered like any other', async () => {
    const { steps, late, died } = await page.evaluate(async () => {
      const { firstValueFrom } = bench.rxjs;
      await bench.outcome(bench.env.reset());
      const crashes = bench.watch(bench.runtime.incidents$);
      const brisk = async () => {
        for (let i = 0; i < 300; i++) await firstValueFrom(bench.env.step(i));
      };
      await brisk();
      const late = await bench.outcome(bench.env.step('endless', { deadline: 200 }));
      await brisk();
      bench.env.step('cancelled').subscribe().unsubscribe();
      await brisk();
      const died = await bench.outcome(bench.env.step('die'));
      await brisk();
      const { index, observation } = await firstValueFrom(bench.env.step(0));
      return {
        steps: [index, observation],
        late: late.error,
        died: [died.error, crashes.values.map(({ type }) => type)],
      };
    });

    expect(late).toMatchObject({ name: 'DeadlineError', outcome: 'interrupted' });
    expect(died).toEqual([
      expect.objectContaining({ name: 'CrashError' }),
      expect.arrayContaining(['crash', 'recovered']),
    ]);
    // the one that was cancelled may count or not
    expect(steps).toEqual([1201, 1201]);
  });
});
