import {
  animationFrames,
  fromEvent,
  map,
  merge,
  pairwise,
  scan,
  startWith,
  switchMap,
  EMPTY,
  type Observable,
} from 'rxjs';

/** How the page's own thread gets along. */
export interface Smoothness {
  /** Time in ms since the measurement began. */
  readonly elapsed: number;
  readonly pictures: number;
  /** The longest time in ms from one picture to the next. */
  readonly longest: number;
}

/** Measures from subscription on, and anew at each `again$`. A hidden page is not painted: that is no pause. */
export function smoothness(again$: Observable<unknown>): Observable<Smoothness> {
  return merge(again$, fromEvent(document, 'visibilitychange')).pipe(
    startWith(undefined),
    switchMap(() => (document.hidden ? EMPTY : animationFrames())),
    map(({ elapsed }) => elapsed),
    pairwise(),
    scan(
      ({ pictures, longest }: Smoothness, [before, elapsed]) =>
        elapsed < before // measured anew
          ? none
          : { elapsed, pictures: pictures + 1, longest: Math.max(longest, elapsed - before) },
      none,
    ),
  );
}

const none: Smoothness = { elapsed: 0, pictures: 0, longest: 0 };
