import {
  defer,
  finalize,
  Observable,
  Subject,
  take,
  takeUntil,
  type ObservableInput,
  type OperatorFunction,
} from 'rxjs';
import { QueueOverflowError } from '../errors.js';

/** What becomes of a value that finds the line full. */
export type Overflow = 'error' | 'drop-oldest' | 'drop-newest';

export interface InTurnConfig {
  /** Named in the error when the line overflows. */
  readonly name: string;
  /** How many values may wait while one has its turn. */
  readonly limit: number;
  readonly overflow: Overflow;
  /**
   * How many of those that wait have a turn together. Default 1. A turn may end behind the first few of them: the others
   * are then the first to wait again.
   */
  readonly together?: number | undefined;
}

/**
 * Gives each value its turn, one at a time, while a bounded line waits; passes on one result of each value.
 * `concatMap` and `exhaustMap` do not say it: their lines are unbounded or none, and both count a turn as under way
 * while its result is being passed on, so that a subscriber that answers a result with the next value is not heard.
 *
 * The order that this keeps:
 * 1. A turn is over, and all of it torn down, before its result is passed on.
 * 2. Its result is passed on before the next turn begins.
 * 3. So does an error: the results before it are passed on first.
 * 4. All happen in the one loop of `proceed`, however deep the call that led there: synchronous results neither
 *    grow the stack nor overtake each other.
 *
 * When the source completes, what waits still has its turn. `project` may call `dropWaiting` to send the line home, and
 * is told how many were dropped since the turn before.
 */
export function inTurn<T, R>(
  project: (values: readonly [T, ...T[]], dropWaiting: () => void, drops: number) => ObservableInput<R>,
  { name, limit, overflow, together = 1 }: InTurnConfig,
): OperatorFunction<T, R> {
  return (source) =>
    new Observable<R>((subscriber) => {
      // By takeUntil, so that a source or a turn that emits synchronously hears of an unsubscription while it does so.
      const stop$ = new Subject<void>();
      subscriber.add(() => stop$.next());

      const waiting: T[] = [];
      const results: R[] = []; // never more than one turn's
      let failure: { readonly error: unknown } | undefined;
      let underWay = false;
      let proceeding = false;
      let sourceIsDone = false;
      let drops = 0;

      const dropWaiting = () => {
        drops += waiting.splice(0).length;
      };

      const enqueue = (value: T) => {
        // With no turn under way the first in line does not wait: it is about to begin.
        const room = underWay ? limit : limit + 1;
        if (waiting.length < room) waiting.push(value);
        else if (overflow === 'error') subscriber.error(new QueueOverflowError(name, limit));
        else {
          drops += 1;
          if (overflow === 'drop-oldest') {
            waiting.shift();
            waiting.push(value);
          }
        }
        proceed();
      };

      const begin = (values: readonly [T, ...T[]]) => {
        underWay = true;
        let count = 0;
        const dropped = drops;
        drops = 0;
        const turn$ = defer(() => project(values, dropWaiting, dropped)).pipe(
          take(values.length),
          takeUntil(stop$),
          finalize(() => {
            underWay = false;
            proceed();
          }),
        );
        turn$.subscribe({
          next: (result) => {
            count += 1;
            results.push(result);
          },
          error: (error: unknown) => (failure = { error }),
          complete: () => {
            if (count > 0) waiting.unshift(...values.slice(count));
          },
        });
      };

      const proceed = () => {
        if (proceeding) return;
        proceeding = true;
        while (!underWay && !subscriber.closed) {
          if (results.length > 0) subscriber.next(results.shift() as R);
          else if (failure) subscriber.error(failure.error);
          else if (waiting.length > 0) begin(waiting.splice(0, together) as [T, ...T[]]);
          else break;
        }
        proceeding = false;
        if (sourceIsDone && !underWay) subscriber.complete();
      };

      source.pipe(takeUntil(stop$)).subscribe({
        next: enqueue,
        error: (error: unknown) => subscriber.error(error),
        complete: () => {
          sourceIsDone = true;
          proceed();
        },
      });
    });
}
