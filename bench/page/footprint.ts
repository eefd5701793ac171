import { firstValueFrom } from 'rxjs';
import { createRuntime, type GymEnv, type PythonRuntime } from 'rxgym';
import { cartPole, indexURL } from './cart-pole.js';

let runtime: PythonRuntime | undefined;
let env: GymEnv | undefined;

async function started(): Promise<{ readonly runtime: PythonRuntime; readonly env: GymEnv }> {
  if (runtime && env) return { runtime, env };
  // a snapshot for restarts is 30 MB, and it is not known when it is made
  runtime = createRuntime({ indexURL, restart: { snapshot: false } });
  env = runtime.env({ source: cartPole });
  await firstValueFrom(runtime.run('import pyodide_js; pyodide_js._module.enable_pyproxy_allocation_tracing()'));
  return { runtime, env };
}

/** The memory that playing leaves in use, in Python and in the worker. */
export const footprint = {
  /** Plays so many steps, and watches so many frames. */
  async play(steps: number, frames: number): Promise<void> {
    const { env } = await started();
    for (let step = 0; step < steps; step += 1) {
      if (step % 500 === 0) await firstValueFrom(env.reset({ seed: step }));
      await firstValueFrom(env.step(step % 2));
    }
    let seen = 0;
    const watching = env.frames$.subscribe((frame) => (seen += Number(frame.kind === 'pixels')));
    await firstValueFrom(env.reset({ seed: 0 }));
    while (seen < frames) await firstValueFrom(env.step(seen % 2));
    watching.unsubscribe();
    // empties the log, whose length depends on when the last checkpoint was
    await firstValueFrom(env.getState());
  },

  /** The bytes of Python's memory, and the proxies of Python objects that were not destroyed. */
  async measure(): Promise<{ readonly wasm: number; readonly proxies: number }> {
    const { runtime } = await started();
    const [wasm, proxies] = (await firstValueFrom(
      runtime.run(
        'import gc, pyodide_js as p; gc.collect(); [p._module.HEAPU8.byteLength, p._module.pyproxy_alloc_map.size]',
      ),
    )) as [number, number];
    return { wasm, proxies };
  },
};
