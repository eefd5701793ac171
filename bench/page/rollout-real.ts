import { firstValueFrom, lastValueFrom } from 'rxjs';
import { createRuntime, type GymEnv, type PythonRuntime } from 'rxgym';

/** Gymnasium's own: observations that are float32 arrays of NumPy and ints, rewards that are floats, NumPy's and ints. */
export type RealEnv = 'CartPole-v1' | 'Pendulum-v1' | 'FrozenLake-v1';
/** `lists` is the loop that one would write in Python, with the names looked up once. */
export type RealArm = 'rxgym' | 'lists';

const source = (name: RealEnv): string => `
import gymnasium

env = gymnasium.make("${name}")

def lists(steps):
    step, reset, sample = env.step, env.reset, env.action_space.sample
    observations, rewards, terminations, truncations = [], [], [], []
    reset()
    for _ in range(steps):
        observation, reward, terminated, truncated, info = step(sample())
        observations.append(observation)
        rewards.append(reward)
        terminations.append(terminated)
        truncations.append(truncated)
        if terminated or truncated:
            reset()
`;
/** One chunk each, as long as those that a rollout comes to by itself. */
const steps: Readonly<Record<RealEnv, number>> = { 'CartPole-v1': 4000, 'Pendulum-v1': 1000, 'FrozenLake-v1': 4000 };

let made: { readonly name: RealEnv; readonly runtime: PythonRuntime; readonly env: GymEnv } | undefined;

async function prepare(name: RealEnv, indexURL: string): Promise<NonNullable<typeof made>> {
  made?.runtime.dispose();
  const runtime = createRuntime({ indexURL, restart: { snapshot: false } });
  const env = runtime.env({ source: source(name), packages: ['gymnasium'] });
  await firstValueFrom(env.reset());
  return { name, runtime, env };
}

/** Random actions in the same env of the same interpreter; in µs a step, from the call until the page has the result. */
export async function rolloutReal(name: RealEnv, arm: RealArm, indexURL: string): Promise<number> {
  if (made?.name !== name) made = await prepare(name, indexURL);
  const { runtime, env } = made;
  const count = steps[name];
  await firstValueFrom(env.reset({ seed: 1 })); // behind the checkpoint that the last `run` asked for
  const begun = performance.now();
  if (arm === 'rxgym') await lastValueFrom(env.rollout({ policy: 'random', steps: count, every: count }));
  else await firstValueFrom(runtime.run(`lists(${count})`));
  return (1000 * (performance.now() - begun)) / count;
}
