import {
  EMPTY,
  catchError,
  concat,
  defer,
  finalize,
  ignoreElements,
  takeLast,
  map,
  merge,
  mergeMap,
  type Observable,
} from 'rxjs';
import { BootError, CrashError, ProtocolError, UsageError, type BootStage, type CrashCause } from '../errors.js';
import type { FromWorker, Output, ProgressReport } from '../protocol/messages.js';
import type { Value } from '../protocol/values.js';
import { bootRequest, globalsRequest, installRequest } from './commands.js';
import { connect } from './connection.js';
import type { Settings } from './options.js';
import type { Requests } from './requests.js';

/** The interpreter is up: packages installed, globals set. */
export interface Up {
  readonly type: 'up';
  readonly python: string;
  readonly pyodide: string;
  /** From the worker's spawn until now, in ms. */
  readonly bootMs: number;
}

/**
 * One interpreter, from the spawn of its worker to its end. Subscribing spawns, unsubscribing terminates.
 * Errors with a {@link BootError} before it is up, with a {@link CrashError} after.
 */
export function session(
  settings: Settings,
  requests: Requests,
  attempt: number,
): Observable<ProgressReport | Output | Up> {
  return defer(() => {
    const startedAt = performance.now();
    let stage: BootStage = 'spawn';
    let up = false;
    const connection = connect(settings.worker);

    const notBooted = (problem: string, cause: unknown): BootError =>
      new BootError(stage, settings.indexURL, `${problem}; ${checkFor[stage] ?? 'try again'}`, { cause });
    const reports$ = connection.messages$.pipe(
      mergeMap((message: FromWorker): (ProgressReport | Output)[] => {
        if (message.type === 'answer' || message.type === 'failure') {
          requests.settle(message);
          return [];
        }
        if (message.type === 'progress' && !up) stage = message.stage;
        return [message];
      }),
    );
    const deaths$ = merge(connection.lost$, requests.stuck$).pipe(
      map((cause: CrashCause): never => {
        if (up) throw new CrashError(cause, requests.phase, attempt);
        throw notBooted(cause.message, cause);
      }),
    );
    const bringUp$ = defer(() => {
      requests.attach(connection);
      return concat(requests.send(bootRequest(settings)), prepare(settings, requests).pipe(ignoreElements()));
    }).pipe(
      takeLast(1),
      map((versions): Up => {
        up = true;
        return { type: 'up', ...decodeVersions(versions), bootMs: performance.now() - startedAt };
      }),
    );
    // what comes from the worker is listened to before the first command can be answered
    return merge(reports$, deaths$, bringUp$).pipe(
      catchError((error: unknown) => {
        if (up || error instanceof BootError || error instanceof UsageError) throw error;
        throw notBooted((error as Error).message, error);
      }),
      finalize(() => {
        connection.close();
      }),
    );
  });
}

const checkFor: Partial<Record<BootStage, string>> = {
  spawn: 'check that the worker script is served, as JavaScript, from this origin',
  download: 'check the network and that all of Pyodide lies at indexURL',
  boot: 'check that all of Pyodide lies at indexURL',
  packages: 'check the packages',
};

function prepare(settings: Settings, requests: Requests): Observable<Value> {
  const { packages, globals } = settings;
  return concat(
    packages.length ? requests.send(installRequest(settings, packages, 'setup')) : EMPTY,
    Object.keys(globals).length ? requests.send(globalsRequest(settings, globals, 'setup')) : EMPTY,
  );
}

function decodeVersions(value: Value): { python: string; pyodide: string } {
  const { python, pyodide } = (value ?? {}) as Partial<Record<string, unknown>>;
  if (typeof python === 'string' && typeof pyodide === 'string') return { python, pyodide };
  throw new ProtocolError('the versions of Python and Pyodide', JSON.stringify(value));
}
