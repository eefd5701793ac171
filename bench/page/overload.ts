import { firstValueFrom, interval, lastValueFrom, map, takeUntil, timer } from 'rxjs';
import { createRuntime, stepWith, type StepOptions } from 'rxgym';
import { indexURL } from './cart-pole.js';

/** A step takes its time, however fast the machine is. */
const source = `
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

export interface Overload {
  readonly produced: number;
  readonly dropped: number;
  /** Of each step: the age of its action when it began, in ms. */
  readonly ages: readonly number[];
  /** Of each step: how long it took, in ms. */
  readonly took: readonly number[];
}

/** An env of 30 steps a second, which is given 240 actions a second. */
export async function overload(ms: number): Promise<Overload> {
  const runtime = createRuntime({ indexURL });
  const env = runtime.env({ source });
  await firstValueFrom(env.step(0));
  const made: number[] = [];
  const [ages, took]: [number[], number[]] = [[], []];
  let dropped = 0;
  env.timings$.subscribe(({ drops }) => (dropped += drops));
  const steppable = {
    reset: () => env.reset(),
    countDrops: (count: number) => env.countDrops(count),
    step(action: number, options?: StepOptions) {
      const begun = performance.now();
      ages.push(begun - (made[action] ?? NaN));
      return env.step(action, options).pipe(
        map((step) => {
          took.push(performance.now() - begun);
          return step;
        }),
      );
    },
  };
  const actions$ = interval(1000 / 240).pipe(
    map(() => made.push(performance.now()) - 1),
    takeUntil(timer(ms)),
  );
  await lastValueFrom(actions$.pipe(stepWith(steppable, { busy: 'latest' })));
  runtime.dispose();
  return { produced: made.length, dropped, ages, took };
}
