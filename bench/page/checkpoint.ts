import { firstValueFrom } from 'rxjs';
import { createRuntime, type GymEnv, type PythonRuntime } from 'rxgym';
import { balance } from '../../examples/04-survivor/balance.js';
import { cartPole, indexURL } from './cart-pole.js';

/**
 * `off` and `control` are the same: what they differ by is noise. `dense` has many times as many checkpoints as
 * `default`, hence a cost that stands out.
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
    def __getstate__(self):
        type(self).pickled += 1
        return vars(self)

Counted.__module__ = module.__name__
module.Counted = Counted
`;
const log = 10_000_000;
const never = { every: log, ms: 1e9, log };

let runtime: PythonRuntime | undefined;
let envs: Readonly<Record<Arm, GymEnv>> | undefined;

async function prepare(): Promise<Readonly<Record<Arm, GymEnv>>> {
  runtime = createRuntime({ indexURL });
  await firstValueFrom(runtime.run(asModule, { globals: { source: cartPole } }));
  const entryPoint = 'bench_cart_pole:Counted';
  envs = {
    default: runtime.env({ entryPoint }),
    off: runtime.env({ entryPoint, recovery: never }),
    control: runtime.env({ entryPoint, recovery: never }),
    dense: runtime.env({ entryPoint, recovery: { every: 5, ms: 1e9 } }),
  };
  return envs;
}

async function taken(): Promise<number> {
  return runtime ? Number(await firstValueFrom(runtime.run('Counted.pickled'))) : 0;
}

/**
 * Plays so many steps, each when the one before is there. A turn of the event loop lies in between, as in a game:
 * without it no moment would be quiet enough for a checkpoint before it is overdue.
 */
export async function checkpoint(arm: Arm, steps: number): Promise<Block> {
  const env = (envs ?? (await prepare()))[arm];
  let { observation } = await firstValueFrom(env.reset({ seed: 7 }));
  const { port1, port2 } = new MessageChannel();
  const turn = () =>
    new Promise((resolve) => {
      port1.onmessage = resolve;
      port2.postMessage(null);
    });
  const before = await taken();
  const begun = performance.now();
  for (let step = 0; step < steps; step += 1) {
    ({ observation } = await firstValueFrom(env.step(balance(observation, step))));
    await turn();
  }
  // Waits for a checkpoint that is under way, too.
  const after = await taken();
  const ms = (performance.now() - begun) / steps;
  port1.close();
  return { ms, taken: after - before };
}
