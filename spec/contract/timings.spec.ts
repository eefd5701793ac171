import { firstValueFrom, from, lastValueFrom, toArray } from 'rxjs';
import { createRuntime, stepWith, type Action, type PythonRuntime, type StepTimings } from '../../src/index';
import { realRuntime } from '../helpers/real-runtime';
import { standInWorker } from '../helpers/stand-in-worker';

/** Steps that take 20 ms of Python and leave 30 ms of work for the bridge, and pictures that take as long to show. */
const source = `
import time

def work(ms):
    end = time.perf_counter() + ms / 1000
    while time.perf_counter() < end:
        pass

class Slow:
    def reset(self, seed=None, options=None):
        return 0, {}

    def step(self, action):
        work(20)
        return action, 1.0, action == 'end', False, {}

    def render(self):
        work(30)
        return 'picture'

env = Slow()
`;

let runtime: PythonRuntime;
afterEach(() => {
  runtime.dispose();
});

describe('timings$', () => {
  it('says where the time of each step went', async () => {
    runtime = realRuntime();
    const env = runtime.env({ source });
    await firstValueFrom(env.reset());
    const seen: StepTimings[] = [];
    const watching = env.timings$.subscribe((timings) => seen.push(timings));
    env.frames$.subscribe(() => {
      const end = performance.now() + 40;
      while (performance.now() < end);
    });
    const begun = firstValueFrom(env.step(0));
    env.countDrops(3);
    await Promise.all([begun, firstValueFrom(env.step(1))]);

    expect(seen.map(({ index, episode, drops }) => [index, episode, drops])).toEqual([
      [1, 1, 0],
      [2, 1, 3],
    ]);
    for (const { python, bridge, transfer, paint } of seen) {
      // each is the time of its own part, and of no other
      expect(python).toBeGreaterThan(19);
      expect(bridge).toBeGreaterThan(29);
      expect(paint).toBeGreaterThan(39);
      expect(transfer).toBeGreaterThanOrEqual(0);
    }
    const [first, second] = seen;
    expect(second!.queued).toBeGreaterThan(49);
    expect(first!.queued).toBeLessThan(second!.queued);

    watching.unsubscribe();
    await firstValueFrom(env.step(2));
    expect(seen).toHaveLength(2);
    const end = lastValueFrom(env.timings$, { defaultValue: 'completed' });
    await firstValueFrom(env.close());
    expect(await end).toBe('completed');
  });

  it('gives the steps of one message a share each, and a picture to the last', async () => {
    runtime = realRuntime();
    const env = runtime.env({ source });
    await firstValueFrom(env.reset());
    env.frames$.subscribe();
    const seen = firstValueFrom(env.timings$.pipe(toArray()));
    env.countDrops(2);
    await lastValueFrom(env.stepMany([0, 'end']));
    await firstValueFrom(env.reset());
    await firstValueFrom(env.step(2));
    await firstValueFrom(env.close());
    const timings = await seen;
    expect(timings.map(({ index, drops, paint }) => [index, drops, paint === null])).toEqual([
      [1, 2, true],
      [2, 0, false],
      [1, 0, false],
    ]);
    const [first, second, third] = timings;
    expect(second!.python).toBe(first!.python);
    expect(first!.python).toBeGreaterThan(19);
    expect(first!.bridge).toBeGreaterThan(14);
    expect(third!.python).toBeGreaterThan(19);
  });

  it('asks for nothing while nobody watches, and hears of what stepWith drops', async () => {
    const asked: boolean[] = [];
    runtime = createRuntime({
      worker: () =>
        standInWorker({ onCommand: (command) => asked.push(...(command.type === 'step' ? [command.timed] : [])) }),
      restart: { snapshot: false },
    });
    const env = runtime.env({ source: 'counting-env' });
    await firstValueFrom(env.step(0));
    const drops: number[] = [];
    env.timings$.subscribe((timings) => drops.push(timings.drops));
    const actions: Action[] = [1, 2, 3, 4];
    const steps = await lastValueFrom(
      from(actions)
        .pipe(stepWith(env, { busy: 'latest' }))
        .pipe(toArray()),
    );
    expect(steps).toMatchObject([{ info: { action: 1 } }, { info: { action: 4 } }]);
    expect(drops).toEqual([0, 2]);
    expect(asked).toEqual([false, true, true]);
  });
});
