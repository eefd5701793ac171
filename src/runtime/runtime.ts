import {
  EMPTY,
  Subject,
  catchError,
  concat,
  defer,
  filter,
  finalize,
  map,
  mergeMap,
  switchMap,
  take,
  tap,
  throwError,
  throwIfEmpty,
  type Observable,
} from 'rxjs';
import { check, checkOptions, longestTimer } from '../check.js';
import { DisposedError, PythonError } from '../errors.js';
import type { MainDeed, MainEntry } from '../protocol/messages.js';
import { pack } from '../protocol/pack.js';
import type { Value } from '../protocol/values.js';
import {
  forgetRequest,
  globalsRequest,
  installRequest,
  runRequest,
  runRules,
  type Globals,
  type RunOptions,
} from './commands.js';
import { namesOf, withEntry } from './main-log.js';
import { settingsFrom, type Defaults, type RuntimeOptions, type Settings } from './options.js';
import { withRatio, type Progress, type Report } from './progress.js';
import { Requests, type Request } from './requests.js';
import {
  Supervisor,
  isNoWayBack,
  type CrashReport,
  type NewInterpreter,
  type Recovered,
  type RuntimeReady,
  type RuntimeStatus,
} from './supervisor.js';

/** What an env needs of the runtime that it lives in. */
export interface EnvHost {
  settings(): Settings;
  /** Before the first boot: what an env is going to want. Interpreters start from the first image that is said. */
  foresee(image: string | null, packages: readonly string[]): void;
  /** True when no command runs or waits. */
  isIdle(): boolean;
  /** Hands a frame's buffer back to the worker. */
  reuse(buffer: ArrayBuffer): void;
  /** Sends in turn; boots first, if nothing has yet. */
  command(request: Request): Observable<Value>;
  install(packages: readonly string[], lane: Request['lane']): Observable<Value>;
  readonly reports$: Observable<Report>;
  readonly status$: Observable<RuntimeStatus>;
  /** Emits with each new interpreter, when the `setup` lane is open and the users' is not yet. */
  readonly up$: Observable<NewInterpreter>;
  /** The interpreter of now. */
  attempt(): number;
  /** What users ran in `__main__`, when it was over; null for what was interrupted and so cannot be done again. */
  readonly ran$: Observable<MainEntry | null>;
  /** All of it so far; of more than `restart.log` the latest. */
  ranSoFar(): readonly MainEntry[];
  /** The number of what is logged next. */
  tick(): number;
  /** True when several envs live in the runtime. */
  isShared(): boolean;
  /** What makes a spare interpreter ready for the env; answers how to take that back. */
  warmUpWith(warmUp: (requests: Requests) => Observable<unknown>): () => void;
  recovered(report: Omit<Recovered, 'name'>): void;
  /** An env begins anew instead: its commands that were to survive end. */
  notRecovered(env: number, error: Error): void;
}

/**
 * One Python interpreter in one worker, which is replaced when it dies.
 *
 * Commands are cold observables of one value: subscribing sends, unsubscribing takes back what waits and interrupts what
 * runs. They run one at a time, in the order of subscription. Each can error with `PythonError`, `DeadlineError`,
 * `CrashError`, `BootError`, `QueueOverflowError`, `UsageError` or `DisposedError`.
 */
export class Runtime {
  /** Where the runtime is; replays the latest to a late subscriber. Only observes: boots nothing. */
  readonly status$: Observable<RuntimeStatus>;
  /** Each death of an interpreter that was ready. Only observes. */
  readonly crashes$: Observable<CrashReport>;
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

  /** @internal For what lives in the runtime. */
  protected readonly host: EnvHost;
  #settings: Settings;
  readonly #requests: Requests;
  readonly #supervisor: Supervisor;
  readonly #warmUps = new Set<(requests: Requests) => Observable<unknown>>();
  readonly #ran$ = new Subject<MainEntry | null>();
  #ranSoFar: readonly MainEntry[] = [];
  #ticks = 0;

