// Hands rxgym and RxJS, as a consumer's bundle has them, to the functions that a spec runs in the page.
import * as rxgym from 'rxgym';
import * as rxjs from 'rxjs';
import { storedFiles, untilStored } from '../../helpers/browser-storage.js';

/** An error as data, for the way from the page to the spec. */
export interface PlainError {
  readonly name: string;
  readonly message: string;
  /** True for an instance of the class that rxgym exports under `name`. */
  readonly exported: boolean;
  readonly [field: string]: unknown;
}

/** How an observable went. */
export interface Outcome<T> {
  readonly values: readonly T[];
  /** Null for one that completed, undefined for one that has not ended. */
  error: PlainError | null | undefined;
}

type AnyEnv = rxgym.GymEnv;

const bench = {
  rxgym,
  rxjs,
  storedFiles,
  untilStored,
  runtime: undefined as unknown as rxgym.PythonRuntime,
  env: undefined as unknown as AnyEnv,

  /** Makes `bench.runtime`, of the Pyodide that the spec's server has. */
  start(options: rxgym.RuntimeOptions = {}): rxgym.PythonRuntime {
    return (bench.runtime = rxgym.createRuntime({
      indexURL: '/pyodide/',
      ...options,
      // no interpreter in the background but for the specs that are about it
      restart: { snapshot: false, ...options.restart },
    }));
  },

  /** Makes `bench.runtime`, and boots it. */
  async boot(options: rxgym.RuntimeOptions = {}): Promise<rxgym.PythonRuntime> {
    const runtime = bench.start(options);
    await bench.outcome(runtime.boot());
    return runtime;
  },

  /** Makes `bench.env`, of Python code. */
  play(source: string, spec: Omit<rxgym.SourceSpec, 'source'> = {}): AnyEnv {
    return (bench.env = bench.runtime.env({ source, ...spec }));
  },

  /** Adds a canvas whose pixels are going to be read. */
  canvas(size: { width?: number; height?: number } = {}): HTMLCanvasElement {
    const canvas = Object.assign(document.createElement('canvas'), size);
    canvas.getContext('2d', { willReadFrequently: true });
    return document.body.appendChild(canvas);
  },

  /** Subscribes, and collects the values. */
  watch<T>(source$: rxjs.Observable<T>): Outcome<T> {
    const values: T[] = [];
    const outcome: Outcome<T> = { values, error: undefined };
    source$.subscribe({
      next: (value) => values.push(value),
      error: (error: unknown) => (outcome.error = plain(error as Error)),
      complete: () => (outcome.error = null),
    });
    return outcome;
  },

  /** Subscribes, and waits for the end. */
  outcome<T>(source$: rxjs.Observable<T>): Promise<Outcome<T>> {
    const values: T[] = [];
    return rxjs.lastValueFrom(source$.pipe(rxjs.tap((value) => values.push(value))), { defaultValue: null }).then(
      () => ({ values, error: null }),
      (error: unknown) => ({ values, error: plain(error as Error) }),
    );
  },

  /** Runs Python code, and returns its value. */
  run(code: string): Promise<rxgym.Value> {
    return rxjs.firstValueFrom(bench.runtime.run(code));
  },

  /** Waits until Python has printed this line. */
  printed(line: string, runtime?: rxgym.PythonRuntime): Promise<string> {
    return rxjs.firstValueFrom((runtime ?? bench.runtime).stdout$.pipe(rxjs.filter((printed) => printed === line)));
  },

  /** Ends the interpreter from within. */
  exit(): Promise<Outcome<rxgym.Value>> {
    return bench.outcome(bench.runtime.run('import os; os._exit(1)'));
  },
};

function plain(error: Error): PlainError {
  const known = (rxgym as Readonly<Record<string, unknown>>)[error.name];
  const exported = typeof known === 'function' && error instanceof known;
  const cause = error.cause instanceof Error ? plain(error.cause) : error.cause;
  return { ...Object.fromEntries(Object.entries(error)), name: error.name, message: error.message, cause, exported };
}

declare global {
  var bench: Bench;
}
type Bench = typeof bench;
globalThis.bench = bench;
