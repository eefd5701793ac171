import { from, toArray, lastValueFrom } from 'rxjs';
import { percentiles, type StepTimings } from '../../src/index';
import { runMarbles } from './run-marbles';

const timings = (index: number): StepTimings => ({
  index,
  episode: 1,
  queued: 0,
  python: 101 - index,
  bridge: 1,
  transfer: index % 2,
  paint: index === 1 ? 5 : null,
  drops: index % 10 === 0 ? 3 : 0,
});
const steps = (count: number) => Array.from({ length: count }, (_, i) => timings(i + 1));
const sums = (count: number, ...[window, every]: [window?: number, every?: number]) =>
  lastValueFrom(from(steps(count)).pipe(percentiles(window, every), toArray()));

describe('percentiles', () => {
  it('gives the distribution of each part, in times that were measured', async () => {
    expect(await sums(100)).toEqual([
      {
        count: 100,
        drops: 30,
        queued: { p50: 0, p95: 0, p99: 0 },
        python: { p50: 50, p95: 95, p99: 99 },
        bridge: { p50: 1, p95: 1, p99: 1 },
        transfer: { p50: 0, p95: 1, p99: 1 },
        paint: { p50: 5, p95: 5, p99: 5 },
      },
    ]);
    const [one] = await sums(1, 1);
    expect(one).toMatchObject({ count: 1, python: { p50: 100, p95: 100, p99: 100 } });
  });

  it('emits after each `every` steps, with null for what no step has', async () => {
    const slid = (await sums(6, 4, 2)).slice(0, 2);
    expect(slid.map(({ count, python, paint }) => [count, python?.p99, paint?.p50 ?? null])).toEqual([
      [4, 100, 5],
      [4, 98, null],
    ]);
  });

  it('completes and errors with its source', () => {
    runMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source$ = cold<StepTimings>('-a-#', { a: timings(1) });
      expectObservable(source$.pipe(percentiles(2))).toBe('---#');
      expectSubscriptions(source$.subscriptions).toBe('^--!');
    });
  });

  it.each([
    [0, 1, 'window'],
    [1, 0, 'every'],
    [1.5, 1, 'window'],
  ])('refuses percentiles(%p, %p)', (window, every, option) => {
    const refusal = expect.objectContaining({ name: 'UsageError', option: `percentiles.${option}` }) as Error;
    expect(() => percentiles(window, every)).toThrow(refusal);
  });
});
