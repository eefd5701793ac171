import { defer, finalize, switchMap, tap, throwError, type Observable } from 'rxjs';
import { DisposedError } from '../errors.js';
import type { CommandOf } from '../protocol/commands.js';
import type { Packed } from '../protocol/pack.js';
import type { Value } from '../protocol/values.js';
import { withAddresses } from './address.js';
import type { FileSet } from './files.js';
import { filesRequest, initialGlobalsRequest, installRequest } from './interpreter-requests.js';
import type { Incident } from './incidents.js';
import type { ExpectedEnv, Settings } from './options.js';
import type { Request } from './request.js';
import { Requests } from './requests.js';
import type { RuntimeReady } from './status.js';
import { Supervisor } from './supervisor.js';

/** What a host asks of those who know what has run in it. */
export interface HostPorts {
  /** The globals that every interpreter begins with; null for none. */
  readonly initialGlobals: () => Packed | null;
  /** What a spare interpreter imports ahead of need. */
  readonly warmUp: (requests: Requests) => Observable<unknown>;
}

/** A page may make one env after another: for how many of them a snapshot imports. */
const mostExpected = 8;

/** The interpreters of one runtime, one after another, and what is sent to them. */
export class Host {
  readonly #supervisor: Supervisor;
  readonly #requests: Requests;
  #settings: Settings;

  constructor(settings: Settings, { initialGlobals, warmUp }: HostPorts) {
    this.#settings = settings;
    this.#requests = new Requests({
      queue: settings.queue,
      grace: settings.deadlines.grace,
      tries: Math.max(1, settings.restart.limit),
    });
    const preparation = (): readonly Request[] => {
      const { packages } = this.#settings;
      const globals = initialGlobals();
      return [
        ...(packages.length ? [installRequest(this.#settings, packages, 'setup')] : []),
        ...(globals ? [initialGlobalsRequest(this.#settings, globals)] : []),
      ];
    };
    this.#supervisor = new Supervisor(() => this.#settings, this.#requests, preparation, warmUp);
  }

  get settings(): Settings {
    return this.#settings;
  }

  get status$() {
    return this.#supervisor.status$;
  }

  get incidents$() {
    return this.#supervisor.incidents$;
  }

  get output$() {
    return this.#supervisor.output$;
  }

  /** What the worker says of envs, unasked. */
  get ofEnvs$() {
    return this.#supervisor.ofEnvs$;
  }

  get reports$() {
    return this.#supervisor.reports$;
  }

  /** Emits with each new interpreter, when the `setup` lane is open and the users' is not yet. */
  get up$() {
    return this.#supervisor.up$;
  }

  /** The interpreter of now, from 1. */
  get attempt(): number {
    return this.#supervisor.attempt;
  }

  /** True when nothing is in flight and nothing waits. */
  get isIdle(): boolean {
    return this.#requests.isIdle;
  }

  /** Boots, also again after a failure. */
  boot(): void {
    if (this.#supervisor.status.state === 'idle') this.#change({ cacheKey: this.#keyOfExpected() });
    this.#supervisor.boot();
  }

  bootIfIdle(): void {
    if (this.#supervisor.status.state === 'idle') this.boot();
  }

  /** Emits each time that an interpreter is ready; errors when the runtime has failed. */
  readiness(): Observable<RuntimeReady> {
    return this.status$.pipe(
      switchMap((status) => {
        if (status.state === 'ready') return [status.ready];
        if (status.state === 'failed') return throwError(() => status.error);
        return [];
      }),
    );
  }

  /** Sends in turn; boots first, if nothing has yet. */
  command(request: Request): Observable<Value> {
    this.bootIfIdle(); // which may fail at once
    const { status } = this.#supervisor;
    if (status.state === 'disposed') return throwError(() => new DisposedError('the runtime'));
    if (status.state === 'failed') return throwError(() => status.error);
    return this.#requests.send(request);
  }

  install(packages: readonly string[], more: Pick<Request, 'lane' | 'survives'>): Observable<Value> {
    return defer(() => this.command({ ...installRequest(this.#settings, packages, more.lane), ...more })).pipe(
      finalize(() => {
        this.#supervisor.reportReady();
      }),
    );
  }

  writeFiles(files: FileSet, more: Pick<Request, 'lane' | 'survives'>): Observable<Value> {
    return defer(() => {
      const request = { ...filesRequest(this.#settings, files, more.lane), ...more };
      return this.command(request).pipe(
        tap((answer) => {
          files.keep(request.body as CommandOf<'writeFiles'>, answer);
        }),
      );
    }).pipe(
      finalize(() => {
        this.#supervisor.reportReady();
      }),
    );
  }

  /** Installs, in later interpreters too. */
  installForGood(packages: readonly string[]): Observable<Value> {
    return this.install(packages, { lane: 'user' }).pipe(
      tap(() => {
        this.#change({ packages: [...new Set([...this.#settings.packages, ...withAddresses(packages)])] });
      }),
    );
  }

  /**
   * Notes packages to download ahead, and an env whose imports go into snapshots; before the first boot also the image to
   * start from (the first one named).
   */
  expect(image: string | null, packages: readonly string[], env: ExpectedEnv | null): void {
    const { expectedPackages, expectedEnvs } = this.#settings;
    if (this.#supervisor.status.state === 'idle') this.#change({ image: this.#settings.image ?? image });
    const others = expectedEnvs.filter(({ code }) => code !== env?.code);
    this.#change({
      expectedPackages: [...new Set([...expectedPackages, ...packages])],
      ...(env && { expectedEnvs: [...others.slice(1 - mostExpected), env] }),
    });
  }

  #keyOfExpected(): string {
    const { indexURL, packages, expectedPackages, expectedEnvs } = this.#settings;
    const names = [...new Set([...packages, ...expectedPackages])].sort();
    return JSON.stringify([indexURL, names, expectedEnvs.map(({ code }) => code).sort()]);
  }

  /** Fails the user commands of an env that still wait. */
  failEnv(env: number, error: Error): void {
    this.#requests.fail(error, (request) => request.env === env && request.lane === 'user');
  }

  report(incident: Incident | undefined): void {
    if (incident) this.#supervisor.reportIncident(incident);
  }

  /** Hands a frame's buffer back to the worker. */
  recycle(buffer: ArrayBuffer): void {
    this.#requests.recycle(buffer);
  }

  dispose(): void {
    this.#supervisor.dispose();
  }

  #change(changed: Partial<Settings>): void {
    this.#settings = { ...this.#settings, ...changed };
  }
}
