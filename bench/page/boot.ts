import { firstValueFrom } from 'rxjs';
import { createRuntime } from 'rxgym';
import { indexURL } from './cart-pole.js';

/** From nothing to a Python that can be asked, in ms. */
export async function boot(arm: 'rxgym' | 'bare'): Promise<number> {
  const begun = performance.now();
  if (arm === 'rxgym') await firstValueFrom(createRuntime({ indexURL }).ready$);
  else {
    const worker = new Worker(new URL('peers/bare.js', document.baseURI), { type: 'module' });
    await new Promise((resolve) => (worker.onmessage = resolve));
  }
  return performance.now() - begun;
}
