import { filter, fromEvent, merge, type Observable } from 'rxjs';

/** Emits when the end of a press may be missed: the window or the target loses the focus, or the page is hidden. */
export function focusLosses(target?: EventTarget): Observable<unknown> {
  const places = new Set<EventTarget>(target && [target]);
  if (typeof window !== 'undefined') places.add(window);
  return merge(hides(), ...Array.from(places, (place) => fromEvent(place, 'blur')));
}

/** Emits when the page is hidden. */
export function hides(): Observable<unknown> {
  if (typeof document === 'undefined') return merge();
  return fromEvent(document, 'visibilitychange').pipe(filter(() => document.visibilityState === 'hidden'));
}
