import { PythonRuntime } from './env/python-runtime.js';
import { pageWorker } from './runtime/page-worker.js';
import type { RuntimeOptions } from './runtime/options.js';

/** The folder of the one Pyodide version that this library is built for and tested with, on its CDN. */
export const defaultIndexURL = `https://cdn.jsdelivr.net/pyodide/v${__PYODIDE_VERSION__}/full/`;

/** Makes a runtime. Nothing starts before its first command or subscription. */
export function createRuntime(options: RuntimeOptions = {}): PythonRuntime {
  return new PythonRuntime(options, { indexURL: defaultIndexURL, worker: pageWorker });
}
