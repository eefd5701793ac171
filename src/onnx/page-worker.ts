import type { Endpoint } from '../index.js';

/** A worker's script must be of the page's origin, but may import from another that allows it. */
let shim: string | undefined;

/** Spawns the default worker. */
export function pageWorker(): Endpoint {
  // apart from `new Worker`, so that webpack and Vite copy the script as it is
  const script = new URL('./onnx-worker.js', import.meta.url);
  const options: WorkerOptions = { type: 'module', name: 'rxgym-onnx' };
  if (script.origin === location.origin || script.protocol === 'blob:') return new Worker(script, options);
  shim ??= URL.createObjectURL(new Blob([`import ${JSON.stringify(script.href)};`], { type: 'text/javascript' }));
  return new Worker(shim, options);
}
