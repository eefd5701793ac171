import {
  filter,
  isObservable,
  map,
  startWith,
  withLatestFrom,
  type MonoTypeOperatorFunction,
  type Observable,
} from 'rxjs';
import { check } from '../check.js';

/**
 * Passes values on, but for those that come while the latest value of `paused$` is true: they are dropped. Before the first
 * value of `paused$` nothing is paused, and after its end its last value counts. Errors of both and the end of the source
 * pass at any time.
 *
 * Errors: `UsageError` at the call for a `paused$` that is no Observable.
 *
 * @example
 * ticks(30).pipe(pauseWhen(hidden$()), map(() => 0), stepWith(env))
 */
export function pauseWhen<T>(paused$: Observable<boolean>): MonoTypeOperatorFunction<T> {
  check('pauseWhen.paused$', paused$, 'an Observable of booleans', isObservable(paused$));
  return (source$) =>
    source$.pipe(
      withLatestFrom(paused$.pipe(startWith(false))),
      filter(([, isPaused]) => !isPaused),
      map(([value]) => value),
    );
}
