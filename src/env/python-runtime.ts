import { defer, filter, map, take, throwIfEmpty, type Observable } from 'rxjs';
import { DisposedError } from '../errors.js';
import type { Value } from '../protocol/values.js';
import { RecoverableHost } from '../recovery/recoverable-host.js';
import type { Globals, RunOptions } from '../runtime/interpreter-requests.js';
import type { Incident } from '../runtime/incidents.js';
import { settingsFrom, type Defaults, type RuntimeOptions } from '../runtime/options.js';
import { withRatio, type Progress } from '../runtime/progress.js';
import type { RuntimeReady, RuntimeStatus } from '../runtime/status.js';
import { GymEnv } from './env.js';
import type { EnvSpec } from './spec.js';
import type { AnyStep, Step } from './step.js';

/**
 * One Python interpreter in one worker, which is replaced when it dies, and the envs that live in it.
 *
 * Commands are cold observables of one value: subscribing sends, unsubscribing cancels what waits and interrupts what
 * runs. They run one at a time, in the order of subscription. Each can error with `PythonError`, `DeadlineError`,
 * `CrashError`, `BootError`, `QueueOverflowError`, `UsageError` or `DisposedError`.
 */
export class PythonRuntime {
  /** Where the runtime is; replays the latest to a late subscriber. Only observes: boots nothing. */
  readonly status$: Observable<RuntimeStatus>;
  /** Each death of an interpreter that was ready, and how each env's recovery went. Only observes. */
  readonly incidents$: Observable<Incident>;
  /** What Python prints, line by line; at most 1,000 lines a command. Only observes. */
  readonly stdout$: Observable<string>;
  /** As `stdout$`, for `sys.stderr`. */
  readonly stderr$: Observable<string>;
  /**
   * The way to readiness, for a progress bar. Subscribing boots. Goes on over restarts and failures (with a new
   * `attempt`), and replays the latest to a late subscriber.
   */
  readonly progress$: Observable<Progress>;
  /**
   * Emits each time the runtime becomes ready, and at once to a late subscriber if it is. Subscribing boots.
   * Errors when the runtime has failed; after `boot()`, subscribe anew.
   */
  readonly ready$: Observable<RuntimeReady>;

  readonly #recovery: RecoverableHost;

  /** @internal Made by `createRuntime`. */
  constructor(options: RuntimeOptions, defaults: Defaults) {
    this.#recovery = new RecoverableHost(settingsFrom(options, defaults));
    const { host } = this.#recovery;
    this.status$ = host.status$;
    this.incidents$ = host.incidents$;
    const lines = (stream: 'stdout' | 'stderr'): Observable<string> =>
      host.output$.pipe(
        filter((output) => output.stream === stream),
        map(({ line }) => line),
      );
    this.stdout$ = lines('stdout');
    this.stderr$ = lines('stderr');
    this.progress$ = defer(() => {
      host.bootIfIdle();
      return host.reports$.pipe(withRatio());
    });
    this.ready$ = defer(() => {
      host.bootIfIdle();
      return host.readiness();
    });
  }

  /**
   * Boots at once, ahead of need, or again after a failure. The observable emits when the runtime is ready and errors if
   * it fails; unsubscribing from it does not stop the boot.
   */
  boot(): Observable<RuntimeReady> {
    const { host } = this.#recovery;
    host.boot();
    return defer(() => {
      host.boot();
      return host.readiness().pipe(
        take(1),
        throwIfEmpty(() => new DisposedError('the runtime')),
      );
    });
  }

  /**
   * Runs Python in `__main__`, with `await` where the code has it. Emits the value of the last expression.
   * The user's code may import what is installed; it is not searched for imports.
   */
  run(code: string, options: RunOptions = {}): Observable<Value> {
    return this.#recovery.run(code, options);
  }

  /**
   * Installs packages that are not installed yet, and again after each restart: wheel URLs (relative to the page), names in
   * Pyodide's lock file, and by micropip what that does not know. Emits null.
   */
  install(packages: readonly string[]): Observable<Value> {
    return this.#recovery.host.installForGood(packages);
  }

  /** Sets names in Python's `__main__`, and again after each restart. Emits null. */
  setGlobals(globals: Globals): Observable<Value> {
    return this.#recovery.setGlobals(globals);
  }

  /**
   * An env in this runtime; nothing is set up before its first command. Several may live side by side, but their
   * sources share Python's `__main__`.
   */
  env<S extends AnyStep = Step>(spec: EnvSpec): GymEnv<S> {
    return new GymEnv<S>(this.#recovery, spec);
  }

  /** Ends everything: the worker, every stream (completed), every pending command (`DisposedError`). */
  dispose(): void {
    this.#recovery.host.dispose();
  }
}
