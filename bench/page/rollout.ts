import { firstValueFrom, lastValueFrom } from 'rxjs';
import { createRuntime, type GymEnv, type PythonRuntime } from 'rxgym';
import { cartPole, indexURL } from './cart-pole.js';

/** `loop` stores nothing of its steps, `lists` all that a rollout returns. */
export type Arm = 'rxgym' | 'loop' | 'lists';

/** The loops that one would write in Python for given actions; the names are looked up once. */
const loops = `
def loop():
    step, reset = env.step, env.reset
    reset()
    for action in actions:
        observation, reward, terminated, truncated, info = step(action)
        if terminated or truncated:
            reset()

def lists():
    step, reset = env.step, env.reset
    observations, rewards, ends = [], [], []
    reset()
    for action in actions:
        observation, reward, terminated, truncated, info = step(action)
        observations.append(observation)
        rewards.append(reward)
        ends.append((terminated, truncated))
        if terminated or truncated:
            reset()
`;
/** Many episodes of 10 to 60 steps: the pole falls soon. */
const actions: readonly number[] = Array.from({ length: 10_000 }, () => Math.floor(2 * Math.random()));

let made: { readonly runtime: PythonRuntime; readonly env: GymEnv } | undefined;

async function prepare(): Promise<NonNullable<typeof made>> {
  const runtime = createRuntime({ indexURL, restart: { snapshot: false } });
  const env = runtime.env({ source: cartPole });
  await firstValueFrom(env.reset());
  await firstValueFrom(runtime.run(loops, { globals: { actions } }));
  return { runtime, env };
}

/** The same actions, in the same env of the same interpreter; in µs a step, from the call until the page has the result. */
export async function rollout(arm: Arm): Promise<number> {
  const { runtime, env } = (made ??= await prepare());
  await firstValueFrom(env.reset({ seed: 1 })); // behind the checkpoint that the last `run` asked for
  const begun = performance.now();
  if (arm === 'rxgym') {
    const { from, count } = await lastValueFrom(env.rollout({ actions }));
    if (from + count !== actions.length)
      throw new Error(`rollout: expected ${actions.length} steps, got ${from + count}`);
  } else await firstValueFrom(runtime.run(`${arm}()`));
  return (1000 * (performance.now() - begun)) / actions.length;
}
