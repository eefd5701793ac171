import {
  EMPTY,
  Subject,
  catchError,
  concat,
  defer,
  filter,
  finalize,
  ignoreElements,
  map,
  merge,
  switchMap,
  takeLast,
  tap,
  type Observable,
} from 'rxjs';
import { BootError, CrashError, ProtocolError, UsageError, type BootStage, type CrashCause } from '../errors.js';
import type { Output, ProgressReport } from '../protocol/messages.js';
import type { Value } from '../protocol/values.js';
import { bootRequest, globalsRequest, installRequest } from './commands.js';
import { connect } from './connection.js';
import type { Settings } from './options.js';
import { Requests } from './requests.js';

/** How an interpreter came up. */
export type BootKind = 'cold' | 'snapshot' | 'image' | 'spare';

/** The interpreter is up: packages installed, globals set. */
export interface Up {
  readonly type: 'up';
  readonly python: string;
  readonly pyodide: string;
  readonly how: BootKind;
  /** From the worker's spawn until now, in ms. */
  readonly bootMs: number;
  /** From now on these commands go to it, and its deaths name what they were doing. */
  readonly adopt: (requests: Requests, attempt: number) => void;
}

export interface SessionOptions {
  readonly attempt: number;
  readonly snapshot: ArrayBuffer | undefined;
  /** Goes on before the interpreter counts as up. */
  readonly warmUp?: (requests: Requests) => Observable<unknown>;
}

/**
 * One interpreter, from the spawn of its worker to its end. Subscribing spawns, unsubscribing terminates.
 * Errors with a {@link BootError} before it is up, with a {@link CrashError} after.
 */
export function session(
  settings: Settings,
  { attempt: firstAttempt, snapshot, warmUp = () => EMPTY }: SessionOptions,
): Observable<ProgressReport | Output | Up> {
  return defer(() => {
    const startedAt = performance.now();
    let stage: BootStage = 'spawn';
    let up = false;
    let attempt = firstAttempt;
    const connection = connect(settings.worker, settings.deadlines.stall);
    // its own, until it is up: what users sent waits elsewhere
    const own = new Requests({ queue: Infinity, grace: settings.deadlines.grace, tries: 1 });
    let requests = own;
    const adopted$ = new Subject<Requests>();

    const notBooted = (problem: string, cause: unknown): BootError =>
      new BootError(stage, settings.indexURL, `${problem}; ${checkFor[stage] ?? 'try again'}`, { cause });
    const reports$ = connection.messages$.pipe(
      tap((message) => {
        if (message.type === 'answer' || message.type === 'failure') requests.settle(message);
        else if (message.type === 'progress' && !up) stage = message.stage;
      }),
      filter((message) => message.type === 'progress' || message.type === 'output'),
    );
    const stuck$ = merge(requests.stuck$, adopted$.pipe(switchMap((adopted) => adopted.stuck$)));
    const deaths$ = merge(connection.lost$, stuck$).pipe(
      map((cause: CrashCause): never => {
        if (up) throw new CrashError(cause, requests.phase, attempt);
        throw notBooted(cause.message, cause);
      }),
    );
    const bringUp$ = defer(() => {
      requests.attach(connection);
      return concat(
        requests.send(bootRequest(settings, snapshot)),
        prepare(settings, requests).pipe(ignoreElements()),
        warmUp(requests).pipe(ignoreElements()),
      );
    }).pipe(
      takeLast(1),
      map((versions): Up => {
        up = true;
        const bootMs = performance.now() - startedAt;
        return {
          type: 'up',
          ...decodeVersions(versions),
          bootMs,
          adopt: (adopted, newAttempt) => {
            requests = adopted;
            attempt = newAttempt;
            adopted$.next(adopted);
            adopted.attach(connection);
          },
        };
      }),
    );
    // what comes from the worker is listened to before the first command can be answered
    return merge(reports$, deaths$, bringUp$).pipe(
      catchError((error: unknown) => {
        if (up || error instanceof BootError || error instanceof UsageError) throw error;
        throw notBooted((error as Error).message, error);
      }),
      finalize(() => {
        own.detach(new Error('the session is over'), { users: true }); // its timers
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

/** Installs and sets what the runtime's interpreters are to have. */
export function prepare(settings: Settings, requests: Requests): Observable<Value> {
  const { packages, globals } = settings;
  return merge(
    packages.length ? requests.send(installRequest(settings, packages, 'setup')) : EMPTY,
    Object.keys(globals).length ? requests.send(globalsRequest(settings, globals, 'setup')) : EMPTY,
  );
}

function decodeVersions(value: Value): { python: string; pyodide: string; how: BootKind } {
  const { python, pyodide, how } = (value ?? {}) as Partial<Record<string, unknown>>;
  if (typeof python === 'string' && typeof pyodide === 'string' && isKind(how)) return { python, pyodide, how };
  throw new ProtocolError('the versions of Python and Pyodide', JSON.stringify(value));
}

const isKind = (how: unknown): how is BootKind => ['cold', 'snapshot', 'image'].includes(how as string);
