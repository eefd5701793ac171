// The snapshot of an interpreter's memory that the browser keeps for later visits: at most one, since it is large.
//
// It is a file of the origin private file system (https://fs.spec.whatwg.org/#sandboxed-filesystem): one of 30 MB is read
// there, in Chromium, in two thirds of the time of the Cache API, and in a fifth of what decompressing it would take. The
// name is a hash of all that it depends on, so that an outdated one is not found; its first bytes are the hash of the rest.
//
// Nothing here throws: where there is no storage (Node, private windows, no room left), nothing is stored.

import { hex, sha256 } from './sha256.js';

type Bytes = Uint8Array<ArrayBuffer>;

const folderName = 'rxgym';
const hashBytes = 32;

/** What a snapshot depends on. The version suffices: Pyodide checks itself that a snapshot is of the same build. */
export const snapshotKey = (indexURL: string, version: string): readonly string[] => [
  __RXGYM_VERSION__,
  __BRIDGE__,
  version,
  indexURL,
];

/** The snapshot with that key, on its way; it rejects where it is damaged. Undefined where there is none. */
export async function findSnapshot(key: readonly string[]): Promise<{ snapshot: Promise<Bytes> } | undefined> {
  const file = await quietly(async () => (await (await folder()).getFileHandle(await nameOf(key))).getFile());
  if (!file) return undefined;
  const snapshot = undamaged(file);
  snapshot.catch(() => undefined); // it may fail before anybody waits for it
  return { snapshot };
}

/** Stores this snapshot, in place of any other. */
export async function storeSnapshot(key: readonly string[], snapshot: Bytes): Promise<void> {
  await deleteSnapshots();
  const isStored = await quietly(async () => {
    const hash = await sha256(snapshot);
    // others see the file when it is closed, and never half of it
    const file = await (await (await folder()).getFileHandle(await nameOf(key), { create: true })).createWritable();
    await file.write(hash);
    await file.write(snapshot);
    await file.close();
    return true;
  });
  if (!isStored) await deleteSnapshots();
}

export async function deleteSnapshots(): Promise<void> {
  await quietly(async () => (await navigator.storage.getDirectory()).removeEntry(folderName, { recursive: true }));
}

async function nameOf(key: readonly string[]): Promise<string> {
  return hex(await sha256(JSON.stringify(key)));
}

async function folder(): Promise<FileSystemDirectoryHandle> {
  return (await navigator.storage.getDirectory()).getDirectoryHandle(folderName, { create: true });
}

async function undamaged(file: File): Promise<Bytes> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const snapshot = bytes.subarray(hashBytes);
  const hash = await sha256(snapshot);
  if (hash.some((byte, at) => byte !== bytes[at])) throw new Error('the snapshot is damaged');
  return snapshot;
}

async function quietly<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch {
    return undefined;
  }
}
