// For pages: what rxgym has stored in the browser. https://developer.mozilla.org/en-US/docs/Web/API/File_System_API

/** The names of the stored files; also of one that is being written. Not of those that only tell when another was used. */
export async function storedFiles(): Promise<string[]> {
  const names: string[] = [];
  for await (const [name, folder] of await navigator.storage.getDirectory()) {
    if (name !== 'rxgym') continue;
    for await (const [file, handle] of folder as FileSystemDirectoryHandle) {
      if (file.endsWith('.used')) continue;
      names.push((await (handle as FileSystemFileHandle).getFile()).size > 0 ? file : `${file} (empty)`);
    }
  }
  return names;
}

/** Waits until a snapshot is the only file, written to its end, and returns its name. */
export async function untilStored(): Promise<string> {
  const limit = performance.now() + 120_000;
  while (performance.now() < limit) {
    const names = await storedFiles().catch(() => []); // what is being removed cannot be read
    const [name = ''] = names;
    if (names.length === 1 && /^[0-9a-f]{16}-[0-9a-f]{64}$/.test(name)) return name;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error('the browser has stored no snapshot in 120 s');
}
