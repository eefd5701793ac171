import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import {
  createPool as createPagePool,
  createRuntime as createPageRuntime,
  type Endpoint,
  type PoolOptions,
  type PythonPool,
  type PythonRuntime,
  type RuntimeOptions,
} from '../index.js';

/** The folder of the `pyodide` package that is installed beside this one, as a URL. */
function installedPyodide(): string {
  const { resolve } = createRequire(import.meta.url);
  return `${pathToFileURL(dirname(resolve('pyodide/package.json'))).href}/`;
}

/** Spawns the worker in a Node worker thread. */
export function nodeWorker(script: URL = new URL('./node-worker.js', import.meta.url)): Endpoint {
  const thread = new Worker(script);
  const events = new EventTarget();
  const say = (type: string, facts: object): void => {
    events.dispatchEvent(Object.assign(new Event(type, { cancelable: true }), facts));
  };
  thread.on('error', (error: Error) => {
    say('error', { message: error.message });
  });
  thread.on('exit', (code) => {
    say('close', { code });
  });
  return {
    postMessage: (message, transfer) => {
      thread.postMessage(message, transfer as unknown as ArrayBuffer[]);
    },
    addEventListener: events.addEventListener.bind(events),
    removeEventListener: events.removeEventListener.bind(events),
    terminate: () => {
      void thread.terminate();
    },
  };
}

function workerOf(given: RuntimeOptions['worker']): RuntimeOptions['worker'] {
  return typeof given === 'string' || given instanceof URL
    ? () => nodeWorker(new URL(given))
    : (given ?? (() => nodeWorker()));
}

/** What Node brings where the user says nothing. */
const withDefaults = <Options extends RuntimeOptions>(options: Options): Options => ({
  ...options,
  indexURL: options.indexURL ?? installedPyodide(),
  worker: workerOf(options.worker),
});

/** {@link createPageRuntime | createRuntime} for Node: in a worker thread, with the installed `pyodide`. */
export function createRuntime(options: RuntimeOptions = {}): PythonRuntime {
  return createPageRuntime(withDefaults(options));
}

/** {@link createPagePool | createPool} for Node: each runtime in a worker thread, with the installed `pyodide`. */
export function createPool({
  size = Math.max(1, availableParallelism() - 1),
  ...options
}: PoolOptions = {}): PythonPool {
  return createPagePool({ ...withDefaults(options), size });
}
