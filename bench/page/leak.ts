import { filter, firstValueFrom, skip, type Subscription } from 'rxjs';
import { createRuntime, type GymEnv, type PythonRuntime } from 'rxgym';
import { fatal, game, indexURL, mortalCartPole } from './cart-pole.js';

let runtime: PythonRuntime | undefined;
let env: GymEnv | undefined;
let playing: Subscription | undefined;

/** A game that is killed over and over. */
export const leak = {
  async start(): Promise<void> {
    runtime = createRuntime({ indexURL, restart: { limit: 1_000_000, within: 60_000, backoff: 0 } });
    env = runtime.env({ source: mortalCartPole });
    await firstValueFrom(env.reset({ seed: 1 }));
    playing = game(env).subscribe();
    await leak.play(60);
  },

  /** Waits for so many steps. */
  async play(steps: number): Promise<void> {
    if (env) await firstValueFrom(env.steps$.pipe(skip(steps - 1)));
  },

  /** Kills the interpreter and waits until the game goes on. */
  async restart(): Promise<void> {
    if (!runtime) return;
    const back = firstValueFrom(runtime.crashes$.pipe(filter(({ name }) => name === 'Recovered')));
    runtime.run(fatal).subscribe({ error: () => undefined });
    await back;
    await leak.play(5);
  },

  stop(): void {
    playing?.unsubscribe();
    runtime?.dispose();
  },
};
