import type { Endpoint } from '../protocol/endpoint.js';

/**
 * The worker script that lies beside this module. The URL stands apart from `new Worker`, so that webpack and Vite copy
 * the script as it is: as part of their bundle it would become a classic worker, in which Pyodide does not run. A bundle
 * that is no module has no address to begin from.
 */
const besideThis = (): unknown => new URL('./worker.js', import.meta.url);

/** A worker's script must be of the page's origin, but may import from a CDN that allows it. */
const shims = new Map<string, string>();

/** Spawns a worker from a script, or the default one. */
export function pageWorker(address: unknown = besideThis()): Endpoint {
  // Next.js makes an address that has no origin
  const script = new URL(String(address), location.href);
  const isOwn = script.origin === location.origin || script.protocol === 'blob:';
  const worker = new Worker(isOwn ? script : shimFor(script.href), { type: 'module' });
  return Object.assign(worker, { script: script.href });
}

function shimFor(href: string): string {
  const shim =
    shims.get(href) ?? URL.createObjectURL(new Blob([`import ${JSON.stringify(href)};`], { type: 'text/javascript' }));
  shims.set(href, shim);
  return shim;
}
