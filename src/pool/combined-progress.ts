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
import type { Runtime } from '../runtime/runtime.js';

/** The progress of several members as one. */
export interface PoolProgress {
  /** The mean of the members' ratios, 0 to 1. It goes back only when a member begins again. */
  readonly ratio: number;
  /** The label of the member that is furthest behind, for people to read. */
  readonly label: string;
  /** Each member's own progress; null where it has not begun. */
  readonly members: readonly (Progress | null)[];
}

/** Combines the progress of members; `runtimes[i]` is that of `members[i]`. Subscribing begins the boots. */
export function combinedProgress(
  runtimes: readonly Runtime[],
  members: readonly Observable<Progress>[],
  begun$: Observable<never>,
): Observable<PoolProgress> {
  const whenBegun = runtimes.map(({ status$ }, i) =>
    status$.pipe(
      map(({ state }) => state !== 'idle'),
      distinctUntilChanged(),
      switchMap((isBegun) => (isBegun ? (members[i] ?? EMPTY) : of(null))),
    ),
  );
  return defer(() =>
    merge(
      combineLatest(whenBegun).pipe(map(combined)),
      // its errors show on `ready$`
      begun$.pipe(catchError(() => EMPTY)),
    ),
  );
}

function combined(members: readonly (Progress | null)[]): PoolProgress {
  const ratio = members.reduce((sum, member) => sum + (member?.ratio ?? 0), 0) / members.length;
  const [behind] = members.filter((member) => member !== null).sort((a, b) => a.ratio - b.ratio);
  return { ratio, label: behind?.label ?? 'Waiting', members };
}
