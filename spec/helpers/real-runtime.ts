import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createRuntime, type PythonRuntime, type RuntimeOptions } from '../../src/index';
import { nodeWorker } from '../../src/node/create-runtime';
import countingEnv from '../envs/counting-env.py';
import { root } from './folders';

/** The folder of a Pyodide that starts from a snapshot, see helpers/quick. */
export const quick = 'temp/quick';
/** That of one which boots from nothing, for specs that are about the boot. */
export const cold = 'node_modules/pyodide';

/** What makes a real Pyodide in a worker thread, with the worker script that is shipped. */
export function realOptions(options: RuntimeOptions = {}, pyodide = quick): RuntimeOptions {
  return {
    worker: () => nodeWorker(pathToFileURL(join(root, 'dist/node-worker.js'))),
    indexURL: pathToFileURL(join(root, pyodide)).href,
    ...options,
    // a snapshot boots one more interpreter in the background, which the specs that are not about it need not wait for
    restart: { snapshot: false, ...options.restart },
  };
}

/** Checkpoints are taken when they are due, however slow the machine. */
export const unhurried = { share: 1, stall: Infinity };

/** A runtime of {@link realOptions}. */
export function realRuntime(options?: RuntimeOptions, pyodide?: string): PythonRuntime {
  return createRuntime(realOptions(options, pyodide));
}

export { countingEnv };
