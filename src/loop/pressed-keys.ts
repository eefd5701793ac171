import { defer, distinctUntilChanged, map, merge, scan, startWith, type Observable } from 'rxjs';
import {
  focusLosses,
  keyDowns,
  keyUps,
  matches,
  parseMapping,
  type Binding,
  type Key,
  type KeyboardConfig,
  type KeyMapping,
} from './keyboard.js';

export interface PressedKeysConfig<A> extends KeyboardConfig {
  /** The action while no key of the mapping is held. */
  readonly idle: A;
}

/** The keys that are held, in the order in which they went down. */
type Held = readonly Key[];

/**
 * The action that the held keys mean: the current one on subscription, and the new one whenever it changes. The longest
 * chord that is held wins; of equally long ones, and of single keys, that of the most recent press. When the window or
 * the target loses the focus, or the page is hidden, all keys count as released. Keys of the mapping do not scroll the
 * page; in input fields, and with Ctrl, Alt or Meta held, keys are left alone.
 *
 * Errors: `UsageError` at the call for an empty mapping.
 *
 * @example
 * pressedKeys({ ArrowLeft: 0, ArrowRight: 1, 'ArrowLeft,ArrowUp': 2 }, { idle: 3 })
 */
export function pressedKeys<A>(mapping: KeyMapping<A>, config: PressedKeysConfig<A>): Observable<A> {
  const bindings = parseMapping('pressedKeys.mapping', mapping);
  return defer(() =>
    merge(
      keyDowns(bindings, config).pipe(map((key) => (held: Held) => [...without(held, key), key])),
      keyUps(config).pipe(map((key) => (held: Held) => (key.key === 'Meta' ? [] : without(held, key)))),
      focusLosses(config).pipe(map(() => (): Held => [])),
    ),
  ).pipe(
    scan((held: Held, change) => change(held), []),
    map((held) => meaning(held, bindings, config.idle)),
    startWith(config.idle),
    distinctUntilChanged(),
  );
}

// By `code`, where there is one: Shift pressed in between makes an 'a' go up as 'A'.
// A Mac keeps the key-ups of what was held with Meta to itself, so that Meta going up releases all (see above).
const without = (held: Held, { key, code }: Key): Held =>
  held.filter((other) => (code === '' ? other.key !== key : other.code !== code));

function meaning<A>(held: Held, bindings: readonly Binding<A>[], idle: A): A {
  let best = { length: 0, recency: -1, action: idle };
  for (const { keys, action } of bindings) {
    const presses = keys.map((name) => held.map((key) => matches(name, key)).lastIndexOf(true));
    if (presses.includes(-1)) continue;
    const recency = Math.max(...presses);
    const { length } = keys;
    if (length > best.length || (length === best.length && recency > best.recency)) best = { length, recency, action };
  }
  return best.action;
}
