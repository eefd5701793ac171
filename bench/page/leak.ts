import { filter, firstValueFrom, last, merge, ignoreElements, take, takeUntil, timer } from 'rxjs';
import { createRuntime, type GymEnv, type PythonRuntime } from 'rxgym';
import { cartPole, game, indexURL } from './cart-pole.js';

// A fatal error would be printed on the console, whose messages the browser keeps in memory.
const quietEnd = 'import os; os._exit(1)';

let runtime: PythonRuntime | undefined;
let env: GymEnv | undefined;

function started(): { readonly runtime: PythonRuntime; readonly env: GymEnv } {
  if (runtime && env) return { runtime, env };
  runtime = createRuntime({ indexURL, restart: { limit: 1_000_000, within: 60_000, backoff: 0 } });
  env = runtime.env({ source: cartPole });
  return { runtime, env };
}

/** A game whose interpreter is killed over and over. It pauses between two calls, so that the heap can be measured. */
export const leak = {
  /** Plays so many steps. */
  async play(steps: number): Promise<void> {
    await firstValueFrom(game(started().env).pipe(take(steps), last()));
  },

  /** Kills the interpreter, so many times, each time waits until the game goes on, and plays a few steps. */
  async restart(times: number): Promise<void> {
    const { runtime, env } = started();
    for (let time = 0; time < times; time += 1) {
      const recovered$ = runtime.incidents$.pipe(
        filter(({ type }) => type === 'recovered'),
        take(1),
      );
      const recovered = firstValueFrom(merge(recovered$, game(env).pipe(ignoreElements(), takeUntil(recovered$))));
      runtime.run(quietEnd).subscribe({ error: () => undefined });
      await recovered;
      await leak.play(5);
    }
  },

  /** As many workers that come and go without rxgym, and the same play. */
  async control(times: number): Promise<void> {
    for (let time = 0; time < times; time += 1) {
      const worker = new Worker(new URL('rxgym/worker', import.meta.url), { type: 'module' });
      await firstValueFrom(timer(50));
      worker.terminate();
      await leak.play(5);
    }
  },

  /**
   * Empties what fills and empties by itself, so that two measurements differ by nothing else: the log of operations since
   * the last checkpoint, and the browser's list of what it loaded, a worker's script each time.
   */
  async tidy(): Promise<void> {
    await firstValueFrom(started().env.getState());
    performance.clearResourceTimings();
  },

  stop(): void {
    runtime?.dispose();
  },
};
