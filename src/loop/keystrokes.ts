import { defer, filter, map, type Observable } from 'rxjs';
import { checkOptions, flagRule, type Rules } from '../check.js';
import { UsageError } from '../errors.js';
import { parseMapping } from './chords.js';
import { keyDowns, targetRule, type KeyboardConfig, type KeyMapping } from './keyboard.js';
import { shareEvents } from './linger.js';

/** The options of {@link keystrokes}. */
export interface KeystrokesConfig extends KeyboardConfig {
  /** Whether a key that is held acts again at each of its repeats, as the system makes them. Default false. */
  readonly repeat?: boolean | undefined;
}

const rules: Rules<KeystrokesConfig> = { target: targetRule, repeat: flagRule };

/**
 * The action of each key press: once when a key goes down, however long it is held, unless `repeat` is set. For envs that wait for the player,
 * such as a grid world. Mapped keys do not scroll the page. Keys in input fields, and those pressed with Ctrl, Alt or
 * Meta, are ignored. All subscriptions share one listener, which stays for 1 s after the last subscriber has left; presses
 * while nobody subscribes are lost.
 *
 * Errors: `UsageError` at the call for a bad option, an empty mapping, or one with a chord.
 *
 * @example
 * keystrokes({ ArrowLeft: 0, ArrowRight: 1 }).pipe(stepWith(env, { busy: 'latest' }))
 */
export function keystrokes<A>(mapping: KeyMapping<A>, config: KeystrokesConfig = {}): Observable<A> {
  checkOptions('keystrokes', config, rules);
  const bindings = parseMapping('keystrokes.mapping', mapping);
  const chord = bindings.find(({ keys }) => keys.length > 1);
  if (chord) throw new UsageError('keystrokes.mapping', 'single keys', `the chord '${chord.keys.join()}'`);
  const actions = bindings.flatMap(({ keys, action }) => keys.map((name) => ({ name, action })));
  return defer(() => keyDowns(bindings, config)).pipe(
    filter(({ isRepeat }) => !isRepeat || config.repeat === true),
    // keyDowns emits only keys of the bindings, so there is an action.
    map(({ names }) => actions.find(({ name }) => names.includes(name))?.action as A),
    shareEvents(),
  );
}
