// @ts-check
// The worker that is shipped, and beside it what the faults of the chaos run need of JavaScript.
import { getEnvironmentData, parentPort } from 'node:worker_threads';
import { Faults } from './faults.mjs';

const { memory, script, thread } = /** @type {{ memory: SharedArrayBuffer, script: string, thread: number }} */ (
  /** @type {unknown} */ (getEnvironmentData('chaos'))
);
const faults = new Faults(memory);
// Pyodide writes a page about each fatal error.
console.error = () => undefined;
/** @type {import('node:worker_threads').MessagePort | undefined} */
let port;

/** @type {Record<string, () => void>} */
const byJavaScript = {
  // The step goes on and is answered; the worker dies after it.
  'worker-error': () => setTimeout(() => missing()),
  rejection: () => void Promise.reject(new Error('nobody handles this')),
  'worker-exit': () => process.exit(1),
  garbage: () => port?.postMessage({ type: 'nonsense' }),
  forgery: () => port?.postMessage({ type: 'answer', id: 1e9, value: { json: '0', buffers: [] } }),
};

Object.assign(globalThis, {
  /** @param {import('./faults.mjs').Place} place */
  takeFault(place) {
    const kind = faults.take(place, thread);
    if (kind === undefined || !(kind in byJavaScript)) return kind;
    byJavaScript[kind]?.();
    return undefined;
  },
});

function missing() {
  throw new Error('nobody catches this');
}

await import(script);
parentPort?.on('message', (message) => {
  port = message.port;
});
