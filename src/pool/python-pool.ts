import {
  EMPTY,
  combineLatest,
  concat,
  defer,
  ignoreElements,
  map,
  merge,
  take,
  takeWhile,
  tap,
  throwIfEmpty,
  type Observable,
} from 'rxjs';
import type { PythonRuntime } from '../env/python-runtime.js';
import type { EnvSpec } from '../env/spec.js';
import type { AnyStep, Step } from '../env/step.js';
import { DisposedError } from '../errors.js';
import type { Incident } from '../runtime/incidents.js';
import type { RuntimeReady, RuntimeStatus } from '../runtime/status.js';
import { PoolEnv, type PoolEnvOptions } from './pool-env.js';
import { together, type PoolProgress } from './together.js';

/** What happened to one of a pool's runtimes. */
export interface PoolIncident {
  /** Its place among `pool.runtimes`. */
  readonly member: number;
  readonly incident: Incident;
}

/**
 * Several runtimes, each in a worker of its own, that are used as one. Arrays are in the order of `runtimes`.
 *
 * They boot one after another: each begins when the one before has its files, which the next then finds in the HTTP
 * cache. A member that is used by itself, by `pool.runtimes[1].boot()`, boots at once.
 */
export class PythonPool {
  /** The members. */
  readonly runtimes: readonly PythonRuntime[];
  /** The way until all are ready, for a progress bar. Subscribing boots; replays the latest to a late subscriber. */
  readonly progress$: Observable<PoolProgress>;
  /**
   * Emits when all are ready, again each time one of them becomes so anew, and at once to a late subscriber if all are.
   * Subscribing boots. Errors when one has failed; after `boot()`, subscribe anew.
   */
  readonly ready$: Observable<readonly RuntimeReady[]>;
  /** Where each runtime is; replays the latest. Only observes: boots nothing. */
  readonly status$: Observable<readonly RuntimeStatus[]>;
  /** What happened to the members' interpreters and envs. Only observes. */
  readonly incidents$: Observable<PoolIncident>;

  readonly #queue: number;
  /** Completes when all have begun to boot. */
  readonly #begun$: Observable<never>;

  /** @internal Made by `createPool`. */
  constructor(runtimes: readonly PythonRuntime[], queue: number) {
    this.runtimes = runtimes;
    this.#queue = queue;
    let hasBegun = false;
    // once only: nobody waits for a member that dies and boots again
    this.#begun$ = defer(() =>
      hasBegun ? EMPTY : staggered(runtimes, ({ ready$ }) => ready$).pipe(tap({ complete: () => (hasBegun = true) })),
    );
    this.status$ = combineLatest(runtimes.map(({ status$ }) => status$));
    this.incidents$ = merge(
      ...runtimes.map(({ incidents$ }, member) => incidents$.pipe(map((incident) => ({ member, incident })))),
    );
    this.ready$ = concat(this.#begun$, combineLatest(runtimes.map(({ ready$ }) => ready$)));
    this.progress$ = together(
      runtimes,
      runtimes.map(({ progress$ }) => progress$),
      this.#begun$,
    );
  }

  /**
   * Boots at once, ahead of need, or those again that have failed. The observable emits when all are ready and errors if
   * one fails; unsubscribing from it does not stop the boots.
   */
  boot(): Observable<readonly RuntimeReady[]> {
    const begun$ = staggered(this.runtimes, (runtime) => runtime.boot());
    begun$.subscribe({ error: () => undefined });
    return concat(begun$, this.ready$).pipe(
      take(1),
      throwIfEmpty(() => new DisposedError('the pool')),
    );
  }

  /** The same env in each runtime, used as one; nothing is set up before its first command. */
  env<S extends AnyStep = Step>({ autoreset, ...spec }: EnvSpec & PoolEnvOptions): PoolEnv<S> {
    const members = this.runtimes.map((runtime) => runtime.env<S>(spec));
    return new PoolEnv(members, this.runtimes, this.#begun$, this.#queue, { autoreset });
  }

  /** Disposes of all the runtimes. */
  dispose(): void {
    for (const runtime of this.runtimes) runtime.dispose();
  }
}

/** Boots one after another; each when the one before has its files. Errors when a boot fails. */
function staggered(
  runtimes: readonly PythonRuntime[],
  boot: (runtime: PythonRuntime) => Observable<RuntimeReady>,
): Observable<never> {
  const hasFiles = (runtime: PythonRuntime): Observable<never> =>
    defer(() => merge(boot(runtime).pipe(ignoreElements()), runtime.progress$)).pipe(
      takeWhile(({ stage }) => stage === 'spawn' || stage === 'download'),
      ignoreElements(),
    );
  return concat(...runtimes.map(hasFiles));
}
