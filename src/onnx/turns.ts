import { finalize, Observable, type Subscription } from 'rxjs';
import { QueueOverflowError } from '../index.js';

/** Begins what its turn is for. It must call `commit` when it cannot be taken back any more. */
export type Work<T> = (commit: () => void) => Observable<T>;

/**
 * What has the same key is done one after the other, in the order of the subscriptions:
 * 1. Work begins when all before it has ended, however it ended.
 * 2. Unsubscribed before its commit, it is cancelled, or leaves the queue.
 * 3. Unsubscribed after its commit, it goes on unseen, and what comes after it still waits for it.
 */
export class Turns<K> {
  readonly #queues = new Map<K, (() => void)[]>();
  readonly #name: string;
  readonly #limit: number;

  /** At most `limit` wait for one key; one more ends with a `QueueOverflowError`. */
  constructor(name: string, limit: number) {
    this.#name = name;
    this.#limit = limit;
  }

  take<T>(key: K, work: Work<T>): Observable<T> {
    return new Observable<T>((subscriber) => {
      const queue = this.#queues.get(key) ?? [];
      this.#queues.set(key, queue);
      // the first of them is under way
      if (queue.length > this.#limit) {
        subscriber.error(new QueueOverflowError(this.#name, this.#limit));
        return;
      }
      let isCommitted = false;
      let running: Subscription | undefined;
      const end = () => {
        const isFirst = queue[0] === begin;
        queue.splice(queue.indexOf(begin), 1);
        if (queue.length === 0) this.#queues.delete(key);
        else if (isFirst) queue[0]?.();
      };
      const begin = () => {
        running = work(() => (isCommitted = true))
          .pipe(finalize(end))
          .subscribe({
            next: (value) => subscriber.next(value),
            error: (error: unknown) => subscriber.error(error),
            complete: () => subscriber.complete(),
          });
      };
      queue.push(begin);
      if (queue.length === 1) begin();
      return () => {
        if (isCommitted) return;
        if (running) running.unsubscribe();
        else if (queue[0] !== begin) end();
      };
    });
  }
}
