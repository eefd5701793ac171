import { catchError, defer, finalize, ignoreElements, map, merge, take, type Observable } from 'rxjs';
import { ProtocolError } from '../errors.js';
import type { SnapshotKind } from '../protocol/commands.js';
import { isNdArray } from '../protocol/ndarray.js';
import { openChannel } from './channel.js';
import { bootRequest } from './interpreter-requests.js';
import type { Settings } from './options.js';

/**
 * Boots an interpreter in a worker of its own, only to take a snapshot of its memory, from which later ones start several
 * times faster. The interpreter that users wait for is not touched. The snapshot has packages and what envs import, unless
 * these cannot be in one. Errors where Pyodide takes none.
 */
export function takeSnapshot(settings: Settings): Observable<ArrayBuffer> {
  const { packages, expectedPackages, expectedEnvs } = settings;
  const bare$ = snapshotOf(settings, 'bare');
  if (![packages, expectedPackages, expectedEnvs].some(({ length }) => length)) return bare$;
  return snapshotOf(settings, 'filled').pipe(catchError(() => bare$));
}

function snapshotOf(settings: Settings, make: SnapshotKind): Observable<ArrayBuffer> {
  return defer(() => {
    const { connection, requests, reports$, deaths$, close } = openChannel(settings);
    const died$ = deaths$.pipe(
      map(({ message }): never => {
        throw new Error(message);
      }),
    );
    const taken$ = defer(() => {
      requests.attach(connection);
      return requests.send(bootRequest(settings, { make }));
    }).pipe(
      map((value) => {
        const { snapshot } = value as { snapshot?: unknown };
        if (!isNdArray(snapshot)) throw new ProtocolError('a snapshot', typeof snapshot);
        return snapshot.data.buffer as ArrayBuffer;
      }),
    );
    return merge(reports$.pipe(ignoreElements()), died$, taken$).pipe(take(1), finalize(close));
  });
}
