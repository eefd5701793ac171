import { defer, distinctUntilChanged, map, merge, scan, startWith, type Observable } from 'rxjs';
import { anyRule, checkOptions, type Rules } from '../check.js';
import {
  focusLosses,
  keyDowns,
  keyUps,
  matches,
  parseMapping,
  targetRule,
  type Binding,
  type Key,
  type KeyboardConfig,
  type KeyMapping,
} from './keyboard.js';

/** The options of {@link pressedKeys}. */
export interface PressedKeysConfig<A> extends KeyboardConfig {
  /** The action while no key of the mapping is held. */
  readonly idle: A;
}

const rules: Rules<PressedKeysConfig<unknown>> = { target: targetRule, idle: anyRule };

/** The keys that are held, in the order in which they went down. */
type Held = readonly Key[];

/**
 * The action of the keys that are held: the current one on subscription, and a new one whenever it changes. The longest
 * chord that is held wins; among equally long ones, and among single keys, the one that was pressed last. When the window
 * or the target loses the focus, or the page is hidden, all keys count as released. Mapped keys do not scroll the page.
 * Keys in input fields, and those pressed with Ctrl, Alt or Meta, are ignored.
 *
 * Errors: `UsageError` at the call for a bad option or an empty mapping.
 *
 * @example
 * pressedKeys({ ArrowLeft: 0, ArrowRight: 1, 'ArrowLeft,ArrowUp': 2 }, { idle: 3 })
 */
export function pressedKeys<A>(mapping: KeyMapping<A>, config: PressedKeysConfig<A>): Observable<A> {
  checkOptions('pressedKeys', config, rules);
  const bindings = parseMapping('pressedKeys.mapping', mapping);
  return defer(() =>
    merge(
      keyDowns(bindings, config).pipe(map((key) => (held: Held) => [...without(held, key), key])),
      keyUps(config).pipe(map((key) => (held: Held) => (key.key === 'Meta' ? [] : without(held, key)))),
      focusLosses(config).pipe(map(() => (): Held => [])),
    ),
  ).pipe(
    scan((held: Held, change) => change(held), []),
    map((held) => actionOf(held, bindings, config.idle)),
    startWith(config.idle),
    distinctUntilChanged(),
  );
}

// Keys are compared by `code`, where there is one: with Shift pressed meanwhile, an 'a' goes up as 'A'. macOS sends no
// key-up for keys that were held with Meta, so that Meta going up releases all (see above).
// https://bugzilla.mozilla.org/show_bug.cgi?id=1299553
const without = (held: Held, { key, code }: Key): Held =>
  held.filter((other) => (code === '' ? other.key !== key : other.code !== code));

function actionOf<A>(held: Held, bindings: readonly Binding<A>[], idle: A): A {
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
