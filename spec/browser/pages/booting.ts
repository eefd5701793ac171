// Runtimes whose interpreters crash while they come up.
import { filter, firstValueFrom, timeout, timer } from 'rxjs';
import type { BootStage, RuntimeStatus } from 'rxgym';
import type { PlainError } from './bench';
import './bench.js';

export interface Fault {
  readonly stage: BootStage;
  /** JavaScript that the worker runs; null: it is terminated from outside. */
  readonly obey: string | null;
}

export interface FailedBoot {
  readonly error: PlainError | null | undefined;
  /** The error of the command that waited for the boot. */
  readonly waiting: PlainError | null | undefined;
  readonly state: RuntimeStatus['state'];
}

class KnownWorker extends Worker {
  /** The name of the lock that it is to hold. */
  lock: string | undefined;
  override postMessage(message: unknown, transfer?: StructuredSerializeOptions | Transferable[]): void {
    this.lock ??= (message as { readonly lock?: string }).lock;
    super.postMessage(message, transfer as Transferable[]);
  }
}
const workers: KnownWorker[] = [];

const booting = {
  /** None of its deadlines ends a boot. */
  start(packages: readonly string[], limit: number): void {
    const worker = (): Worker => {
      const spawned = new KnownWorker('/obedient.js', { type: 'module' });
      workers.push(spawned);
      return spawned;
    };
    const deadlines = { boot: Infinity, install: Infinity, stall: Infinity };
    bench.start({ worker, packages, deadlines, restart: { limit, backoff: 0, within: Infinity } });
  },

  /** Makes the interpreter of that attempt crash once it is at that stage. */
  async inject({ stage, obey }: Fault, attempt: number): Promise<void> {
    const isThere = filter((now: { stage: string; attempt: number }) => now.stage === stage && now.attempt === attempt);
    await firstValueFrom(bench.runtime.progress$.pipe(isThere));
    const worker = workers.at(-1);
    // the page waits for the lock that it holds: before that, only a deadline finds it dead
    const isKnown = async () => (await navigator.locks.query()).pending?.some(({ name }) => name === worker?.lock);
    while (!(await isKnown())) await firstValueFrom(timer(10));
    if (obey === null) worker?.terminate();
    else worker?.postMessage({ obey });
  },

  /** Boots an interpreter that crashes. */
  async fail(fault: Fault): Promise<FailedBoot> {
    const { runtime, env } = bench;
    // if nothing is noticed, the page does not wait for ever
    const booted = bench.outcome(runtime.boot().pipe(timeout(40_000)));
    const reset = bench.outcome(env.reset().pipe(timeout(40_000)));
    await booting.inject(fault, workers.length);
    const { error } = await booted;
    const { state } = await firstValueFrom(runtime.status$);
    return { error, waiting: (await reset).error, state };
  },
};

declare global {
  var booting: Booting;
}
type Booting = typeof booting;
globalThis.booting = booting;
