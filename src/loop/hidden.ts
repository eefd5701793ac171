import {
  defer,
  distinctUntilChanged,
  fromEvent,
  map,
  merge,
  NEVER,
  ReplaySubject,
  share,
  startWith,
  type Observable,
} from 'rxjs';

/**
 * True while the page is hidden: its tab is not the one in front, the window is minimised or covered, or the screen is
 * locked. Emits the current state on subscription, and each change. Where there is no document (in Node), it is false.
 * https://developer.mozilla.org/docs/Web/API/Document/visibilityState
 *
 * @example
 * ticks(30).pipe(pauseWhen(hidden$()), map(() => 0), stepWith(env))
 */
export function hidden$(): Observable<boolean> {
  return pageState((page) => page.visibilityState === 'hidden', ['visibilitychange']);
}

/** The opposite of {@link hidden$}: true while the page is visible. */
export function visible$(): Observable<boolean> {
  return hidden$().pipe(map((isHidden) => !isHidden));
}

/**
 * True while the page is visible and has the focus: keys come to it, or to a frame in it. Emits the current state on
 * subscription, and each change. Where there is no document (in Node), it is true.
 *
 * A frame that has the focus hides from its page when it loses it to another window. A page of your own in the frame can
 * watch its own focus.
 * https://developer.mozilla.org/docs/Web/API/Document/hasFocus
 *
 * @example
 * ticks(30).pipe(pauseWhen(focused$().pipe(map((isFocused) => !isFocused))))
 */
export function focused$(): Observable<boolean> {
  const isAway = (page: Document) => page.visibilityState === 'hidden' || !page.hasFocus();
  return pageState(isAway, ['visibilitychange'], ['focus', 'blur']).pipe(map((away) => !away));
}

/** What is read of the document now, and at each of the events; false where there is none. */
function pageState(
  read: (page: Document) => boolean,
  ofDocument: readonly string[],
  ofWindow: readonly string[] = [],
): Observable<boolean> {
  return defer(() => {
    if (typeof document === 'undefined') return NEVER.pipe(startWith(false));
    const events = [
      ...ofDocument.map((type) => fromEvent(document, type)),
      ...ofWindow.map((type) => fromEvent(window, type)),
    ];
    return merge(...events).pipe(
      startWith(undefined),
      map(() => read(document)),
      distinctUntilChanged(),
    );
  }).pipe(share({ connector: () => new ReplaySubject(1) }));
}
