import { firstValueFrom } from 'rxjs';
import { DeadlineError, createRuntime } from 'rxgym';
import { indexURL } from './cart-pole.js';

const source = `
class Looping:
    def reset(self, seed=None, options=None):
        return 0, {}

    def step(self, action):
        while action:
            pass
        return 0, 0.0, False, False, {}

env = Looping()
`;
const deadline = 100;

/** How long after its deadline an endless step ended, in ms; measured so many times. */
export async function interrupt(count: number): Promise<readonly number[]> {
  if (!crossOriginIsolated) throw new Error('the page is not cross-origin isolated');
  const runtime = createRuntime({ indexURL });
  const env = runtime.env({ source });
  await firstValueFrom(env.reset());
  const late: number[] = [];
  for (let index = 0; index < count; index += 1) {
    await firstValueFrom(env.step(0)); // the interpreter is idle again
    const begun = performance.now();
    const error: unknown = await firstValueFrom(env.step(1, { deadline })).catch((reason: unknown) => reason);
    const took = performance.now() - begun;
    if (!(error instanceof DeadlineError && error.outcome === 'interrupted')) {
      throw new Error(`expected an interrupt, got ${String(error)}`);
    }
    late.push(took - deadline);
  }
  runtime.dispose();
  return late;
}
