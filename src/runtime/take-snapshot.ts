import { defer, finalize, ignoreElements, map, merge, take, tap, type Observable } from 'rxjs';
import { ProtocolError } from '../errors.js';
import { isNdArray } from '../protocol/ndarray.js';
import { bootRequest } from './commands.js';
import { connect } from './connection.js';
import type { Settings } from './options.js';
import { Requests } from './requests.js';

/**
 * Boots an interpreter in a worker of its own, only to take a picture of its memory, from which later ones start several
 * times faster. The interpreter that users wait for is not touched. Errors where Pyodide cannot do it.
 */
export function takeSnapshot(settings: Settings): Observable<ArrayBuffer> {
  return defer(() => {
    const connection = connect(settings.worker, settings.deadlines.stall);
    const requests = new Requests({ queue: 1, grace: settings.deadlines.grace, tries: 1 });
    const deaths$ = merge(connection.lost$, requests.stuck$).pipe(
      map(({ message }): never => {
        throw new Error(message);
      }),
    );
    const answers$ = connection.messages$.pipe(
      tap((message) => {
        if (message.type === 'answer' || message.type === 'failure') requests.settle(message);
      }),
      ignoreElements(),
    );
    const snapshot$ = defer(() => {
      requests.attach(connection);
      return requests.send({ ...bootRequest(settings, undefined, true) });
    }).pipe(
      map((value) => {
        const { snapshot } = value as { snapshot?: unknown };
        if (!isNdArray(snapshot)) throw new ProtocolError('a snapshot', typeof snapshot);
        return snapshot.data.buffer as ArrayBuffer;
      }),
    );
    return merge(answers$, deaths$, snapshot$).pipe(
      take(1),
      finalize(() => {
        requests.detach(new Error('the session is over'), { users: true }); // its timers
        connection.close();
      }),
    );
  });
}
