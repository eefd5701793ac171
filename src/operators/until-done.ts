import { takeWhile, type MonoTypeOperatorFunction } from 'rxjs';

/**
 * Passes the steps of one episode: up to and including the first whose `done` is true, then completes (and
 * unsubscribes from its source, which ends what drives it). A source that completes earlier completes it.
 *
 * @example
 * actions$.pipe(stepWith(env), untilDone())
 */
export function untilDone<S extends { readonly done: boolean }>(): MonoTypeOperatorFunction<S> {
  return takeWhile((step) => !step.done, true);
}
