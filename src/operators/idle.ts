import type { Observable } from 'rxjs';

/** What sources of input emit while nothing is held, each source's own. */
const idles = new WeakMap<Observable<unknown>, readonly unknown[]>();

/** Notes what a source emits while nothing is held, and returns the source. */
export function withIdles<T>(source$: Observable<T>, values: readonly unknown[]): Observable<T> {
  idles.set(source$, values);
  return source$;
}

/** Empty for a source of which nothing is noted. */
export const idlesOf = (source$: Observable<unknown>): readonly unknown[] => idles.get(source$) ?? [];
