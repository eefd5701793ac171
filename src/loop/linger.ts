import { Observable, ReplaySubject, share, type MonoTypeOperatorFunction } from 'rxjs';

/** In ms: for so long what a shared source needs is kept, after its last subscriber has left. */
export const lingerMs = 1000;

/**
 * One subscription to the source for all subscribers, each of which begins with the latest value. It ends {@link lingerMs}
 * after the last of them has left: whoever subscribes for each step, and leaves in between, loses no key that goes down or
 * up meanwhile.
 */
export function shareLatest<T>(): MonoTypeOperatorFunction<T> {
  return share({ connector: () => new ReplaySubject<T>(1), resetOnRefCountZero: afterLinger });
}

/** As {@link shareLatest}, of events: a subscriber gets those that come after it. */
export function shareEvents<T>(): MonoTypeOperatorFunction<T> {
  return share({ resetOnRefCountZero: afterLinger });
}

/** Calls `end` when {@link lingerMs} have passed. Its timer does not keep Node alive. Returns what cancels it. */
export function linger(end: () => void): () => void {
  const timer: unknown = setTimeout(end, lingerMs);
  (timer as { readonly unref?: () => void }).unref?.();
  return () => clearTimeout(timer as number);
}

const afterLinger = () => new Observable<true>((subscriber) => linger(() => subscriber.next(true)));
