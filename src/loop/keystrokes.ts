import { defer, map, type Observable } from 'rxjs';
import { UsageError } from '../errors.js';
import { keyDowns, matches, parseMapping, type KeyboardConfig, type KeyMapping } from './keyboard.js';

/**
 * The action of each key press: once when a key goes down, however long it is held. For envs that wait for the player,
 * such as a grid world: `keystrokes(mapping).pipe(stepWith(env, { busy: 'latest' }))`. Keys of the mapping do not scroll
 * the page; in input fields, and with Ctrl, Alt or Meta held, keys are left alone.
 *
 * Errors: `UsageError` at the call for an empty mapping, or one with a chord.
 */
export function keystrokes<A>(mapping: KeyMapping<A>, config: KeyboardConfig = {}): Observable<A> {
  const bindings = parseMapping('keystrokes.mapping', mapping);
  const chord = bindings.find(({ keys }) => keys.length > 1);
  if (chord) throw new UsageError('keystrokes.mapping', 'single keys', `the chord '${chord.keys.join()}'`);
  const actions = bindings.flatMap(({ keys, action }) => keys.map((name) => ({ name, action })));
  return defer(() => keyDowns(bindings, config)).pipe(
    // keyDowns lets through only keys of the bindings, so that there is one.
    map((key) => actions.find(({ name }) => matches(name, key))?.action as A),
  );
}
