import { counter } from './envs';
import { useSite } from './site';

/** What the browser calls a long task, in ms. https://w3c.github.io/longtasks/ */
const long = 50;

describe("the page's thread", () => {
  const site = useSite();

  it('is never held longer than 50 ms, from the import of the library to the hundredth step', async () => {
    const page = await site.open();
    const { steps, longTasks, control } = await page.evaluate(
      async (source, long) => {
        const { concat, range, concatMap, last, lastValueFrom } = bench.rxjs;
        const tasks: number[] = [];
        const blocked = Promise.withResolvers<void>();
        let waiting = false;
        new PerformanceObserver((list) => {
          tasks.push(...list.getEntries().map(({ duration }) => duration));
          if (waiting) blocked.resolve();
        }).observe({ type: 'longtask', buffered: true });

        bench.start();
        const env = bench.play(source);
        env.frames$.subscribe();
        const hundred$ = concat(env.reset({ seed: 0 }), range(100).pipe(concatMap((n) => env.step(n))));
        const step = await lastValueFrom(hundred$.pipe(last()));
        const longTasks = tasks.splice(0);

        // the control: a task that is too long is seen
        waiting = true;
        setTimeout(() => {
          const end = performance.now() + 2 * long;
          while (performance.now() < end);
        });
        await blocked.promise;
        return { steps: 'index' in step ? step.index : 0, longTasks, control: tasks };
      },
      counter,
      long,
    );

    expect(steps).toBe(100);
    expect(longTasks).toEqual([]);
    expect(control).toEqual([expect.any(Number)]);
  });
});
