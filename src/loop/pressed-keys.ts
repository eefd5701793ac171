import { defer, distinctUntilChanged, map, merge, scan, startWith, type Observable } from 'rxjs';
import { anyRule, checkOptions, checkValue, objectRule, type Rules } from '../check.js';
import { withIdles } from '../operators/idle.js';
import { actionOf, preferRule, parseMapping, type HeldConfig } from './chords.js';
import { focusLosses } from './focus-losses.js';
import {
  keyDowns,
  keyUps,
  listenTo,
  targetRule,
  type Key,
  type KeyDown,
  type KeyboardConfig,
  type KeyMapping,
} from './keyboard.js';
import { shareLatest } from './linger.js';

/** The options of {@link pressedKeys}. */
export interface PressedKeysConfig<A> extends KeyboardConfig, HeldConfig<A> {}

const rules: Rules<PressedKeysConfig<unknown>> = { target: targetRule, idle: anyRule, prefer: preferRule };

/** The keys that are held, in the order in which they went down. */
type Held = readonly Key[];

/**
 * The action of the keys that are held: the current one on subscription, and a new one whenever it changes. The longest
 * chord that is held wins; among equally long ones, the one that was pressed last. Among single keys `prefer` says which.
 * A key that went down before counts from its next repeat on.
 * When the window or the target loses the focus, or the page is hidden, all keys count as released. Mapped keys do not
 * scroll the page. Keys in input fields, and those pressed with Ctrl, Alt or Meta, are ignored.
 *
 * All subscriptions share one set of listeners. It stays for 1 s after the last subscriber has left, so that keys which are
 * held from one step to the next stay held, also where each step subscribes anew.
 *
 * Errors: `UsageError` at the call for a bad option or an empty mapping.
 *
 * @example
 * pressedKeys({ ArrowLeft: 0, ArrowRight: 1, 'ArrowLeft,ArrowUp': 2 }, { idle: 3 })
 */
export function pressedKeys<A>(mapping: KeyMapping<A>, config: PressedKeysConfig<A>): Observable<A> {
  checkValue('pressedKeys', config, objectRule);
  checkOptions('pressedKeys', config, rules);
  const bindings = parseMapping('pressedKeys.mapping', mapping);
  const action$ = defer(() =>
    merge(
      keyDowns(bindings, config).pipe(map((key) => (held: Held) => withKey(held, key))),
      keyUps(config).pipe(map((key) => (held: Held) => (key.key === 'Meta' ? [] : without(held, key)))),
      focusLosses(listenTo(config.target)).pipe(map(() => (): Held => [])),
    ),
  ).pipe(
    scan((held: Held, change) => change(held), []),
    map((held) => actionOf(held, bindings, config)),
    startWith(config.idle),
    distinctUntilChanged(),
    shareLatest(),
  );
  return withIdles(action$, [config.idle]);
}

// A repeat says that a key is held of which nothing is known: it went down before somebody subscribed, or elsewhere.
const withKey = (held: Held, key: KeyDown): Held =>
  key.isRepeat && without(held, key).length < held.length ? held : [...without(held, key), key];

// Keys are compared by `code`, where there is one: with Shift pressed meanwhile, an 'a' goes up as 'A'. macOS sends no
// key-up for keys that were held with Meta, so that Meta going up releases all (see above).
// https://bugzilla.mozilla.org/show_bug.cgi?id=1299553
const without = (held: Held, { key, code }: Key): Held =>
  held.filter((other) => (code === '' ? other.key !== key : other.code !== code));
