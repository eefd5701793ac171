import type { Page } from 'puppeteer';
import counter from '../envs/counter.py';
import { useSite } from './site';

/** Boots with the storage, and returns how. */
const visit = (page: Page): Promise<string> =>
  page.evaluate(async () => {
    const { how } = await bench.rxjs.firstValueFrom(bench.start({ cache: 'snapshot' }).ready$);
    if ((await bench.run('import json; json.dumps(6 * 7)')) !== '42') throw new Error('it does not compute');
    return how;
  });

const storedFiles = (page: Page): Promise<string[]> => page.evaluate(() => bench.storedFiles());
const untilStored = (page: Page): Promise<string> => page.evaluate(() => bench.untilStored());

type Harm = 'damaged' | 'of another build';

/** 32 bytes of hash, then an image: its byte 12 says where in it the memory is, which has Pyodide's build from byte 16 on. */
const harm = (page: Page, name: string, how: Harm): Promise<void> =>
  page.evaluate(
    async (name, how) => {
      const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle('rxgym');
      const file = await folder.getFileHandle(name);
      const bytes = new Uint8Array(await (await file.getFile()).arrayBuffer());
      const memoryAt = 32 + new DataView(bytes.buffer).getUint32(32 + 12, true);
      const at = how === 'damaged' ? 5_000_000 : memoryAt + 16;
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      if (how === 'of another build') bytes.set(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes.slice(32))));
      const writable = await file.createWritable();
      await writable.write(bytes);
      await writable.close();
      // and a file that nothing uses any more
      await folder.getFileHandle('stale', { create: true });
    },
    name,
    how,
  );

describe('the storage of the browser', () => {
  const site = useSite({ cold: true, launch: {} });
  let name: string;

  it('gets a snapshot after a cold boot, from which the next visit boots, and its restarts', async () => {
    const first = await site.open();
    expect(await visit(first)).toBe('cold');
    name = await untilStored(first);

    const second = await site.open();
    expect(await visit(second)).toBe('snapshot');
    const { draws, how, seen } = await second.evaluate(async (source) => {
      const { runtime, rxjs } = bench;
      const draw = () => bench.run('import random; random.random()');
      const env = bench.play(source);
      const draws = [await draw()];
      const steps = [await rxjs.firstValueFrom(env.step(1))];
      // the first value is of the running interpreter, the next of the one that takes over
      const recovered = rxjs.firstValueFrom(runtime.ready$.pipe(rxjs.elementAt(1)));
      await bench.exit();
      steps.push(await rxjs.firstValueFrom(env.step(1)));
      draws.push(await draw());
      return { draws, how: (await recovered).how, seen: steps.map(({ observation }) => observation) };
    }, counter);
    expect(how).toBe('snapshot');
    expect(seen).toEqual([1, 2]);
    expect(draws[0]).not.toBe(draws[1]); // not the generator of the snapshot
    expect(await storedFiles(second)).toEqual([name]);
  });

  it.each<Harm>(['damaged', 'of another build'])('drops a snapshot that is %s, and gets another', async (how) => {
    const page = await site.open();
    await harm(page, name, how);
    // Pyodide says on the console of which build it is
    expect(await visit(page)).toBe('cold');
    expect(await storedFiles(page)).not.toContain(name);
    expect(await untilStored(page)).toBe(name);
  });
});
