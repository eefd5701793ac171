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
import { checkOptions } from '../check.js';
import type { PythonRuntime } from '../env/python-runtime.js';
import { specRules, type EnvSpec } from '../env/spec.js';
import type { AnyStep, Step } from '../env/step.js';
import { DisposedError } from '../errors.js';
import { FileSet, type Files } from '../runtime/files.js';
import type { Incident } from '../runtime/incidents.js';
import type { RuntimeReady, RuntimeStatus } from '../runtime/status.js';
import { autoresetRule } from '../operators/autoreset.js';
import { combinedProgress, type PoolProgress } from './combined-progress.js';
import { PoolEnv, type PoolEnvOptions } from './pool-env.js';

/** What happened to one of a pool's runtimes. */
export interface PoolIncident {
  /** Its place among `pool.runtimes`. */
  readonly member: number;
  readonly incident: Incident;
}

/**
 * Several runtimes, each in its own worker, that are used as one. Arrays are in the order of `runtimes`.
 *
 * Runtimes boot one after another: each begins when the one before has its files, so that it finds them in the HTTP cache.
 * A runtime that is used directly, as in `pool.runtimes[1].boot()`, boots at once.
 */
export class PythonPool {
  /** The pool's runtimes. Each may be used by itself, too. */
  readonly runtimes: readonly PythonRuntime[];
  /** Progress until all are ready, for a progress bar. Subscribing boots. Replays the latest value. */
  readonly progress$: Observable<PoolProgress>;
  /**
   * Emits when all are ready, again each time one of them is ready after a restart, and at once to a late subscriber if
   * all are. Subscribing boots. Errors when one has failed; after `boot()`, subscribe again.
   */
  readonly ready$: Observable<readonly RuntimeReady[]>;
  /** The status of each runtime. Replays the latest value. Subscribing boots nothing. */
  readonly status$: Observable<readonly RuntimeStatus[]>;
  /** What happened to the members' interpreters and envs. Only observes. */
  readonly incidents$: Observable<PoolIncident>;

  readonly #queue: number;
  /** Boots the runtimes one after another, once. Completes when the last one has its files. */
  readonly #begun$: Observable<never>;

  /** @internal Made by `createPool`. */
  constructor(runtimes: readonly PythonRuntime[], queue: number) {
    this.runtimes = runtimes;
    this.#queue = queue;
    let hasBegun = false;
    // once only: commands do not wait for a member that restarts
    this.#begun$ = defer(() =>
      hasBegun ? EMPTY : staggered(runtimes, ({ ready$ }) => ready$).pipe(tap({ complete: () => (hasBegun = true) })),
    );
    this.status$ = combineLatest(runtimes.map(({ status$ }) => status$));
    this.incidents$ = merge(
      ...runtimes.map(({ incidents$ }, member) => incidents$.pipe(map((incident) => ({ member, incident })))),
    );
    this.ready$ = concat(this.#begun$, combineLatest(runtimes.map(({ ready$ }) => ready$)));
    this.progress$ = combinedProgress(
      runtimes,
      runtimes.map(({ progress$ }) => progress$),
      this.#begun$,
    );
  }

  /**
   * Boots all now, one after another, also failed ones. The observable emits when all are ready, and errors if one fails;
   * unsubscribing from it does not stop the boots.
   */
  boot(): Observable<readonly RuntimeReady[]> {
    const begun$ = staggered(this.runtimes, (runtime) => runtime.boot());
    begun$.subscribe({ error: () => undefined });
    return concat(begun$, this.ready$).pipe(
      take(1),
      throwIfEmpty(() => new DisposedError('the pool')),
    );
  }

  /** The same env in each runtime, used as one. Nothing is set up before its first command. */
  env<S extends AnyStep = Step>(options: EnvSpec & PoolEnvOptions): PoolEnv<S> {
    checkOptions<object>('', options, { ...specRules, autoreset: autoresetRule });
    const { autoreset, ...given } = options;
    const { files } = given as { readonly files?: Files };
    // the bytes of the files are held once for all members
    const spec = files ? { ...given, files: FileSet.of(files) as unknown as Files } : given;
    const members = this.runtimes.map((runtime) => runtime.env<S>(spec));
    return new PoolEnv(members, this.runtimes, this.#begun$, this.#queue, { autoreset });
  }

  /** Disposes of all runtimes. */
  dispose(): void {
    for (const runtime of this.runtimes) runtime.dispose();
  }
}

/** Boots each when the one before has its files. Errors when a boot fails. */
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
