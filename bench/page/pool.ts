import { firstValueFrom, type Observable } from 'rxjs';
import { createPool, type PoolEnv, type PythonPool } from 'rxgym';
import { indexURL } from './cart-pole.js';

/** A step is a number of rounds of work, not a time, so that its cost shows also when the cores are busy. */
const source = `
class Working:
    def reset(self, seed=None, options=None):
        return 0, {}

    def step(self, rounds):
        total = 0
        for each in range(rounds):
            total += each
        return total, 1.0, False, False, {}

env = Working()
`;

let made: { readonly pool: PythonPool; readonly env: PoolEnv; readonly rounds: number } | undefined;

/** Two runtimes, and how many rounds of work take 1 ms in one of them alone. */
async function prepare(): Promise<NonNullable<typeof made>> {
  const pool = createPool({ indexURL, size: 2, restart: { snapshot: false } });
  const env = pool.env({ source });
  await firstValueFrom(env.reset());
  const [one] = env.members;
  if (!one) throw new Error('the pool has no members');
  const timed = async (rounds: number) => {
    const begun = performance.now();
    await firstValueFrom(one.step(rounds));
    return performance.now() - begun;
  };
  await timed(100_000);
  let least = Infinity; // the least disturbed
  for (let time = 0; time < 20; time += 1) least = Math.min(least, await timed(100_000));
  return { pool, env, rounds: Math.round(100_000 / least) };
}

export interface PoolRate {
  /** Steps a second. */
  readonly rate: number;
  /** How long each command took, in ms: one step, or one in each of two. */
  readonly took: readonly number[];
}

/** How fast one env, or a pool of two, takes steps of 1 ms of Python. */
export async function poolRate(arm: 'one' | 'two', ms: number): Promise<PoolRate> {
  const { env, rounds } = (made ??= await prepare());
  const [one] = env.members;
  const step = (): Observable<unknown> | undefined => (arm === 'two' ? env.step([rounds, rounds]) : one?.step(rounds));
  const begun = performance.now();
  const took: number[] = [];
  for (let before = begun; before - begun < ms;) {
    const step$ = step();
    if (step$) await firstValueFrom(step$);
    const now = performance.now();
    took.push(now - before);
    before = now;
  }
  const steps = took.length * (arm === 'two' ? 2 : 1);
  return { rate: (1000 * steps) / (performance.now() - begun), took };
}
