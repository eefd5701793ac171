import { BootError, RxgymError } from '../errors.js';
import { describe } from '../describe.js';
import type { Endpoint, WorkerFactory } from '../protocol/endpoint.js';

/** Calls the user's factory; throws a {@link BootError} where it makes no worker. */
export function spawned(factory: WorkerFactory): Endpoint {
  try {
    const endpoint = factory() as Partial<Endpoint> | undefined; // the user's function
    if (isEndpoint(endpoint)) return endpoint;
    throw new TypeError(`it returned ${describe(endpoint)}, which is no worker`);
  } catch (error) {
    if (error instanceof RxgymError) throw error;
    throw notSpawned('factory failed', error);
  }
}

export const notSpawned = (problem: string, cause: unknown): BootError =>
  new BootError('spawn', 'worker', `the worker ${problem}: ${String(cause)}`, { cause });

const isEndpoint = (given: Partial<Endpoint> | undefined): given is Endpoint =>
  [given?.postMessage, given?.addEventListener, given?.removeEventListener, given?.terminate].every(
    (method) => typeof method === 'function',
  );
