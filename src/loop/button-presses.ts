import { filter, fromEvent, ignoreElements, map, merge, Observable, tap } from 'rxjs';
import { focusLosses } from './focus-losses.js';

/** A finger, a mouse button or a key on a button of the page; each has an id. */
export interface ButtonPress {
  readonly button: HTMLElement;
  readonly id: string;
}

/** Presses of these buttons as they begin. */
export function buttonDowns(buttons: readonly HTMLElement[]): Observable<ButtonPress> {
  const pointers$ = fromEvent<PointerEvent>(buttons, 'pointerdown').pipe(
    filter(({ button }) => button === 0), // of a mouse, the main one
    map((event) => {
      const button = event.currentTarget as HTMLElement;
      capture(button, event.pointerId);
      return { button, id: pointer(event) };
    }),
  );
  const keys$ = fromEvent<KeyboardEvent>(buttons, 'keydown').pipe(
    filter((event) => pressesButton(event) && !event.ctrlKey && !event.altKey && !event.metaKey),
    tap((event) => event.preventDefault()), // or Space would scroll the page, and Enter click again and again
    filter(({ repeat }) => !repeat),
    map((event) => ({ button: event.currentTarget as HTMLElement, id: event.key })),
  );
  return merge(pointers$, keys$);
}

/** What makes a press end: it is true for those that do. */
export function buttonUps(buttons: readonly HTMLElement[]): Observable<(press: ButtonPress) => boolean> {
  // At the document, before all others: a button that is removed while it is held gets no event, and one of the page's own
  // listeners may stop them. https://www.w3.org/TR/pointerevents/#process-pending-pointer-capture
  const documents = [...new Set(buttons.map(({ ownerDocument }) => ownerDocument))];
  const atDocument = <E extends Event>(type: string) => fromEvent<E>(documents, type, { capture: true });
  const pointers$ = ['pointerup', 'pointercancel', 'lostpointercapture'].map((type) =>
    atDocument<PointerEvent>(type).pipe(
      map(
        (event) =>
          ({ id }: ButtonPress) =>
            id === pointer(event),
      ),
    ),
  );
  const keys$ = atDocument<KeyboardEvent>('keyup').pipe(
    filter(pressesButton),
    map(
      (event) =>
        ({ id }: ButtonPress) =>
          id === event.key,
    ),
  );
  // A finger on another button may move the focus, and this one stays held by its finger.
  const blurs$ = fromEvent(buttons, 'blur').pipe(
    map(
      ({ currentTarget }) =>
        ({ button, id }: ButtonPress) =>
          button === currentTarget && !id.startsWith('pointer'),
    ),
  );
  return merge(...pointers$, keys$, blurs$, focusLosses().pipe(map(() => () => true)));
}

/** Never emits. While it is subscribed, a long press of a button scrolls, selects and opens nothing. */
export function keepFromBrowser(buttons: readonly HTMLElement[]): Observable<never> {
  const styled$ = new Observable<never>(() => {
    const restores = buttons.map((button) => {
      const before = styles.map(([name]) => [name, button.style.getPropertyValue(name)] as const);
      for (const [name, value] of styles) button.style.setProperty(name, value);
      return () => before.forEach(([name, value]) => button.style.setProperty(name, value));
    });
    return () => restores.forEach((restore) => restore());
  });
  const noMenus$ = fromEvent(buttons, 'contextmenu').pipe(
    tap((event) => event.preventDefault()),
    ignoreElements(),
  );
  return merge(styled$, noMenus$);
}

const styles = [
  ['touch-action', 'none'],
  ['user-select', 'none'],
  ['-webkit-user-select', 'none'],
  ['-webkit-touch-callout', 'none'],
] as const;

const pointer = ({ pointerId }: PointerEvent) => `pointer ${pointerId}`;
const pressesButton = ({ key }: KeyboardEvent) => key === ' ' || key === 'Enter';

/** Keeps the pointer's events here wherever it goes. Refused for one that a script has made, or that is gone already. */
function capture(button: HTMLElement, pointerId: number): void {
  try {
    button.setPointerCapture(pointerId);
  } catch {
    // Its end is seen at the document all the same.
  }
}
