import { fromEvent, map, merge, filter, tap, type Observable } from 'rxjs';
import { UsageError } from '../errors.js';
import { show } from '../operators/check-option.js';

/**
 * Actions by key: `KeyboardEvent.key` (`'ArrowLeft'`, `'a'`) or `.code` (`'KeyA'`, which does not depend on the
 * layout, Shift or Caps Lock). A chord is several keys joined with `','`, sorted by custom (`'ArrowLeft,ArrowUp'`)
 * though any order does; the comma key is `','` alone, in a chord `'Comma'`.
 * Ctrl, Alt and Meta cannot be mapped: with one of them held a key belongs to the browser.
 */
export type KeyMapping<A> = Readonly<Record<string, A>>;

export interface KeyboardConfig {
  /** Where to listen for keys: an element that has the focus, a document or a window. Default: the window. */
  readonly target?: EventTarget | undefined;
}

/** One entry of a mapping: the keys that have to be held, and the action that they mean. */
export interface Binding<A> {
  readonly keys: readonly string[];
  readonly action: A;
}

/** A key as an event names it. */
export interface Key {
  readonly key: string;
  readonly code: string;
}

export function parseMapping<A>(option: string, mapping: KeyMapping<A>): readonly Binding<A>[] {
  const expected = 'an object with a key (or several, joined with commas) for each action';
  const given: unknown = mapping;
  if (typeof given !== 'object' || given === null) throw new UsageError(option, expected, show(given));
  if (Object.keys(mapping).length === 0) throw new UsageError(option, expected, 'an empty one');
  return Object.entries(mapping).map(([text, action]) => {
    const keys = text === ',' ? [text] : text.split(',').map((key) => (key === ' ' ? key : key.trim()));
    if (keys.includes('')) throw new UsageError(option, expected, show(text));
    return { keys, action };
  });
}

export const matches = (name: string, { key, code }: Key): boolean => name === key || name === code;

/** Keys of the bindings as they go down: no repeats, nothing typed into a field, no shortcuts of the browser. */
export function keyDowns(bindings: readonly Binding<unknown>[], { target }: KeyboardConfig): Observable<Key> {
  return fromEvent<KeyboardEvent>(listenTo(target), 'keydown').pipe(
    filter((event) => !event.ctrlKey && !event.altKey && !event.metaKey && !event.isComposing && !isTyping(event)),
    filter((event) => bindings.some(({ keys }) => keys.some((name) => matches(name, event)))),
    tap((event) => event.preventDefault()), // or the arrow keys would scroll the page; their repeats too
    filter((event) => !event.repeat),
    map(toKey),
  );
}

/** Any key as it goes up, wherever the focus is by then: a key that is no longer held must not stay so. */
export function keyUps({ target }: KeyboardConfig): Observable<Key> {
  return fromEvent<KeyboardEvent>(listenTo(target), 'keyup').pipe(map(toKey));
}

/** When key-ups may be missed: the target or the window loses the focus, or the page is hidden. */
export function focusLosses({ target }: KeyboardConfig): Observable<unknown> {
  const places = new Set<EventTarget>([listenTo(target)]);
  if (typeof window !== 'undefined') places.add(window);
  const losses = Array.from(places, (place) => fromEvent(place, 'blur'));
  if (typeof document === 'undefined') return merge(...losses);
  return merge(
    ...losses,
    fromEvent(document, 'visibilitychange').pipe(filter(() => document.visibilityState === 'hidden')),
  );
}

function listenTo(target: EventTarget | undefined): EventTarget {
  if (target) return target;
  if (typeof window !== 'undefined') return window;
  throw new UsageError('target', 'an EventTarget, since there is no window here', 'undefined');
}

// Events that a page or a browser's autofill makes up may lack `code`, or `key` as well.
const toKey = ({ key = '', code = '' }: Partial<KeyboardEvent>): Key => ({ key, code });

/** True where keys write text: there they are left alone entirely. */
function isTyping(event: Event): boolean {
  // The first of the path is the field itself, also inside a web component's shadow.
  const field = event.composedPath()[0] as Partial<HTMLElement> | undefined;
  return field?.isContentEditable === true || ['INPUT', 'TEXTAREA', 'SELECT'].includes(field?.tagName ?? '');
}
