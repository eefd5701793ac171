import { defer, map, type Observable } from 'rxjs';

/** Notes on each step when it was sent, unless it says so already. What is no single step, as a pool's list, is left as it is. */
export function startedAt<S>(steps$: Observable<S>): Observable<S> {
  return defer(() => {
    const startedAt = performance.now();
    return steps$.pipe(map((step) => (isUnmarked(step) ? { ...step, startedAt } : step)));
  });
}

const isUnmarked = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !('startedAt' in value);
