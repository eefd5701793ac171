import { distinctUntilChanged, EMPTY, filter, fromEvent, map, merge, skip, startWith, type Observable } from 'rxjs';

/** Emits when the page may end next: it is hidden, frozen or left. A closed tab tells no more than that. */
export function pageLeaves$(): Observable<unknown> {
  if (typeof document === 'undefined') return EMPTY;
  return merge(
    fromEvent(document, 'visibilitychange').pipe(filter(() => document.visibilityState === 'hidden')),
    fromEvent(document, 'freeze'),
    pageHides$(),
  );
}

/** Emits when the page ends, or goes into the browser's back/forward cache. */
export const pageHides$ = (): Observable<unknown> =>
  typeof window === 'undefined' ? EMPTY : fromEvent(window, 'pagehide');

/** Emits whether the page is visible, each time that this or its having the focus has changed. */
export function focusChanges$(): Observable<boolean> {
  if (typeof document === 'undefined') return EMPTY;
  const now = () => ({ focus: document.hasFocus(), visible: document.visibilityState === 'visible' });
  return merge(fromEvent(window, 'focus'), fromEvent(window, 'blur'), fromEvent(document, 'visibilitychange')).pipe(
    map(now),
    startWith(now()),
    distinctUntilChanged((a, b) => a.focus === b.focus && a.visible === b.visible),
    skip(1),
    map(({ visible }) => visible),
  );
}
