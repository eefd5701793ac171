/** Waits until all that was handed over is stored: a transaction is done behind those that were there before. */
export async function idle(): Promise<void> {
  for (let i = 0; i < 5; i += 1) {
    const databases = await indexedDB.databases();
    if (!databases.some(({ name }) => name === 'rxgym-games')) return;
    const database = await opened();
    const tx = database.transaction([...database.objectStoreNames], 'readwrite');
    await new Promise((resolve) => (tx.oncomplete = resolve));
    database.close();
  }
}

export const opened = (): Promise<IDBDatabase> =>
  new Promise((resolve) => {
    const request = indexedDB.open('rxgym-games');
    request.onsuccess = () => resolve(request.result);
  });

type Aborting = IDBTransaction & { _abort: (error: string) => void };

/** From now on the storage has no room for games, until the function that this returns is called. */
export function fillGames(): () => void {
  const { put } = IDBObjectStore.prototype;
  const full = jest.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, ...args) {
    const { transaction } = this;
    queueMicrotask(() => (transaction as Aborting)._abort('QuotaExceededError'));
    return put.apply(this, args);
  });
  return () => full.mockRestore();
}
