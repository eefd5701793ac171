/** What has to be released by hand: a PyProxy is `destroy`ed, a view of a buffer `release`d. */
interface Held {
  destroy?(): void;
  release?(): void;
}

/**
 * Runs `work` and then releases everything that it held, in reverse order, also when it throws. A Python object that
 * JavaScript merely forgets is freed late or never: https://pyodide.org/en/stable/usage/type-conversions.html#avoiding-leaks
 */
export function scoped<T>(work: (hold: <H>(held: H) => H) => T): T {
  const held: Held[] = [];
  try {
    return work((thing) => {
      held.push(thing as Held);
      return thing;
    });
  } finally {
    for (const thing of held.reverse()) {
      // not both: every access to a destroyed proxy throws
      if (thing.destroy) thing.destroy();
      else thing.release?.();
    }
  }
}
