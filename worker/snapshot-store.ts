// The snapshots that the browser keeps for later visits. Those that were not used for longest go when there is no more room.
//
// They are files of the origin private file system (https://fs.spec.whatwg.org/#sandboxed-filesystem): one of 30 MB is read
// there, in Chromium, in two thirds of the time of the Cache API, and in a fifth of what decompressing it would take. A name
// begins with a hash of the build, and goes on with one of all else that the snapshot depends on, so that an outdated one is
// not found; the first bytes are the hash of the rest. Beside each is an empty file that is written when it is used.
//
// Nothing here throws: where there is no storage (Node, private windows, no room left), nothing is stored.

import { hex, sha256 } from './sha256.js';

type Bytes = Uint8Array<ArrayBuffer>;

const folderName = 'rxgym';
const hashBytes = 32;

export interface SnapshotKey {
  readonly build: readonly string[];
  readonly wanted: string;
}

/** What a snapshot depends on. The version suffices: Pyodide checks itself that a snapshot is of the same build. */
export function snapshotKey(wanted: string, version: string): SnapshotKey {
  return { build: [__RXGYM_VERSION__, __BRIDGE__, version], wanted };
}

/** The snapshot with that key, on its way; it rejects where it is damaged. Undefined where there is none. */
export async function findSnapshot(key: SnapshotKey): Promise<{ snapshot: Promise<Bytes> } | undefined> {
  const name = await quietly(() => nameOf(key));
  const file = name && (await quietly(async () => (await (await folder()).getFileHandle(name)).getFile()));
  if (!file) return undefined;
  void quietly(() => touch(name));
  const snapshot = undamaged(file);
  snapshot.catch(() => undefined); // it may fail before anybody waits for it
  return { snapshot };
}

/** Stores this snapshot, and deletes others until all have at most `limit` bytes. One with more than that is not stored. */
export async function storeSnapshot(key: SnapshotKey, snapshot: Bytes, limit: number): Promise<void> {
  await deleteSnapshot(key);
  const size = snapshot.length + hashBytes;
  if (size > limit) return;
  await quietly(() => makeRoom(limit - size, key.build));
  const isStored = await quietly(async () => {
    const name = await nameOf(key);
    const hash = await sha256(snapshot);
    // others see the file when it is closed, and never half of it
    const file = await (await (await folder()).getFileHandle(name, { create: true })).createWritable();
    await file.write(hash);
    await file.write(snapshot);
    await file.close();
    await touch(name);
    return true;
  });
  if (!isStored) await deleteSnapshot(key);
}

export async function deleteSnapshot(key: SnapshotKey): Promise<void> {
  await quietly(async () => {
    await remove(await nameOf(key));
  });
}

/** Deletes what another build stored, and the snapshots that were used longest ago, until the others have `limit` bytes. */
async function makeRoom(limit: number, build: readonly string[]): Promise<void> {
  const sizes = new Map<string, number>();
  const used = new Map<string, number>();
  const own = await buildName(build);
  for await (const [name, handle] of await folder()) {
    const { size, lastModified } = await (handle as FileSystemFileHandle).getFile();
    if (name.endsWith(usedSuffix)) used.set(name.slice(0, -usedSuffix.length), lastModified);
    else if (name.startsWith(own)) sizes.set(name, size);
    else await remove(name);
  }
  const latestFirst = [...sizes.keys()].sort((a, b) => (used.get(b) ?? 0) - (used.get(a) ?? 0));
  let total = 0;
  for (const name of latestFirst) {
    total += sizes.get(name) ?? 0;
    if (total > limit) await remove(name);
  }
}

const usedSuffix = '.used';

async function touch(name: string): Promise<void> {
  await (await (await (await folder()).getFileHandle(name + usedSuffix, { create: true })).createWritable()).close();
}

async function remove(name: string): Promise<void> {
  const from = await folder();
  for (const each of [name, name + usedSuffix]) await quietly(() => from.removeEntry(each));
}

const buildName = async (build: readonly string[]): Promise<string> =>
  hex((await sha256(JSON.stringify(build))).subarray(0, 8));

async function nameOf({ build, wanted }: SnapshotKey): Promise<string> {
  return `${await buildName(build)}-${hex(await sha256(wanted))}`;
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
