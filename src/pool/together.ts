import {
  combineLatest,
  defer,
  distinctUntilChanged,
  map,
  merge,
  of,
  switchMap,
  catchError,
  EMPTY,
  type Observable,
} from 'rxjs';
import type { Progress } from '../runtime/progress.js';
import type { PythonRuntime } from '../env/python-runtime.js';

/** How far several members have come, as one bar. */
export interface PoolProgress {
  /** The mean of the members', 0 to 1; goes back only when one of them begins again. */
  readonly ratio: number;
  /** For people to read: what the one that is behind does. */
  readonly label: string;
  /** Each member's own; null for one that has not begun. */
  readonly members: readonly (Progress | null)[];
}

/** The bars of members, each of which lives in the runtime at the same place, as one. Subscribing begins. */
export function together(
  runtimes: readonly PythonRuntime[],
  bars: readonly Observable<Progress>[],
  begun$: Observable<never>,
): Observable<PoolProgress> {
  const whenBegun = runtimes.map(({ status$ }, member) =>
    status$.pipe(
      map(({ state }) => state !== 'idle'),
      distinctUntilChanged(),
      switchMap((isBegun) => (isBegun ? (bars[member] ?? EMPTY) : of(null))),
    ),
  );
  return defer(() =>
    merge(
      combineLatest(whenBegun).pipe(map(asOne)),
      // who waits to be ready is told of the error
      begun$.pipe(catchError(() => EMPTY)),
    ),
  );
}

function asOne(members: readonly (Progress | null)[]): PoolProgress {
  const ratio = members.reduce((sum, member) => sum + (member?.ratio ?? 0), 0) / members.length;
  const [behind] = members.filter((member) => member !== null).sort((a, b) => a.ratio - b.ratio);
  return { ratio, label: behind?.label ?? 'Waiting', members };
}
