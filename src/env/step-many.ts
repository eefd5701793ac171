import { EMPTY, concat, concatMap, defer, throwError, type Observable } from 'rxjs';
import { PythonError } from '../errors.js';
import type { Packed } from '../protocol/pack.js';
import type { Steps } from './env-commands.js';
import type { AnyStep } from './step.js';

/**
 * The steps of one message. The worker stops at a step that ends an episode; where somebody listens beyond it, the actions
 * that are left are sent, too, for the env to refuse.
 */
export function stepMany(
  actions: readonly Packed[],
  send: (actions: readonly Packed[]) => Observable<Steps>,
): Observable<AnyStep> {
  return send(actions).pipe(
    concatMap(({ outcomes, raised }) => {
      const left = actions.slice(outcomes.length);
      return concat(
        outcomes.map(({ result }) => result),
        raised ? throwError(() => new PythonError('step', raised)) : EMPTY,
        left.length ? defer(() => stepMany(left, send)) : EMPTY,
      );
    }),
  );
}
