import { EMPTY, catchError, concat, defer, finalize, mergeMap, tap, type Observable } from 'rxjs';
import { check, checkOptions, checkValue, longestTimer, objectRule } from '../check.js';
import { PythonError } from '../errors.js';
import { traitsOf } from '../protocol/traits.js';
import type { LoggedMainOperation } from '../protocol/operations.js';
import { pack, packedMap } from '../protocol/pack.js';
import type { Value } from '../protocol/values.js';
import { forgetRequest, runRules, type Globals, type RunOptions } from '../runtime/interpreter-requests.js';
import { Host } from '../runtime/host.js';
import { recording } from '../runtime/input.js';
import { unrecoverable } from '../runtime/incidents.js';
import { withDefaults, type Settings } from '../runtime/options.js';
import { requestFor, type Request } from '../runtime/request.js';
import { Lifecycle } from './lifecycle.js';
import { OperationLog, packNames } from './log.js';
import { recoveryDefaults, type RecoveryOptions } from './options.js';
import type { SetUp } from './plan-runner.js';

/** The interpreters of a runtime, with all that lives in them: what ran in `__main__`, and the envs. */
export class RecoverableHost {
  readonly host: Host;
  readonly #log: OperationLog;
  readonly #envs = new Set<Pick<Lifecycle<unknown>, 'onMain' | 'warmUp'>>();
  #lastEnv = 0;

  constructor(settings: Settings) {
    this.#log = new OperationLog(settings.globals, settings.restart.log);
    this.host = new Host(settings, {
      initialGlobals: () => this.#log.initialGlobals,
      warmUp: (requests) =>
        concat(
          ...[...this.#envs].map((env) => env.warmUp(requests)),
          defer(() => requests.send(forgetRequest(this.host.settings))),
        ),
    });
    // subscribed before any env, hence queued before the fresh set-ups, which have the same order (see startPlan)
    this.host.up$.pipe(mergeMap(({ attempt }) => (attempt > 1 ? this.#replayMain() : EMPTY))).subscribe();
  }

  /** An env that is set up by its first command, and closed when `ended$` emits. */
  env<Ready>(setUp: (id: number) => SetUp<Ready>, options: RecoveryOptions = {}): Lifecycle<Ready> {
    const id = ++this.#lastEnv;
    const all = withDefaults(options, recoveryDefaults);
    const { log, close } = this.#log.open(all.log);
    const env = new Lifecycle<Ready>(this.host, log, id, setUp(id), all, () => this.#envs.size > 1);
    this.#envs.add(env);
    env.ended$
      .pipe(
        finalize(() => {
          this.#envs.delete(env);
          close();
        }),
      )
      .subscribe();
    return env;
  }

  run(code: string, options: RunOptions = {}): Observable<Value> {
    return defer(() => {
      checkOptions('', options, runRules);
      const { globals = {}, deadline } = options;
      check('code', code, 'Python code', typeof code === 'string');
      const packed = pack(globals, 'globals');
      const body = { type: 'run', code, globals: packed } as const;
      const { input } = this.host.settings;
      const asked = input && recording(input);
      const request = requestFor(this.host.settings, body, {
        ...(deadline !== undefined && { deadline }),
        ...(asked && { input: asked.input, onStart: asked.clear }),
      });
      return this.#inMain(request, () => this.#log.appendRun(code, packed, asked?.answers));
    });
  }

  setGlobals(globals: Globals): Observable<Value> {
    return defer(() => {
      checkValue('globals', globals, objectRule);
      const names = packNames(globals);
      const body = { type: 'setGlobals', globals: packedMap(names) } as const;
      return this.#inMain(requestFor(this.host.settings, body), () => this.#log.appendGlobals(names));
    });
  }

  /** Logs what was acknowledged in `__main__`, before its value is handed on. */
  #inMain(request: Request, append: () => LoggedMainOperation): Observable<Value> {
    const log = (): void => this.#tell(append());
    const onDiscarded = (): void => {
      // what cannot be interrupted was done all the same
      if (traitsOf(request.body.type).interruptible) this.#tell(null);
      else log();
    };
    return this.host.command({ ...request, onDiscarded }).pipe(
      tap({
        next: log,
        // what it did before it raised stays
        error: (error: unknown) => {
          if (error instanceof PythonError && request.body.type === 'run') log();
        },
      }),
    );
  }

  #tell(operation: LoggedMainOperation | null): void {
    for (const env of this.#envs) env.onMain(operation);
  }

  /** In a new interpreter, behind the envs' recoveries: what none of them brought along. */
  #replayMain(): Observable<unknown> {
    const { main: operations } = this.#log;
    if (!operations.length) return EMPTY;
    const deadline = Math.min(this.host.settings.deadlines.run * operations.length, longestTimer);
    const body = { type: 'replay', env: 0, operations, from: 0, once: true } as const;
    return this.host.command(requestFor(this.host.settings, body, { deadline })).pipe(
      catchError((error: unknown) => {
        this.host.report(unrecoverable(error));
        return EMPTY;
      }),
    );
  }
}
