import { useSite } from './site';

/** An env that takes about 30 steps a second. */
const slow = `
import time

class Slow:
    def reset(self, seed=None, options=None):
        return 0, {}

    def step(self, action):
        end = time.perf_counter() + 1 / 30
        while time.perf_counter() < end:
            pass
        return action, 1.0, False, False, {}

env = Slow()
`;

describe('an env of 30 steps a second', () => {
  const site = useSite();

  it('has the latest of 240 actions a second, never more than one waiting, and every dropped one counted', async () => {
    const page = await site.open();
    const { begun, produced, timings, percentiles } = await page.evaluate(async (source) => {
      const { firstValueFrom, interval, lastValueFrom, map, takeUntil, timer } = bench.rxjs;
      const { percentiles, stepWith } = bench.rxgym;
      bench.start();
      const env = bench.play(source);
      await firstValueFrom(env.step(0));
      const timings = bench.watch(env.timings$);
      const summed = firstValueFrom(env.timings$.pipe(percentiles(100)));

      let produced = 0;
      const begun: { action: number; latest: number; drops: number }[] = [];
      const steppable = {
        reset: () => env.reset(),
        countDrops: (count: number) => env.countDrops(count),
        step(action: number) {
          // each action that was made since the latest step was dropped, but for this one
          begun.push({ action, latest: produced, drops: action - (begun.at(-1)?.action ?? 0) - 1 });
          return env.step(action);
        },
      };
      const actions$ = interval(1000 / 240).pipe(
        map(() => (produced += 1)),
        takeUntil(timer(10_000)),
      );
      await lastValueFrom(actions$.pipe(stepWith(steppable, { busy: 'latest' })));
      return { begun, produced, timings: timings.values, percentiles: await summed };
    }, slow);

    // a busy machine makes fewer of both, but many times as many actions as steps
    expect(begun.length).toBeGreaterThan(100);
    expect(produced).toBeGreaterThan(3 * begun.length);
    // what is begun is what was made last
    expect(begun.map(({ action }) => action)).toEqual(begun.map(({ latest }) => latest));
    const dropped = timings.reduce((sum, { drops }) => sum + drops, 0);
    expect(timings.map(({ drops }) => drops)).toEqual(begun.map(({ drops }) => drops));
    expect(dropped + begun.length).toBe(produced);
    expect(percentiles).toMatchObject({ count: 100, paint: null });
    expect(percentiles.python!.p50).toBeGreaterThan(33);
    for (const { queued, bridge, transfer } of timings) {
      for (const time of [queued, bridge, transfer]) expect(time).toBeGreaterThanOrEqual(0);
    }
  });
});
