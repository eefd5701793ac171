import { firstValueFrom } from 'rxjs';
import { createRuntime } from 'rxgym';
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

/** A first visit: boots, and stays until the browser's storage has the picture. */
export async function keepPicture(): Promise<void> {
  const runtime = createRuntime({ indexURL, cache: 'snapshot' });
  await firstValueFrom(runtime.ready$);
  const patience = performance.now() + 120_000;
  while (!(await isKept().catch(() => false))) {
    if (performance.now() > patience) throw new Error('the storage of the browser was given no picture in 120 s');
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  runtime.dispose();
}

/** True when the only file is one that is written to its end; fails while one is renamed. */
async function isKept(): Promise<boolean> {
  const names: string[] = [];
  for await (const [name, folder] of await navigator.storage.getDirectory()) {
    if (name === 'rxgym') for await (const file of (folder as FileSystemDirectoryHandle).keys()) names.push(file);
  }
  return names.length === 1 && /^[0-9a-f]{64}$/.test(names[0] ?? '');
}
