import { firstValueFrom } from 'rxjs';
import { createRuntime, type GymEnv, type Value } from 'rxgym';
import { balance } from '../../examples/04-survivor/balance.js';
import { cartPole, indexURL } from './cart-pole.js';

/**
 * `off` and `control` are the same: their difference is noise. `dense` has many times as many checkpoints as `default`,
 * hence a cost that can be told from the noise.
 */
export type Arm = 'default' | 'off' | 'control' | 'dense';

export interface Block {
  /** For one step. */
  readonly ms: number;
  /** How many checkpoints were taken. */
  readonly taken: number;
}

// One module for all envs: an env of a class that was defined a second time in __main__ could not be pickled.
const asModule = `
import sys, types
module = sys.modules['bench_cart_pole'] = types.ModuleType('bench_cart_pole')
exec(source, vars(module))

class Counted(module.CartPole):
    pickled = 0
    def reset(self, **arguments):
        observation, info = super().reset(**arguments)
        return observation, {**info, 'pickled': type(self).pickled}
    def __getstate__(self):
        type(self).pickled += 1
        return vars(self)

Counted.__module__ = module.__name__
module.Counted = Counted
`;
const log = 10_000_000;
const never = { every: log, ms: 1e9, log };

let envs: Readonly<Record<Arm, GymEnv>> | undefined;

async function prepare(): Promise<Readonly<Record<Arm, GymEnv>>> {
  const runtime = createRuntime({ indexURL, restart: { snapshot: false } });
  await firstValueFrom(runtime.run(asModule, { globals: { source: cartPole } }));
  const entryPoint = 'bench_cart_pole:Counted';
  envs = {
    // without the limit in ms: while the other arms play, more time goes by than in a game
    default: runtime.env({ entryPoint, recovery: { ms: 1e9 } }),
    off: runtime.env({ entryPoint, recovery: never }),
    control: runtime.env({ entryPoint, recovery: never }),
    dense: runtime.env({ entryPoint, recovery: { every: 5, ms: 1e9 } }),
  };
  return envs;
}

/** Begins an episode, whose info says how often the envs were pickled so far: a `run` would itself cause checkpoints. */
async function begin(env: GymEnv): Promise<{ observation: Value; readonly pickled: number }> {
  const { observation, info } = await firstValueFrom(env.reset({ seed: 7 }));
  return { observation, pickled: (info as { readonly pickled: number }).pickled };
}

/**
 * Plays so many steps, each when the one before is there. A turn of the event loop lies in between, as in a game:
 * without it no moment would be quiet enough for a checkpoint before it is overdue. The operations since the last
 * checkpoint count on in the next block.
 */
export async function checkpoint(arm: Arm, steps: number): Promise<Block> {
  const env = (envs ?? (await prepare()))[arm];
  const { port1, port2 } = new MessageChannel();
  const turn = () =>
    new Promise((resolve) => {
      port1.onmessage = resolve;
      port2.postMessage(null);
    });
  // their logs would grow from block to block, and cost the collector more and more
  if (arm === 'off' || arm === 'control') await firstValueFrom(env.getState());
  const before = await begin(env);
  let { observation } = before;
  const begun = performance.now();
  for (let step = 0; step < steps; step += 1) {
    ({ observation } = await firstValueFrom(env.step(balance(observation, step))));
    await turn();
  }
  // waits for a checkpoint under way, too
  const after = await begin(env);
  const ms = (performance.now() - begun) / steps;
  port1.close();
  return { ms, taken: after.pickled - before.pickled };
}
