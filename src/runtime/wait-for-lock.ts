/** Tells when the worker that holds the lock is dead, however busy it was; see worker/hold-lock.ts. */
export function waitForLock(name: string, signal: AbortSignal, onGot: () => void): void {
  const { locks } = navigator as Partial<Navigator>;
  if (locks) {
    locks.request(name, { signal }, onGot).catch(() => undefined); // aborted
    return;
  }
  indexedDB.deleteDatabase(name).onsuccess = onGot;
  sweep().catch(() => undefined); // not every browser lists them
}

export const lockPrefix = 'rxgym lock ';

/** Deletes what other visits left: in Firefox, the database of a page that went while its worker lived. What is in use stays. */
async function sweep(): Promise<void> {
  for (const { name } of await indexedDB.databases()) {
    if (name?.startsWith(lockPrefix)) indexedDB.deleteDatabase(name);
  }
}
