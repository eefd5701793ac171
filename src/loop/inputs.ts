import { defer, EMPTY, filter, isObservable, merge, type Observable } from 'rxjs';
import { check } from '../check.js';
import { idlesOf, withIdles } from '../operators/idle.js';
import { shareLatest } from './linger.js';

/**
 * Several sources of input as one: a value of any of them is passed on, so that the source that was used last counts. One
 * that goes back to its idle value still counts, until another is used.
 *
 * A source's value on subscription says how things are, and is no use of it: only that of the first source that has one is
 * passed on. Sources that have none, such as `keystrokes`, may be among them.
 *
 * All subscriptions share the sources, and begin with the latest value. They stay subscribed for 1 s after the last
 * subscriber has left, so that who subscribes for each step knows what was used last. Completes when all sources have.
 *
 * Errors: those of the sources; `UsageError` at the call for what is no Observable, or none.
 *
 * @example
 * inputs(
 *   pressedKeys({ ArrowLeft: 0, ArrowRight: 1 }, { idle: null }),
 *   gamepad({ 'left-stick-left': 0, 'left-stick-right': 1 }, { idle: null }),
 * )
 */
export function inputs<A extends readonly [unknown, ...unknown[]]>(
  ...sources: { readonly [Index in keyof A]: Observable<A[Index]> }
): Observable<A[number]> {
  check('inputs', sources.length, 'at least one source', sources.length > 0);
  for (const [index, source] of sources.entries())
    check(`inputs[${index}]`, source, 'an Observable', isObservable(source));
  const action$ = defer(() => {
    let isStarting = true;
    let first: Observable<unknown> | undefined; // the one whose value on subscription is passed on
    const passes = (source: Observable<unknown>) => !isStarting || (first ??= source) === source;
    return merge(
      ...sources.map((source: Observable<A[number]>) => source.pipe(filter(() => passes(source)))),
      // `merge` subscribes in order, so when this is reached all of them are.
      defer(() => {
        isStarting = false;
        return EMPTY;
      }),
    );
  }).pipe(shareLatest());
  return withIdles(action$, sources.flatMap(idlesOf));
}
