import { checkOptions } from '../check.js';
import { createRuntime } from '../create-runtime.js';
import type { PythonRuntime } from '../env/python-runtime.js';
import { defaultQueue, runtimeRules, type RuntimeOptions } from '../runtime/options.js';
import { PythonPool } from './python-pool.js';

/** The options of {@link createPool}: those of `createRuntime`, and the size. */
export interface PoolOptions extends RuntimeOptions {
  /**
   * How many runtimes, each an interpreter of 60–100 MB; a whole number from 1 to 1,024. Default: the number of cores,
   * less one for the page, and at least 1.
   */
  readonly size?: number | undefined;
}

/** Makes a pool of runtimes, all with the same options. Nothing starts before its first command or subscription. */
export function createPool(options: PoolOptions = {}): PythonPool {
  checkOptions('', options, { ...runtimeRules, size: { min: 1, max: 1024, whole: true } });
  const { size = freeCores(), ...each } = options;
  const runtimes = Array.from({ length: size }, (): PythonRuntime => createRuntime(each));
  return new PythonPool(runtimes, each.queue ?? defaultQueue);
}

function freeCores(): number {
  const { hardwareConcurrency = 1 } = (globalThis.navigator as Partial<Navigator> | undefined) ?? {};
  return Math.max(1, hardwareConcurrency - 1);
}
