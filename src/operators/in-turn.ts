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

/** What happens to a value that arrives when the queue is full. */
export type Overflow = 'error' | 'drop-oldest' | 'drop-newest';

export interface InTurnConfig {
  /** Names the queue in the error when it overflows. */
  readonly name: string;
  /** How many values may wait while others are processed. */
  readonly limit: number;
  readonly overflow: Overflow;
  /**
   * How many waiting values are processed in one batch; default 1. A batch may end after its first few values: the rest
   * then go back to the head of the queue.
   */
  readonly batch?: number | undefined;
  /** Whether a value that waits already is not queued a second time. Default: every value is. */
  readonly isOnce?: ((value: unknown) => boolean) | undefined;
}

/**
 * Processes a batch, which has one value unless `batch` is larger. `dropWaiting` empties the queue. `dropped` is how many
 * values were dropped since the batch before.
 */
export type Process<T, R> = (
  batch: readonly [T, ...T[]],
  dropWaiting: () => void,
  dropped: number,
) => ObservableInput<R>;

/**
 * Processes values one batch at a time, while others wait in a bounded queue, and passes on one result of each value.
 * `concatMap` and `exhaustMap` cannot do this: their queues are unbounded or none, and both count a value as being
 * processed while its result is passed on, so that a subscriber cannot answer a result with the next value.
 *
 * The order that this keeps:
 * 1. A batch is over, and torn down, before its results are passed on.
 * 2. Its results are passed on before the next batch begins.
 * 3. So is its error, after the results before it.
 * 4. All of this happens in the one loop of `proceed`, however deep the call that led there: synchronous results neither
 *    grow the stack nor overtake each other.
 *
 * When the source completes, the values that wait are still processed.
 */
export function inTurn<T, R>(
  process: Process<T, R>,
  { name, limit, overflow, batch: size = 1, isOnce }: InTurnConfig,
): OperatorFunction<T, R> {
  return (source) =>
    new Observable<R>((subscriber) => {
      // With takeUntil a source or a batch that emits synchronously stops at an unsubscription in between.
      const stop$ = new Subject<void>();
      subscriber.add(() => stop$.next());

      const waiting: T[] = [];
      const results: R[] = []; // never more than one batch's
      let failure: { readonly error: unknown } | undefined;
      let isProcessing = false;
      let isProceeding = false;
      let isSourceDone = false;
      let dropped = 0;

      const dropWaiting = () => {
        dropped += waiting.splice(0).length;
      };

      const enqueue = (value: T) => {
        if (isOnce?.(value) && waiting.includes(value)) return;
        // While nothing is processed the first value does not wait: it is about to begin.
        const room = isProcessing ? limit : limit + 1;
        if (waiting.length < room) waiting.push(value);
        else if (overflow === 'error') subscriber.error(new QueueOverflowError(name, limit));
        else {
          dropped += 1;
          if (overflow === 'drop-oldest') {
            waiting.shift();
            waiting.push(value);
          }
        }
        proceed();
      };

      const begin = (batch: readonly [T, ...T[]]) => {
        isProcessing = true;
        let count = 0;
        const droppedBefore = dropped;
        dropped = 0;
        const batch$ = defer(() => process(batch, dropWaiting, droppedBefore)).pipe(
          take(batch.length),
          takeUntil(stop$),
          finalize(() => {
            isProcessing = false;
            proceed();
          }),
        );
        batch$.subscribe({
          next: (result) => {
            count += 1;
            results.push(result);
          },
          error: (error: unknown) => (failure = { error }),
          complete: () => {
            if (count > 0) waiting.unshift(...batch.slice(count));
          },
        });
      };

      const proceed = () => {
        if (isProceeding) return;
        isProceeding = true;
        while (!isProcessing && !subscriber.closed) {
          if (results.length > 0) subscriber.next(results.shift() as R);
          else if (failure) subscriber.error(failure.error);
          else if (waiting.length > 0) begin(waiting.splice(0, size) as [T, ...T[]]);
          else break;
        }
        isProceeding = false;
        if (isSourceDone && !isProcessing) subscriber.complete();
      };

      source.pipe(takeUntil(stop$)).subscribe({
        next: enqueue,
        error: (error: unknown) => subscriber.error(error),
        complete: () => {
          isSourceDone = true;
          proceed();
        },
      });
    });
}
