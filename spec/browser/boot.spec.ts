import { existsSync, readFileSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Progress, RuntimeReady, RuntimeStatus, Value } from 'rxgym';
import { pyodide } from '../helpers/folders';
import type { Outcome } from './pages/bench';
import { useSite } from './site';

const sizeOf = (file: string) => statSync(join(pyodide, file)).size;
const bytes = sizeOf('pyodide.asm.wasm') + sizeOf('python_stdlib.zip');
const stages = ['spawn', 'download', 'boot', 'packages', 'env', 'ready'];

interface Boot {
  readonly statuses: readonly RuntimeStatus[];
  readonly progress: readonly Progress[];
  readonly asked: Outcome<readonly (RuntimeReady | Value)[]>;
}

describe('boot', () => {
  const site = useSite({ cold: true });

  async function boot(indexURL = '/pyodide/'): Promise<Boot> {
    const page = await site.open();
    return page.evaluate(async (indexURL) => {
      const { forkJoin, take } = bench.rxjs;
      const runtime = bench.start({ indexURL });
      const statuses = bench.watch(runtime.status$);
      const progress = bench.watch(runtime.progress$);
      const all$ = forkJoin([runtime.boot(), runtime.ready$.pipe(take(1)), runtime.boot(), runtime.run('1 + 1')]);
      const asked = await bench.outcome<readonly (RuntimeReady | Value)[]>(all$);
      return { statuses: statuses.values, progress: progress.values, asked };
    }, indexURL);
  }

  describe('from a server that sends files as they are', () => {
    let booted: Boot;
    let workers: number;
    beforeAll(async () => {
      booted = await boot();
      workers = site.requests.filter((path) => path.endsWith('worker.js')).length;
    });

    it('happens once, however many ask for it, and ends in ready$ with the versions', () => {
      const { version } = JSON.parse(readFileSync(join(pyodide, 'package.json'), 'utf8')) as { version: string };
      const ready = {
        attempt: 1,
        isolated: true,
        pyodide: version,
        python: expect.stringMatching(/^3\.\d+\.\d+$/),
        how: 'cold',
        bootMs: expect.any(Number),
      };

      expect(booted.asked).toEqual({ values: [[ready, ready, ready, 2]], error: null });
      expect(booted.statuses.map(({ state }) => state)).toEqual(['idle', 'booting', 'ready']);
      expect(workers).toBe(1);
    });

    it('reports stages in their order, and a ratio that never goes back', () => {
      const order = booted.progress.map(({ stage }) => stages.indexOf(stage));
      const ratios = booted.progress.map(({ ratio }) => ratio);

      expect(order).toEqual([...order].sort());
      expect(new Set(order).size).toBeGreaterThanOrEqual(4);
      expect(ratios).toEqual([...ratios].sort((a, b) => a - b));
      expect(booted.progress.at(-1)).toMatchObject({ stage: 'ready', ratio: 1 });
    });

    it('counts the bytes of the files', () => {
      expectAllBytes(booted.progress);
    });
  });

  it('ends with BootError if the worker is terminated before it has begun', async () => {
    const page = await site.open();
    const { error } = await page.evaluate(() => {
      const worker = () => {
        const worker = new Worker('/dist/worker.js', { type: 'module' });
        worker.terminate();
        return worker;
      };
      return bench.outcome(bench.start({ worker, deadlines: { boot: Infinity, stall: 1000 } }).ready$);
    });
    expect(error).toMatchObject({
      name: 'BootError',
      stage: 'spawn',
      message: expect.stringContaining('said nothing'),
    });
  });

  it('counts the same bytes when the server compresses them', async () => {
    site.intercept((request, response) => {
      const path = join(pyodide, (request.url ?? '').slice('/pyodide/'.length));
      const type = types[extname(path)];
      if (!request.url?.startsWith('/pyodide/') || type === undefined || !existsSync(path)) return false;
      const body = gzipSync(readFileSync(path), { level: 1 });
      const headers = { 'Content-Type': type, 'Content-Encoding': 'gzip', 'Content-Length': body.length };
      response.writeHead(200, headers).end(body);
      return true;
    });
    const { progress } = await boot();

    expectAllBytes(progress);
  });

  it.each(['pyodide-0.26', 'pyodide-0.29'])('goes the same way with %s', async (name) => {
    const { asked, progress } = await boot(`/${name}/`);

    expect(asked.values[0]![0]).toMatchObject({ pyodide: expect.stringContaining(name.replace('pyodide-', '')) });
    expect(progress.at(-1)).toMatchObject({ stage: 'ready', ratio: 1 });
  });
});

function expectAllBytes(progress: readonly Progress[]): void {
  const counted = progress.filter(({ loaded }) => loaded !== null);
  const loaded = counted.map((report) => report.loaded!);

  expect(loaded.length).toBeGreaterThan(2); // the browser decides in how many pieces two files arrive
  expect(loaded).toEqual([...loaded].sort((a, b) => a - b));
  expect(loaded.at(-1)).toBe(bytes);
  expect(new Set(counted.map(({ total }) => total))).toEqual(new Set([bytes]));
}

const types: Readonly<Record<string, string>> = {
  '.wasm': 'application/wasm',
  '.zip': 'application/zip',
  '.json': 'application/json',
  '.mjs': 'text/javascript',
};
