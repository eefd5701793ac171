import { takeWhile, type MonoTypeOperatorFunction } from 'rxjs';

/**
 * Passes on the steps of one episode: up to and including the first whose `done` is true. Then it completes, and
 * unsubscribes from its source, which stops what drives it. It also completes when the source does.
 *
 * @example
 * actions$.pipe(stepWith(env), untilDone())
 */
export function untilDone<S extends { readonly done: boolean }>(): MonoTypeOperatorFunction<S> {
  return takeWhile((step) => !step.done, true);
}
