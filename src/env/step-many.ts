import { EMPTY, concat, concatMap, defer, repeat, takeWhile, tap, throwError, type Observable } from 'rxjs';
import { PythonError } from '../errors.js';
import type { Packed } from '../protocol/pack.js';
import type { Steps } from './env-commands.js';
import type { AnyStep } from './step.js';

/**
 * Message after message, each with the actions that are left: the worker stops at a step that ends an episode. The next is
 * sent when the steps of the one before were handed on, if anybody still listens.
 */
export function stepMany(
  actions: readonly Packed[],
  send: (actions: readonly Packed[]) => Observable<Steps>,
): Observable<AnyStep> {
  return defer(() => {
    let left = actions;
    return defer(() => send(left)).pipe(
      tap(({ outcomes }) => (left = left.slice(outcomes.length))),
      repeat(),
      takeWhile(() => left.length > 0, true),
      concatMap(({ outcomes, raised }) =>
        concat(
          outcomes.map(({ result }) => result),
          raised ? throwError(() => new PythonError('step', raised)) : EMPTY,
        ),
      ),
    );
  });
}
