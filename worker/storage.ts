// The picture of an interpreter's memory that the browser keeps for later visits: at most one, since it is large.
//
// A file of the origin's private file system: of 30 MB in Chromium it is read in two thirds of the time of the Cache API,
// and in a fifth of what decompressing would take. Its name says all that it depends on, so that one which does not fit
// any more is not found; its first bytes are the hash of the others.
//
// Nothing here throws: where there is no storage (Node, private windows, no room left) nothing is kept, and that is all.

import { hex, sha256 } from './sha256.js';

type Bytes = Uint8Array<ArrayBuffer>;

const folderName = 'rxgym';
const hashBytes = 32;

/** The picture that depends on these, on its way; it rejects when it is damaged. Undefined where there is none. */
export async function find(key: readonly string[]): Promise<{ picture: Promise<Bytes> } | undefined> {
  const file = await quietly(async () => (await (await folder()).getFileHandle(await nameOf(key))).getFile());
  if (!file) return undefined;
  const picture = undamaged(file);
  picture.catch(() => undefined); // where nobody has come to wait for it yet
  return { picture };
}

/** Keeps this picture, and no other. */
export async function keep(key: readonly string[], picture: Bytes): Promise<void> {
  await clear();
  const isKept = await quietly(async () => {
    const hash = await sha256(picture);
    // nobody sees half a file: it appears when it is closed
    const file = await (await (await folder()).getFileHandle(await nameOf(key), { create: true })).createWritable();
    await file.write(hash);
    await file.write(picture);
    await file.close();
    return true;
  });
  if (!isKept) await clear();
}

export async function clear(): Promise<void> {
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
  const picture = bytes.subarray(hashBytes);
  const hash = await sha256(picture);
  if (hash.some((byte, at) => byte !== bytes[at])) throw new Error('the picture is damaged');
  return picture;
}

async function quietly<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch {
    return undefined;
  }
}
