import { count, firstValueFrom, from } from 'rxjs';
import { createRuntime, stepWith, type GymEnv } from 'rxgym';
import { balance } from '../../examples/04-survivor/balance.js';
import { indexURL } from './cart-pole.js';
import { sources } from './steps.js';

export type Task = 'noop' | 'cartPole';
/** How many steps go in a message. */
export type Arm = 'one' | 'ahead';

const seed = 7;
const steps = 400;
const prepared = new Map<Task, Promise<{ readonly env: GymEnv; readonly actions: readonly number[] }>>();

/** An env, and the actions of a game that was played in it: the pole stays up. */
async function prepare(task: Task): Promise<{ readonly env: GymEnv; readonly actions: readonly number[] }> {
  const env = createRuntime({ indexURL, restart: { snapshot: false } }).env({ source: sources[task] });
  const actions: number[] = [];
  let { observation } = await firstValueFrom(env.reset({ seed }));
  while (actions.length < steps) {
    const action = balance(observation, actions.length);
    actions.push(action);
    ({ observation } = await firstValueFrom(env.step(action)));
  }
  return { env, actions };
}

/** Plays the same actions again, as fast as they go; in µs a step. */
export async function lookahead(task: Task, arm: Arm): Promise<number> {
  const making = prepared.get(task) ?? prepare(task);
  prepared.set(task, making);
  const { env, actions } = await making;
  await firstValueFrom(env.reset({ seed }));
  const operator = stepWith(env, { limit: steps, lookahead: arm === 'ahead' ? 8 : 1 });
  const begun = performance.now();
  const played = await firstValueFrom(from(actions).pipe(operator, count()));
  const ms = performance.now() - begun;
  if (played !== steps) throw new Error(`lookahead: expected ${steps} steps, got ${played}`);
  return (1000 * ms) / steps;
}