  /** @internal */
  constructor(options: RuntimeOptions, defaults: Defaults) {
    this.#settings = settingsFrom(options, defaults);
    const { globals } = this.#settings;
    if (Object.keys(globals).length) this.#note({ kind: 'setGlobals', globals: pack(globals, 'globals') });
    this.#requests = new Requests({
      queue: this.#settings.queue,
      grace: this.#settings.deadlines.grace,
      tries: Math.max(1, this.#settings.restart.limit),
    });
    const supervisor = new Supervisor(
      () => this.#forSession(),
      this.#requests,
      (requests) => concat(...[...this.#warmUps].map((warmUp) => warmUp(requests)), requests.send(forgetRequest)),
    );
    this.#supervisor = supervisor;

    this.status$ = supervisor.status$;
    this.crashes$ = supervisor.crashes$;
    const lines = (stream: 'stdout' | 'stderr'): Observable<string> =>
      supervisor.output$.pipe(
        filter((output) => output.stream === stream),
        map(({ line }) => line),
      );
    this.stdout$ = lines('stdout');
    this.stderr$ = lines('stderr');
    this.progress$ = defer(() => {
      this.#bootIfIdle();
      return supervisor.reports$.pipe(withRatio());
    });
    this.ready$ = defer(() => {
      this.#bootIfIdle();
      return this.#readiness();
    });
    this.host = {
      settings: () => this.#settings,
      foresee: (image, packages) => {
        if (supervisor.status.state !== 'idle') return;
        const { expectedPackages } = this.#settings;
        this.#remember({ image: this.#settings.image ?? image, expectedPackages: [...expectedPackages, ...packages] });
      },
      isIdle: () => this.#requests.isIdle,
      reuse: (buffer) => {
        this.#requests.reuse(buffer);
      },
      command: (request) => this.#command(request),
      install: (packages, lane) => this.#install(packages, lane, { survives: 'a crash' }),
      reports$: supervisor.reports$,
      status$: this.status$,
      up$: supervisor.up$,
      attempt: () => supervisor.attempt,
      ran$: this.#ran$.asObservable(),
      ranSoFar: () => this.#ranSoFar,
      tick: () => ++this.#ticks,
      isShared: () => this.#warmUps.size > 1,
      warmUpWith: (warmUp) => {
        this.#warmUps.add(warmUp);
        return () => this.#warmUps.delete(warmUp);
      },
      recovered: (report) => {
        supervisor.reportCrash({ name: 'Recovered', ...report });
      },
      notRecovered: (env, error) => {
        this.#requests.fail(error, (request) => request.env === env && request.lane === 'user');
        if (isNoWayBack(error)) supervisor.reportCrash(error);
      },
    };
    // before any env's own part of it
    supervisor.up$.pipe(mergeMap(({ attempt }) => (attempt > 1 ? this.#runAgain() : EMPTY))).subscribe();
  }

  /**
   * Boots at once, ahead of need, or again after a failure. The observable emits when the runtime is ready and errors if
   * it fails; unsubscribing from it does not stop the boot.
   */
  boot(): Observable<RuntimeReady> {
    this.#supervisor.boot();
    return defer(() => {
      this.#supervisor.boot();
      return this.#readiness().pipe(
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
    return defer(() => {
      check('code', code, 'Python code', typeof code === 'string');
      checkOptions('', options, runRules);
      const globals = pack(options.globals ?? {}, 'globals');
      const note = (): void => this.#note({ kind: 'run', code, globals });
      const request = runRequest(this.#settings, code, globals, options);
      return this.#command({ ...request, onUndone: () => this.#ran$.next(null) }).pipe(
        tap({
          next: note,
          // what it did before it raised stays
          error: (error: unknown) => {
            if (error instanceof PythonError) note();
          },
        }),
      );
    });
  }

  /**
   * Installs packages that are not installed yet, and again after each restart: wheel URLs, names in Pyodide's lock
   * file, and by micropip what that does not know. Emits null.
   */
  install(packages: readonly string[]): Observable<Value> {
    return this.#install(packages, 'user').pipe(
      tap(() => {
        this.#remember({ packages: [...new Set([...this.#settings.packages, ...packages])] });
      }),
    );
  }

  /** Sets names in Python's `__main__`, and again after each restart. Emits null. */
  setGlobals(globals: Globals): Observable<Value> {
    return defer(() => {
      const note = (): void => {
        this.#remember({ globals: { ...this.#settings.globals, ...globals } });
        this.#note({ kind: 'setGlobals', globals: pack(globals, 'globals') });
      };
      const request = globalsRequest(this.#settings, globals, 'user');
      return this.#command({ ...request, onUndone: note }).pipe(tap(note));
    });
  }

  /** Ends everything: the worker, every stream (completed), every pending command (`DisposedError`). */
  dispose(): void {
    this.#supervisor.dispose();
  }

  /** In a new interpreter, behind the envs' ways back: what none of them brought along. */
  #runAgain(): Observable<unknown> {
    if (!this.#ranSoFar.length) return EMPTY;
    const body = { type: 'replay', env: 0, entries: this.#ranSoFar, from: 0, once: true } as const;
    const deadline = Math.min(this.#settings.deadlines.run * body.entries.length, longestTimer);
    return this.#command({ type: 'replay', body: () => body, deadline, lane: 'setup' }).pipe(
      catchError((error: unknown) => {
        if (isNoWayBack(error)) this.#supervisor.reportCrash(error);
        return EMPTY;
      }),
    );
  }

  #note(deed: MainDeed): void {
    const entry = { ...deed, number: ++this.#ticks };
    this.#ranSoFar = withEntry(this.#ranSoFar, entry, this.#settings.restart.log);
    this.#ran$.next(entry);
  }

  /** What the log sets again has its place in it; the first interpreter has no log to go by. */
  #forSession(): Settings {
    const { globals, ...settings } = this.#settings;
    if (this.#supervisor.attempt === 1) return this.#settings;
    const logged = new Set(this.#ranSoFar.flatMap((entry) => (entry.kind === 'setGlobals' ? namesOf(entry) : [])));
    const rest = Object.entries(globals).filter(([name]) => !logged.has(name));
    return { ...settings, globals: Object.fromEntries(rest) };
  }

  #remember(changed: Partial<Settings>): void {
    this.#settings = { ...this.#settings, ...changed };
  }

  #bootIfIdle(): void {
    if (this.#supervisor.status.state === 'idle') this.#supervisor.boot();
  }

  #install(
    packages: readonly string[],
    lane: Request['lane'],
    more: Pick<Request, 'survives'> = {},
  ): Observable<Value> {
    return defer(() => this.#command({ ...installRequest(this.#settings, packages, lane), ...more })).pipe(
      finalize(() => {
        this.#supervisor.reportReady();
      }),
    );
  }

  #command(request: Request): Observable<Value> {
    this.#bootIfIdle(); // which may fail at once
    const status = this.#supervisor.status;
    if (status.state === 'disposed') return throwError(() => new DisposedError('the runtime'));
    if (status.state === 'failed') return throwError(() => status.error);
    return this.#requests.send(request);
  }

  #readiness(): Observable<RuntimeReady> {
    return this.status$.pipe(
      switchMap((status) => {
        if (status.state === 'ready') return [status.ready];
        if (status.state === 'failed') return throwError(() => status.error);
        return [];
      }),
    );
  }
}
