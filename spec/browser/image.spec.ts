import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, constants, gunzipSync } from 'node:zlib';
import { root } from '../helpers/folders';
import { at, type Answer } from './answers';
import { useSite } from './site';
import { wheel } from './wheel';

const folder = mkdtempSync(join(tmpdir(), 'rxgym-image-'));
const source = `
import asyncio, by_name, random
class Env:
    def reset(self, seed=None):
        self.at = by_name.first
        return self.at, {"level": open("one.txt").read(), "fresh": random.Random().random()}
    async def step(self, action):
        await asyncio.sleep(0)  # the image is made where Python cannot wait
        self.at += 1
        return memoryview(bytes([self.at])), 0.0, False, False, {"draw": random.random()}
    def render(self):
        return memoryview(bytes(12)).cast("B", [2, 2, 3])
env = Env()
`;

describe('a baked image', () => {
  const site = useSite();
  let image: Buffer;
  let brotli: Buffer;
  const serveImage = (answer: Answer): void => site.intercept(at({ '/env.image': answer }));

  beforeAll(() => {
    const { file, bytes } = wheel('by_name', 'first = 10');
    mkdirSync(join(folder, 'data'));
    writeFileSync(join(folder, 'data/one.txt'), 'level one');
    writeFileSync(join(folder, 'env.py'), source);
    writeFileSync(join(folder, file), bytes);
    const line = ['bake', 'env.py', '--out', 'env.image', '--files', 'data', '--packages', file, '--brotli', '1'];
    const { status, stderr } = spawnSync(process.execPath, [join(root, 'bin/rxgym.mjs'), ...line], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    image = readFileSync(join(folder, 'env.image'));
    brotli = readFileSync(join(folder, 'env.image.br'));
  });
  beforeEach(() => {
    serveImage((response) => response.writeHead(200, { 'Content-Type': 'application/octet-stream' }).end(image));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it('is what the first visit boots from, and a restart; its bytes count in progress$', async () => {
    const page = await site.open();
    const seen = await page.evaluate(async () => {
      const { firstValueFrom, skip, map } = bench.rxjs;
      const runtime = bench.start();
      const env = runtime.env({ image: '/env.image' });
      const totals = bench.watch(runtime.progress$.pipe(map(({ total }) => total)));
      const reset = await firstValueFrom(env.reset());
      const { how } = await firstValueFrom(runtime.ready$);
      const steps = [await firstValueFrom(env.step(0))];
      const recovered = firstValueFrom(runtime.ready$.pipe(skip(1)));
      await bench.exit();
      steps.push(await firstValueFrom(env.step(0)));
      const frame = await firstValueFrom(env.render());
      return {
        reset,
        hows: [how, (await recovered).how],
        seen: steps.map(({ observation }) => Array.from((observation as { data: Uint8Array }).data)),
        largest: Math.max(...totals.values.map((total) => total ?? 0)),
        kind: frame?.kind,
      };
    });

    expect(seen).toMatchObject({ hows: ['image', 'image'], seen: [[11], [12]], kind: 'pixels' });
    expect(seen.reset).toMatchObject({ observation: 10, info: { level: 'level one' } });
    expect(seen.largest).toBeGreaterThan(20_000_000); // Pyodide’s 11 MB without its library, and the memory
    expect(site.requests.filter((path) => path === '/env.image')).toHaveLength(2);
  });

  it('boots as well from the .br with Content-Encoding', async () => {
    serveImage((response) => response.writeHead(200, { 'Content-Encoding': 'br' }).end(brotli));
    expect(await play()).toMatchObject({ how: 'image', reset: { observation: 10, info: { level: 'level one' } } });
  });

  it('whose .br is damaged where nothing but its hash shows it is not used, and its env is set up', async () => {
    const plain = gunzipSync(image);
    plain.writeUInt8(plain.readUInt8(plain.length - 1000) ^ 1, plain.length - 1000);
    const damaged = brotliCompressSync(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } });
    serveImage((response) => response.writeHead(200, { 'Content-Encoding': 'br' }).end(damaged));
    expect(await play()).toMatchObject({ how: 'cold', reset: { observation: 10, info: { level: 'level one' } } });
  });

  it('whose .br is cut off is not used, and its env is set up', async () => {
    serveImage((response) => response.writeHead(200, { 'Content-Encoding': 'br' }).end(brotli.subarray(0, -100_000)));
    expect(await play()).toMatchObject({ how: 'cold', reset: { observation: 10, info: { level: 'level one' } } });
  });

  describe('has no need of the rest of the standard library', () => {
    const path = '/pyodide/python_stdlib.zip';
    const library = readFileSync(join(root, 'node_modules', path));

    /** Resets, imports a module that the image lacks, twice, and resets. */
    async function playAndImport(answers: Answer[]) {
      const serveBoth = at({
        '/env.image': (response) => response.end(image),
        [path]: (response) => answers.shift()?.(response),
      });
      site.intercept(serveBoth);
      const page = await site.open();
      return page.evaluate(async () => {
        const runtime = bench.start();
        const env = runtime.env({ image: '/env.image' });
        const { values: first } = await bench.outcome(env.reset());
        const imports = [];
        for (let i = 0; i < 2; i++) {
          const { values, error } = await bench.outcome(runtime.run('import colorsys; colorsys.ONE_SIXTH'));
          imports.push(values[0] ?? (error as { message?: string }).message);
        }
        const { values: second } = await bench.outcome(env.reset());
        const { how } = await bench.rxjs.firstValueFrom(runtime.ready$);
        return { how, imports, resets: [...first, ...second].length };
      });
    }

    it('before Python imports of it; that waits for it', async () => {
      const seen = await playAndImport([() => undefined, (response) => response.end(library)]);
      expect(seen).toEqual({ how: 'image', imports: [1 / 6, 1 / 6], resets: 2 });
    });

    it('and an import that cannot have it fails, and is tried again', async () => {
      const missing: Answer = (response) => response.writeHead(404).end();
      site.allow(/404/);
      const seen = await playAndImport([missing, missing, (response) => response.end(library)]);
      expect(seen).toEqual({ how: 'image', imports: [expect.stringMatching(/I\/O error/), 1 / 6], resets: 2 });
    });
  });

  /** Boots from the image, and resets its env. */
  async function play() {
    const page = await site.open();
    return page.evaluate(async () => {
      const runtime = bench.start();
      const { values } = await bench.outcome(runtime.env({ image: '/env.image' }).reset());
      return { how: (await bench.rxjs.firstValueFrom(runtime.ready$)).how, reset: values[0] };
    });
  }

  it('that arrives damaged is not used, and its env is set up all the same', async () => {
    const damaged = Buffer.from(image).fill(0, image.length - 1000);
    serveImage((response) => response.end(damaged));
    expect(await play()).toMatchObject({ how: 'cold', reset: { observation: 10, info: { level: 'level one' } } });
  });

  it.each([
    ['before its first byte', 0],
    ['in its memory', 1 / 2],
  ])('that stalls %s does not hold the boot', async (_where, part) => {
    serveImage((response) => {
      if (part) response.write(image.subarray(0, image.length * part));
    });
    const page = await site.open();
    const { how, reset } = await page.evaluate(async () => {
      const runtime = bench.start({ deadlines: { boot: Infinity, run: Infinity, stall: 5000 } });
      const reset = await bench.outcome(runtime.env({ image: '/env.image' }).reset());
      return { how: (await bench.rxjs.firstValueFrom(runtime.ready$)).how, reset };
    });

    expect(how).toBe('cold');
    if (part) expect(reset.values).toMatchObject([{ observation: 10, info: { level: 'level one' } }]);
    else expect(reset.error).toMatchObject({ message: expect.stringContaining('no byte came for 5000 ms') });
  });

  it('is used if it arrives slowly, in more time than a download may stall', async () => {
    serveImage((response) => {
      const send = (from: number): void => {
        const end = from + Math.ceil(image.length / 10);
        response.write(image.subarray(from, end));
        if (end < image.length) setTimeout(send, 300, end);
        else response.end();
      };
      send(0);
    });
    const page = await site.open();
    const how = await page.evaluate(async () => {
      const runtime = bench.start({ deadlines: { stall: 2000 } });
      runtime.env({ image: '/env.image' });
      await bench.outcome(runtime.boot());
      return (await bench.rxjs.firstValueFrom(runtime.ready$)).how;
    });

    expect(how).toBe('image');
  });
});
