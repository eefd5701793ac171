import {
  EMPTY,
  catchError,
  concat,
  defer,
  finalize,
  ignoreElements,
  map,
  merge,
  takeLast,
  tap,
  type Observable,
} from 'rxjs';
import { BootError, CrashError, ProtocolError, UsageError, type BootStage, type CrashCause } from '../errors.js';
import type { Value } from '../protocol/values.js';
import { openChannel, type Said } from './channel.js';
import { bootRequest } from './interpreter-requests.js';
import type { Settings } from './options.js';
import type { Request } from './request.js';
import type { Requests } from './requests.js';

/** How an interpreter came up. */
export type BootKind = 'cold' | 'snapshot' | 'image' | 'spare';

/** The interpreter is up and prepared. */
export interface Up {
  readonly type: 'up';
  readonly python: string;
  readonly pyodide: string;
  readonly how: BootKind;
  /** From the worker's spawn until now, in ms. */
  readonly bootMs: number;
  /** Sends these requests to this interpreter. A `CrashError` then names the command in flight. */
  readonly adopt: (requests: Requests, attempt: number) => void;
}

export type SessionEvent = Said | Up;

export interface SessionOptions {
  readonly attempt: number;
  readonly snapshot: ArrayBuffer | undefined;
  /** What every interpreter of the runtime is to have, sent before it counts as up. */
  readonly preparation: () => readonly Request[];
  /** Runs after the preparation. */
  readonly warmUp?: (requests: Requests) => Observable<unknown>;
}

/**
 * One interpreter, from the spawn of its worker to its end. Subscribing spawns, unsubscribing terminates.
 * Errors with a {@link BootError} before it is up, with a {@link CrashError} after.
 */
export function session(
  settings: Settings,
  { attempt: firstAttempt, snapshot, preparation, warmUp = () => EMPTY }: SessionOptions,
): Observable<SessionEvent> {
  return defer(() => {
    const startedAt = performance.now();
    let stage: BootStage = 'spawn';
    /** Whose commands it serves since it is up. */
    let adopted: { readonly requests: Requests; readonly attempt: number } | undefined;
    const channel = openChannel(settings);
    const own = channel.requests;

    const notBooted = (problem: string, cause: unknown): BootError =>
      new BootError(stage, settings.indexURL, `${problem}; ${checkFor[stage] ?? 'try again'}`, { cause });
    const reports$ = channel.reports$.pipe(
      tap((message) => {
        if (message.type === 'progress' && !adopted) stage = message.stage;
      }),
    );
    const died$ = channel.deaths$.pipe(
      map((cause: CrashCause): never => {
        if (adopted) throw new CrashError(cause, adopted.requests.phase, adopted.attempt);
        throw notBooted(cause.message, cause);
      }),
    );
    const bringUp$ = defer(() => {
      own.attach(channel.connection);
      return concat(
        own.send(bootRequest(settings, { snapshot })),
        defer(() => merge(...preparation().map((request) => own.send(request)))).pipe(ignoreElements()),
        warmUp(own).pipe(ignoreElements()),
      );
    }).pipe(
      takeLast(1),
      map((versions): Up => {
        const bootMs = performance.now() - startedAt;
        adopted = { requests: own, attempt: firstAttempt };
        return {
          type: 'up',
          ...decodeVersions(versions),
          bootMs,
          adopt(requests, attempt) {
            adopted = { requests, attempt };
            channel.adopt(requests);
          },
        };
      }),
    );
    // what comes from the worker is listened to before the first command can be answered
    return merge(reports$, died$, bringUp$).pipe(
      catchError((error: unknown) => {
        if (adopted || error instanceof BootError || error instanceof UsageError) throw error;
        throw notBooted((error as Error).message, error);
      }),
      finalize(channel.close),
    );
  });
}

const checkFor: Partial<Record<BootStage, string>> = {
  spawn: 'check that the worker script is served, as JavaScript, from this origin',
  download: 'check the network and that all of Pyodide lies at indexURL',
  boot: 'check that all of Pyodide lies at indexURL',
  packages: 'check the packages',
};

function decodeVersions(value: Value): { python: string; pyodide: string; how: BootKind } {
  const { python, pyodide, how } = (value ?? {}) as Partial<Record<string, unknown>>;
  if (typeof python === 'string' && typeof pyodide === 'string' && isKind(how)) return { python, pyodide, how };
  throw new ProtocolError('the versions of Python and Pyodide', JSON.stringify(value));
}

const isKind = (how: unknown): how is BootKind => ['cold', 'snapshot', 'image'].includes(how as string);
