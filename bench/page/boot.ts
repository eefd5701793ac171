import { firstValueFrom } from 'rxjs';
import { createRuntime } from 'rxgym';
import { untilStored } from '../../spec/helpers/browser-storage.js';
import { indexURL } from './cart-pole.js';

/** How each arm of rxgym's has to come up. */
const ways = { rxgym: 'cold', cached: 'snapshot', baked: 'image' };
export type Arm = keyof typeof ways | 'bare';

/** From nothing to a Python that can be asked, in ms; of an image, with its env. */
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
  if (how !== ways[arm]) throw new Error(`boot ${arm}: expected to come up by ${ways[arm]}, got ${how}`);
  return ms;
}

/** A first visit: boots, and waits until the browser has stored the snapshot. */
export async function storeSnapshot(): Promise<void> {
  const runtime = createRuntime({ indexURL, cache: 'snapshot' });
  await firstValueFrom(runtime.ready$);
  await untilStored();
  runtime.dispose();
}
