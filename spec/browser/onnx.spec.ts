import type { Page } from 'puppeteer';
import { writeModels } from '../helpers/onnx-models';
import { untilWorkers, useSite } from './site';

const folder = writeModels();
const mounts = [{ path: '/models/', dir: folder.dir }];
afterAll(() => {
  folder.remove();
});

const ndArray = (data: unknown, shape: readonly number[], dtype: string) => ({ data, shape, dtype });

describe.each([
  ['cross-origin isolated', true],
  ['without COOP and COEP', false],
])('bots by ONNX, on a page %s', (_, isolated) => {
  const site = useSite({ mounts, isolated });
  let page: Page;
  beforeAll(async () => {
    page = await site.openForAll('onnx.html');
  });

  it('answers the logits of the model exactly', async () => {
    const { outcome, isolated: isIsolated } = await page.evaluate(async () => {
      const { values } = await bots.once('linear', [1, 2, 3], { sample: 'none' });
      const { data, shape, dtype } = values[0] as { data: Float32Array; shape: number[]; dtype: string };
      return { outcome: { data: [...data], shape, dtype }, isolated: crossOriginIsolated };
    });
    // 1 + 20 + 300 + 0.5, and -3 + 0.25
    expect(outcome).toEqual(ndArray([321.5, -2.75], [1, 2], 'float32'));
    expect(isIsolated).toBe(isolated);
  });
});

describe('bots by ONNX', () => {
  const site = useSite({ mounts });
  let page: Page;
  beforeAll(async () => {
    page = await site.openForAll('onnx.html');
  });

  it('runs in a worker: the page loads nothing of onnxruntime, and nothing is loaded before the first question', async () => {
    const before = await page.evaluate(() => {
      const made = bots.make('linear');
      const names = () => performance.getEntriesByType('resource').map(({ name }) => name);
      Object.assign(globalThis, { made, names });
      return names();
    });
    expect([...before, ...site.requests].filter((name) => /ort|onnx-worker|[.]onnx$/.test(name))).toEqual([]);

    const after = await page.evaluate(async () => {
      const { made, names } = globalThis as unknown as { made: ReturnType<typeof bots.make>; names: () => string[] };
      await bots.ask(made, [bots.context([1, 2, 3])]);
      return { names: names(), globals: 'ort' in globalThis };
    });
    expect(site.requests).toEqual(
      expect.arrayContaining([
        '/dist/pages/assets/onnx-worker.js',
        '/ort/ort.wasm.bundle.min.mjs',
        '/ort/ort-wasm-simd-threaded.wasm',
        '/models/linear.onnx',
      ]),
    );
    expect(after.names.filter((name) => /[/]ort[/]|[.]onnx$/.test(name))).toEqual([]);
    expect(after.globals).toBe(false);
    await untilWorkers(page, 1);

    await page.evaluate(() => {
      (globalThis as unknown as { made: ReturnType<typeof bots.make> }).made.dispose();
    });
    await untilWorkers(page, 0);
  });
});
