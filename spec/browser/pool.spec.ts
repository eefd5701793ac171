import { useSite } from './site';

/** An env that computes for 3 s at the action 'slow', after it has printed so. */
const slow = `
import time

class Slow:
    def reset(self, seed=None, options=None):
        return 0, {}

    def step(self, action):
        if action == 'slow':
            print('slow')
            end = time.monotonic() + 3
            while time.monotonic() < end:
                pass
        return action, 1.0, False, False, {}

env = Slow()
`;

describe('a pool of two', () => {
  const site = useSite();

  it('boots one after the other, steps both, and recovers the one whose worker is killed within a step', async () => {
    const page = await site.open();
    const result = await page.evaluate(async (source) => {
      const { firstValueFrom } = bench.rxjs;
      const spawned: Worker[] = [];
      const pool = bench.rxgym.createPool({
        size: 2,
        indexURL: '/pyodide/',
        restart: { snapshot: false, backoff: 0 },
        worker: () => {
          const worker = new Worker('/dist/worker.js', { type: 'module' });
          spawned.push(worker);
          return worker;
        },
      });
      const progress = bench.watch(pool.progress$);
      const statuses = bench.watch(pool.status$);
      const crashes = bench.watch(pool.crashes$);
      const env = pool.env({ source });
      const first = await bench.outcome(env.step(['a', 'b']));
      const ratios = progress.values.map(({ ratio }) => ratio);

      const begun = bench.printed('slow', pool.runtimes[1]);
      const otherStep = firstValueFrom(env.members[0]!.steps$);
      const second = bench.outcome(env.step(['c', 'slow'], { onCrash: 'resume' }));
      const third = bench.outcome(env.step(['d', 'e']));
      await Promise.all([begun, otherStep]);
      spawned[1]!.terminate();
      const steps = [first, await second, await third];
      const states = statuses.values.map((all) => all.map(({ state }) => state).join(' '));
      const attempts = (await firstValueFrom(pool.ready$)).map(({ attempt }) => attempt);
      pool.dispose();
      const reports = crashes.values.map(({ member, report }) => [member, report.name]);
      return { steps, ratios, states, attempts, reports, spawned: spawned.length };
    }, slow);

    expect(result.ratios).toEqual([...result.ratios].sort((a, b) => a - b));
    expect(result.ratios.at(-1)).toBe(1);
    const counted = result.steps.map(({ values }) =>
      values[0]?.map(({ observation, index, return: total }) => [observation, index, total]),
    );
    expect(counted).toEqual([
      [['a', 1, 1], ['b', 1, 1]],
      [['c', 2, 2], ['slow', 2, 2]],
      [['d', 3, 3], ['e', 3, 3]],
    ]); // prettier-ignore
    // the second began when the first had its files
    expect(result.states).toEqual(expect.arrayContaining(['booting idle', 'booting booting']));
    expect(result.states.slice(-2)).toEqual(['ready restarting', 'ready ready']);
    expect(result.attempts).toEqual([1, 2]);
    expect(result.spawned).toBe(3);
    expect(result.reports).toEqual([
      [1, 'CrashError'],
      [1, 'Recovered'],
    ]);
  });
});
