import { distinctUntilChanged, filter, fromEvent, map, merge, startWith, tap, type Observable } from 'rxjs';

/** Whether a button is held, by finger, mouse or (with the focus on it) Space or Enter. */
export function held(button: HTMLButtonElement): Observable<boolean> {
  const presses = (event: KeyboardEvent) => event.key === ' ' || event.key === 'Enter';
  const down$ = merge(
    // A finger is captured by what it touches; the capture keeps `pointerup` here wherever the finger goes.
    fromEvent<PointerEvent>(button, 'pointerdown').pipe(tap(({ pointerId }) => button.setPointerCapture(pointerId))),
    fromEvent<KeyboardEvent>(button, 'keydown').pipe(filter(presses)),
  );
  const up$ = merge(
    fromEvent(button, 'pointerup'),
    fromEvent(button, 'pointercancel'),
    fromEvent(button, 'lostpointercapture'),
    fromEvent(button, 'blur'),
    fromEvent<KeyboardEvent>(button, 'keyup').pipe(filter(presses)),
  );
  return merge(down$.pipe(map(() => true)), up$.pipe(map(() => false))).pipe(
    startWith(false),
    distinctUntilChanged(),
    tap((pressed) => button.toggleAttribute('data-pressed', pressed)),
  );
}
