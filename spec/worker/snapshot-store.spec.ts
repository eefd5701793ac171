import { deleteSnapshot, findSnapshot, snapshotKey, storeSnapshot } from '../../worker/snapshot-store';

/** What the store uses of https://developer.mozilla.org/en-US/docs/Web/API/FileSystemDirectoryHandle, in memory. */
class Folder {
  readonly files = new Map<string, { readonly parts: Uint8Array[]; lastModified: number }>();
  #now = 0;

  getFileHandle(name: string, { create = false } = {}): Promise<object> {
    if (!create && !this.files.has(name)) return Promise.reject(new Error(`no ${name}`));
    return Promise.resolve(this.#handle(name));
  }

  removeEntry(name: string): Promise<void> {
    return this.files.delete(name) ? Promise.resolve() : Promise.reject(new Error(`no ${name}`));
  }

  /** `for await` takes what is there at once, too. */
  *[Symbol.iterator]() {
    for (const name of [...this.files.keys()]) yield [name, this.#handle(name)] as const;
  }

  #handle(name: string): object {
    const getFile = (): object => {
      const { parts, lastModified } = this.files.get(name) ?? { parts: [], lastModified: 0 };
      const bytes = Uint8Array.from(Buffer.concat(parts));
      return { size: bytes.length, lastModified, arrayBuffer: () => Promise.resolve(bytes.buffer) };
    };
    const createWritable = (): object => {
      const parts: Uint8Array[] = [];
      return {
        write: (part: Uint8Array) => Promise.resolve(parts.push(part)),
        close: () => Promise.resolve(this.files.set(name, { parts, lastModified: ++this.#now })),
      };
    };
    return { getFile: () => Promise.resolve(getFile()), createWritable: () => Promise.resolve(createWritable()) };
  }
}

const folder = new Folder();
const getDirectory = () => Promise.resolve({ getDirectoryHandle: () => Promise.resolve(folder) });
const keys = ['one', 'two', 'three'].map((name) => snapshotKey(name, '1.0'));
const [one, two, three] = keys as [(typeof keys)[0], (typeof keys)[0], (typeof keys)[0]];
const bytesOf = (value: number): Uint8Array<ArrayBuffer> => new Uint8Array(68).fill(value); // 100 with the hash
const found = async (): Promise<(number | undefined)[]> =>
  Promise.all(keys.map(async (key) => (await (await findSnapshot(key))?.snapshot)?.[0]));

beforeAll(() => {
  Object.defineProperty(globalThis, 'navigator', { value: { storage: { getDirectory } }, configurable: true });
});
beforeEach(() => {
  folder.files.clear();
});

it('keeps several snapshots, and gives each by its key', async () => {
  await storeSnapshot(one, bytesOf(1), 1000);
  await storeSnapshot(two, bytesOf(2), 1000);
  expect(await found()).toEqual([1, 2, undefined]);
  await deleteSnapshot(one);
  expect(await found()).toEqual([undefined, 2, undefined]);
});

it('lets the one go that was not used for longest, when a new one needs the room', async () => {
  await storeSnapshot(one, bytesOf(1), 200);
  await storeSnapshot(two, bytesOf(2), 200);
  await (
    await findSnapshot(one)
  )?.snapshot;
  await storeSnapshot(three, bytesOf(3), 200);
  expect(await found()).toEqual([1, undefined, 3]);
});

it('does not store one that is larger than all may be, and leaves the others', async () => {
  await storeSnapshot(one, bytesOf(1), 200);
  await storeSnapshot(two, bytesOf(2), 99);
  expect(await found()).toEqual([1, undefined, undefined]);
});

it('deletes what another build stored', async () => {
  await storeSnapshot(snapshotKey('one', '0.9'), bytesOf(9), 1000);
  await storeSnapshot(one, bytesOf(1), 1000);
  expect([...folder.files.keys()].filter((name) => !name.endsWith('.used'))).toHaveLength(1);
  expect(await found()).toEqual([1, undefined, undefined]);
});

it('gives none that was damaged', async () => {
  await storeSnapshot(one, bytesOf(1), 1000);
  const [file] = folder.files.values();
  file?.parts[1]?.fill(7, 60);
  await expect((await findSnapshot(one))?.snapshot).rejects.toThrow('damaged');
});
