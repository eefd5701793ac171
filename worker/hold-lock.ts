/** What nobody refers to might be closed. */
const connections: IDBDatabase[] = [];

/**
 * Holds a lock of that name until the worker dies. On http, where browsers have no locks, an open database is as good: it
 * cannot be deleted before. Nothing happens where there is neither; Node says by itself when a thread ends.
 */
export function holdLock(name: string, onHeld: () => void): void {
  const { locks } = (globalThis.navigator as { readonly locks?: LockManager } | undefined) ?? {};
  if (locks) {
    const held = locks.request(name, () => {
      onHeld();
      return new Promise<never>(() => undefined);
    });
    held.catch(() => undefined); // not every frame may have one
    return;
  }
  try {
    const opening = indexedDB.open(name);
    opening.onsuccess = () => {
      connections.push(opening.result);
      onHeld();
    };
  } catch {
    // as above
  }
}
