import { EMPTY, map, merge, scan, tap, type Observable } from 'rxjs';

/** What a page counts. */
export interface Counted {
  readonly status$: Observable<{ readonly state: string }>;
  readonly steps$?: Observable<{ readonly episode: number }>;
  readonly frames$?: Observable<unknown>;
  /** The number of the episode that has begun. Default: the latest step's. */
  readonly episode$?: Observable<number>;
}

/**
 * Keeps `data-status`, `data-steps`, `data-frames` and `data-episode` of an element, for style sheets and for whoever
 * watches the page from outside. Never ends by itself.
 */
export function dataset(
  { dataset }: HTMLElement,
  { status$, steps$ = EMPTY, frames$ = EMPTY, episode$ = steps$.pipe(map(({ episode }) => episode)) }: Counted,
): Observable<unknown> {
  return merge(
    status$.pipe(tap(({ state }) => (dataset['status'] = state))),
    steps$.pipe(
      count,
      tap((steps) => (dataset['steps'] = String(steps))),
    ),
    frames$.pipe(
      count,
      tap((frames) => (dataset['frames'] = String(frames))),
    ),
    episode$.pipe(tap((episode) => (dataset['episode'] = String(episode)))),
  );
}

const count = (source$: Observable<unknown>) => source$.pipe(scan((n) => n + 1, 0));
