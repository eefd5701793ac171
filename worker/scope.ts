/** What has to be let go of by hand: a PyProxy is `destroy`ed, a buffer view `release`d. */
interface Held {
  destroy?(): void;
  release?(): void;
}

/**
 * Runs `work` and lets go of everything that it held, in reverse order, also when it throws.
 * Python objects that JavaScript forgets are never collected (Pyodide, "Avoiding memory leaks"), so each has a scope.
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
      // a destroyed proxy throws at whatever is asked of it, so one or the other
      if (thing.destroy) thing.destroy();
      else thing.release?.();
    }
  }
}
