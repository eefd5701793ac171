import type { Endpoint } from '../protocol/endpoint.js';

/**
 * The worker script that lies beside this module. The URL stands apart from `new Worker`, so that webpack and Vite copy
 * the script as it is: as part of their bundle it would become a classic worker, in which Pyodide does not run.
 */
const script = new URL('./worker.js', import.meta.url);

/** A worker's script must be of the page's origin, but may import from a CDN that allows it. */
let shim: string | undefined;

/** Spawns the default worker. */
export function pageWorker(): Endpoint {
  if (script.origin === location.origin || script.protocol === 'blob:') return new Worker(script, { type: 'module' });
  shim ??= URL.createObjectURL(new Blob([`import ${JSON.stringify(script.href)};`], { type: 'text/javascript' }));
  return new Worker(shim, { type: 'module' });
}
