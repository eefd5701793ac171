import { check, type Rule } from '../check.js';

/** What `pressedKeys`, `heldButtons` and `gamepad` have in common. */
export interface HeldConfig<A> {
  /** The action while nothing of the mapping is held. */
  readonly idle: A;
  /**
   * Which action counts of several single keys or buttons that are held, where no chord is: that of the one that was
   * pressed last (`'latest'`) or first (`'first'`, as in Interactive Gym). Default `'latest'`.
   */
  readonly prefer?: 'latest' | 'first' | undefined;
}

export const preferRule: Rule = { words: ['latest', 'first'] };

/** One item of a mapping: what has to be held, by its names, and the action. */
export interface Binding<A> {
  readonly keys: readonly string[];
  readonly action: A;
}

/** One thing that is held, by all the names that it goes by. */
export interface Press {
  readonly names: readonly string[];
}

/** `what`: what is mapped, for instance `'key'`. */
export function parseMapping<A>(
  option: string,
  mapping: Readonly<Record<string, A>>,
  what = 'key',
): readonly Binding<A>[] {
  const expected = `an object with a ${what} (or several, joined with commas) for each action`;
  const given: unknown = mapping;
  check(option, given, expected, typeof given === 'object' && given !== null);
  check(option, 'an empty one', expected, Object.keys(mapping).length > 0);
  return Object.entries(mapping).map(([text, action]) => {
    const keys = text === ',' ? [text] : text.split(',').map((key) => (key === ' ' ? key : key.trim()));
    check(option, text, expected, !keys.includes(''));
    return { keys, action };
  });
}

/**
 * The action of what is held, which is given in the order of the presses. The longest chord wins, and among equally long
 * ones the one whose last press is the latest.
 */
export function actionOf<A>(
  held: readonly Press[],
  bindings: readonly Binding<A>[],
  { idle, prefer = 'latest' }: HeldConfig<A>,
): A {
  let best = { length: 0, rank: -Infinity, action: idle };
  for (const { keys, action } of bindings) {
    const presses = keys.map((name) => held.map(({ names }) => names.includes(name)).lastIndexOf(true));
    if (presses.includes(-1)) continue;
    const { length } = keys;
    const first = held.findIndex(({ names }) => names.includes(keys[0] ?? ''));
    const rank = length === 1 && prefer === 'first' ? -first : Math.max(...presses);
    if (length > best.length || (length === best.length && rank > best.rank)) best = { length, rank, action };
  }
  return best.action;
}
