import { firstValueFrom } from 'rxjs';
import { createRuntime } from 'rxgym';
import { untilStored } from '../../spec/helpers/browser-storage.js';
import { indexURL } from './cart-pole.js';

/** How each arm of rxgym has to boot. */
const bootKinds = { rxgym: 'cold', cached: 'snapshot', baked: 'image' };
export type Arm = keyof typeof bootKinds | 'bare';

/** From nothing until Python is ready, in ms; from a baked image, until its env is. */
export async function boot(arm: Arm): Promise<number> {
  const begun = performance.now();
  if (arm === 'bare') {
    const worker = new Worker(new URL('peers/bare.js', document.baseURI), { type: 'module' });
    await new Promise((resolve) => (worker.onmessage = resolve));
    return performance.now() - begun;
  }
  const runtime = createRuntime({ indexURL, cache: arm === 'cached' ? 'snapshot' : 'none' });
  if (arm === 'baked') await firstValueFrom(runtime.env({ image: '/cart-pole.image' }).ready$);
  const { how } = await firstValueFrom(runtime.ready$);
  const ms = performance.now() - begun;
  if (how !== bootKinds[arm]) throw new Error(`boot ${arm}: expected a boot by ${bootKinds[arm]}, got ${how}`);
  return ms;
}

/** From a baked image to the answer of the first step. */
export async function firstStep(): Promise<void> {
  const runtime = createRuntime({ indexURL });
  const env = runtime.env({ image: '/cart-pole.image' });
  await firstValueFrom(env.reset({ seed: 1 }));
  await firstValueFrom(env.step(0));
  const { how } = await firstValueFrom(runtime.ready$);
  if (how !== 'image') throw new Error(`expected a boot by image, got ${how}`);
}

/** A first visit: boots, and waits until the browser has stored the snapshot. */
export async function storeSnapshot(): Promise<void> {
  const runtime = createRuntime({ indexURL, cache: 'snapshot' });
  await firstValueFrom(runtime.ready$);
  await untilStored();
  runtime.dispose();
}
