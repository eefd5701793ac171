/** A database that nothing refers to might be closed. */
const connections: IDBDatabase[] = [];

/**
 * Holds a lock (https://w3c.github.io/web-locks/) of that name until the worker dies, so that the page, which waits for
 * it, learns of the death. Locks need a secure context: on http an open database does the same, since it cannot be deleted
 * before. Where there is neither, nothing happens; Node itself reports the end of a thread.
 */
export function holdLock(name: string, onHeld: () => void): void {
  const { locks } = (globalThis.navigator as { readonly locks?: LockManager } | undefined) ?? {};
  if (locks) {
    const held = locks.request(name, () => {
      onHeld();
      return new Promise<never>(() => undefined);
    });
    held.catch(() => undefined); // sandboxed frames may have none
    return;
  }
  try {
    const opening = indexedDB.open(name);
    opening.onsuccess = () => {
      connections.push(opening.result);
      onHeld();
    };
  } catch {
    // there is no IndexedDB, or it is not allowed
  }
}
