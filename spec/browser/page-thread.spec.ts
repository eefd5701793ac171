import counter from '../envs/counter.py';
import { useSite } from './site';

/** What the browser calls a long task, in ms. https://w3c.github.io/longtasks/ */
const long = 50;

describe("the page's thread", () => {
  const site = useSite({ cold: true });

  it('is never held longer than 50 ms, from the import of the library to the hundredth step', async () => {
    // what the library does is the same each time; that a busy machine takes the thread away for a while is not
    const tries = [await run(), await run(), await run()];

    expect(tries.map(({ steps }) => steps)).toEqual([100, 100, 100]);
    expect(tries.map(({ longTasks }) => longTasks)).toContainEqual([]);
    expect(tries.every(({ control }) => control > 0)).toBe(true);
  });

  async function run() {
    const page = await site.open();
    return page.evaluate(
      async (source, long) => {
        const { concat, concatMap, firstValueFrom, fromEvent, last, lastValueFrom, range } = bench.rxjs;
        const tasks: number[] = [];
        new PerformanceObserver((list) => {
          tasks.push(...list.getEntries().map(({ duration }) => duration));
          dispatchEvent(new Event('longtask'));
        }).observe({ type: 'longtask', buffered: true });

        bench.start();
        const env = bench.play(source);
        env.frames$.subscribe();
        const hundred$ = range(100).pipe(concatMap((n) => env.step(n)));
        const step = await lastValueFrom(concat(env.reset({ seed: 0 }), hundred$).pipe(last()));
        const longTasks = tasks.splice(0);

        // the control: a task that is too long is seen
        const seen = firstValueFrom(fromEvent(globalThis, 'longtask'));
        setTimeout(() => {
          const end = performance.now() + 2 * long;
          while (performance.now() < end);
        });
        await seen;
        return { steps: 'index' in step ? step.index : 0, longTasks, control: tasks.length };
      },
      counter.replace('self.count >= 10', 'False'),
      long,
    );
  }
});
