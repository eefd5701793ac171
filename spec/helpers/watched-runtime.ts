import { createRuntime, type PythonRuntime, type RuntimeOptions } from '../../src/index';
import type { Endpoint } from '../../src/protocol/endpoint';
import { standInWorker, type Faults } from './stand-in-worker';

export interface Watched {
  readonly runtime: PythonRuntime;
  readonly states: object[];
  /** All that were made, also those that were terminated. */
  readonly workers: ReturnType<typeof standInWorker>[];
  /** The numbers of those that were, from 1. */
  readonly terminated: number[];
}

/** A runtime whose workers are stand-ins, for virtual time. `faults` gets the number of the worker, from 1. */
export function watched(options: RuntimeOptions = {}, faults: (attempt: number) => Faults = () => ({})): Watched {
  const workers: ReturnType<typeof standInWorker>[] = [];
  const terminated: number[] = [];
  const worker = (): Endpoint => {
    const attempt = workers.length + 1;
    const made = standInWorker(withTermination(faults(attempt), () => terminated.push(attempt)));
    workers.push(made);
    return made;
  };
  const runtime = createRuntime({ worker, ...options });
  const states: object[] = [];
  runtime.status$.subscribe(({ state, ...more }) => states.push({ state, ...more }));
  return { runtime, states, workers, terminated };
}

/** The same faults, also those that are set later, and who is told of the termination. */
const withTermination = (faults: Faults, onTerminate: () => void): Faults =>
  Object.assign(Object.create(faults) as Faults, { onTerminate });

/** Waits until the messages under way have arrived; virtual timers do not advance. */
export const messages = async (): Promise<void> => {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
};

/** An event that makes a worker count as dead. */
export const scriptError = (): Event => Object.assign(new Event('error', { cancelable: true }), { message: '' });
