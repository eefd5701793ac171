import { createRuntime } from '../create-runtime.js';
import type { PythonRuntime } from '../env/python-runtime.js';
import { check, type RuntimeOptions } from '../runtime/options.js';
import { PythonPool } from './python-pool.js';

export interface PoolOptions extends RuntimeOptions {
  /**
   * How many runtimes, each an interpreter of 60–100 MB; a whole number from 1 to 1,024. Default: as many as there are
   * cores, less one for the page, and at least 1.
   */
  readonly size?: number | undefined;
}

/** Makes a pool of runtimes, all with the same options. Nothing starts before its first command or subscription. */
export function createPool({ size = freeCores(), ...options }: PoolOptions = {}): PythonPool {
  const fits = Number.isInteger(size) && size >= 1 && size <= 1024;
  check('size', size, 'a whole number from 1 to 1,024', fits);
  const runtimes = Array.from({ length: size }, (): PythonRuntime => createRuntime(options));
  return new PythonPool(runtimes, options.queue ?? 1024);
}

function freeCores(): number {
  const { hardwareConcurrency = 1 } = (globalThis.navigator as Partial<Navigator> | undefined) ?? {};
  return Math.max(1, hardwareConcurrency - 1);
}
