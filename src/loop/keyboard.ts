import { filter, fromEvent, map, tap, type Observable } from 'rxjs';
import type { Rule } from '../check.js';
import { UsageError } from '../errors.js';
import type { Binding, Press } from './chords.js';

/**
 * Actions by key. A key is a `KeyboardEvent.key` (`'ArrowLeft'`, `'a'`) or a `.code` (`'KeyA'`), which does not depend on
 * layout, Shift or Caps Lock. A chord is several keys joined with `','` in any order, for instance `'ArrowLeft,ArrowUp'`.
 * The comma key is `','` alone, and `'Comma'` in a chord. Ctrl, Alt and Meta cannot be mapped: while one of them is held,
 * keys belong to the browser.
 */
export type KeyMapping<A> = Readonly<Record<string, A>>;

/** The options of all that listens to keys. */
export interface KeyboardConfig {
  /** Where to listen for keys: an element that can have the focus, a document or a window. Default: the window. */
  readonly target?: EventTarget | undefined;
}

export const targetRule: Rule = {
  expected: 'an EventTarget',
  fits: (value) => typeof (value as Partial<EventTarget> | null)?.addEventListener === 'function',
};

/** A key as an event names it; its `names` are both. */
export interface Key extends Press {
  readonly key: string;
  readonly code: string;
}

/** A key that goes down, or is held for so long that the system repeats it. */
export interface KeyDown extends Key {
  readonly isRepeat: boolean;
}

/** Mapped keys as they go down, and their repeats: without text that is typed into a field, and shortcuts of the browser. */
export function keyDowns(bindings: readonly Binding<unknown>[], { target }: KeyboardConfig): Observable<KeyDown> {
  return fromEvent<KeyboardEvent>(listenTo(target), 'keydown').pipe(
    filter((event) => !event.ctrlKey && !event.altKey && !event.metaKey && !event.isComposing && !isTyping(event)),
    filter((event) => bindings.some(({ keys }) => keys.some((name) => name === event.key || name === event.code))),
    tap((event) => event.preventDefault()), // or arrow keys, and their repeats, would scroll the page
    map((event) => ({ ...toKey(event), isRepeat: event.repeat })),
  );
}

/** Every key as it goes up, also in a field or with a modifier: a key that was released must not stay held. */
export function keyUps({ target }: KeyboardConfig): Observable<Key> {
  return fromEvent<KeyboardEvent>(listenTo(target), 'keyup').pipe(map(toKey));
}

/** Where keys are listened to. */
export function listenTo(target: EventTarget | undefined): EventTarget {
  if (target) return target;
  if (typeof window !== 'undefined') return window;
  throw new UsageError('target', 'an EventTarget, since there is no window here', 'undefined');
}

// Events that are made by a page's script or a browser's autofill may lack `code` or both.
const toKey = ({ key = '', code = '' }: Partial<KeyboardEvent>): Key => ({ key, code, names: [key, code] });

/** True where keys write text. */
function isTyping(event: Event): boolean {
  // The first item of the path is the field itself, also in a shadow tree.
  const field = event.composedPath()[0] as Partial<HTMLElement> | undefined;
  return field?.isContentEditable === true || ['INPUT', 'TEXTAREA', 'SELECT'].includes(field?.tagName ?? '');
}
