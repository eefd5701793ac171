import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'puppeteer';
import { root } from '../helpers/folders';
import { writeModels } from '../helpers/onnx-models';
import { untilWorkers, useSite } from './site';

const folder = writeModels();
const mounts = [{ path: '/models/', dir: folder.dir }];
afterAll(() => {
  folder.remove();
});

describe('bots by ONNX, without COOP and COEP', () => {
  const site = useSite({ mounts, isolated: false });

  it('answer the logits of the model exactly', async () => {
    const page = await site.open('onnx.html');
    const [isIsolated, answer] = await page.evaluate(async () => {
      const { values } = await bots.once('linear', [1, 2, 3], { sample: 'none' });
      const { data, shape, dtype } = values[0] as { data: Float32Array; shape: number[]; dtype: string };
      return [crossOriginIsolated, { data: [...data], shape, dtype }];
    });
    expect(isIsolated).toBe(false);
    // 1 + 20 + 300 + 0.5, and -3 + 0.25
    expect(answer).toEqual({ data: [321.5, -2.75], shape: [1, 2], dtype: 'float32' });
  });
});

describe('bots by ONNX', () => {
  const site = useSite({ mounts });
  let page: Page;
  beforeAll(async () => {
    page = await site.openForAll('onnx.html');
  });

  it('load at the first question, in a worker: the page itself loads nothing of onnxruntime', async () => {
    const before = await page.evaluate(() => {
      globalThis.bot = bots.make('linear');
      return performance.getEntriesByType('resource').map(({ name }) => name);
    });
    expect([...before, ...site.requests].filter((name) => /[/]ort[/]|onnx-worker|[.]onnx$/.test(name))).toEqual([]);

    const { progress, error, loaded } = await page.evaluate(async () => {
      const progress = bench.watch(bot.progress$);
      const { error } = await bots.ask(bot, [bots.context([1, 2, 3])]);
      const loaded = performance.getEntriesByType('resource').map(({ name }) => name);
      return { progress: progress.values, error, loaded };
    });
    expect(error).toBeNull();
    const files = ['/ort/ort.wasm.bundle.min.mjs', '/ort/ort-wasm-simd-threaded.wasm', '/models/linear.onnx'];
    expect(site.requests).toEqual(expect.arrayContaining(['/pages/assets/onnx-worker.js', ...files]));
    expect(loaded.filter((name) => /[/]ort[/]|[.]onnx$/.test(name))).toEqual([]);

    const wasm = join(root, 'node_modules/onnxruntime-web/dist/ort-wasm-simd-threaded.wasm');
    const total = statSync(wasm).size + statSync(join(folder.dir, 'linear.onnx')).size;
    expect(progress.filter(({ stage }) => stage === 'download').at(-1)).toMatchObject({ loaded: total, total });
    const stages = progress.map(({ stage }) => stage);
    expect(stages.filter((stage, at) => stage !== stages[at - 1])).toEqual(['download', 'start', 'ready']);
    const ratios = progress.map(({ ratio }) => ratio);
    expect(ratios).toEqual([...ratios].sort((a, b) => a - b));
    expect(ratios.at(-1)).toBe(1);

    await untilWorkers(page, 1);
    await page.evaluate(() => bot.dispose());
    await untilWorkers(page, 0);
  });

  it('keep the state of a recurrent model by agent, and begin anew with each episode', async () => {
    const { numbers, state, error } = await page.evaluate(async () => {
      const bot = bots.make('recurrent', { sample: 'none' });
      const contexts = [
        bots.context([1, 2], { index: 1, agent: 'a' }),
        bots.context([5, 5], { index: 1, agent: 'b' }),
        bots.context([10, 20], { index: 2, agent: 'a' }),
        bots.context([50, 50], { index: 2, agent: 'b' }),
        bots.context([7, 7], { index: 1, agent: 'a', episode: 2 }),
      ];
      const { values, error } = await bots.ask(bot, contexts);
      const state = JSON.stringify(bot.getState());
      bot.setState(bot.getState()); // arrays that came by a port are what it takes
      bot.dispose();
      return { numbers: values.map((action) => [...(action as { data: Float32Array }).data]), state, error };
    });
    expect(error).toBeNull();
    expect(numbers).toEqual([[1, 2], [5, 5], [11, 22], [55, 55], [7, 7]]); // prettier-ignore
    expect(JSON.parse(state)).toMatchObject([
      { agent: 'a', tensors: { state_in_0: { data: { 0: 7, 1: 7 }, shape: [1, 2], dtype: 'float32' } } },
    ]);
  });

  it('take images of bytes in their own shape', async () => {
    const means = await page.evaluate(async () => {
      const data = Uint8Array.of(1, 2, 3, 4, 5, 6, 10, 20, 30, 40, 50, 60);
      const { values } = await bots.once('image', { data, shape: [2, 2, 3], dtype: 'uint8' }, { sample: 'none' });
      return [...(values[0] as { data: Float32Array }).data];
    });
    expect(means).toEqual([3.5, 35]);
  });

  it('draw the same with the same seed, in another worker too', async () => {
    const [first, second, other] = await page.evaluate(async () => {
      const contexts = Array.from({ length: 50 }, (_, at) => bots.context([0, 0, 0], { index: at + 1 }));
      const played = [1, 1, 2].map(async (seed) => {
        const bot = bots.make('linear', { seed });
        const { values } = await bots.ask(bot, contexts);
        bot.dispose();
        return values;
      });
      return Promise.all(played);
    });
    expect(first).toHaveLength(50);
    expect(second).toEqual(first);
    expect(other).not.toEqual(first);
  });

  it('go on in a new worker after one that died', async () => {
    site.allow(/out of memory/);
    const { before, died, after } = await page.evaluate(async () => {
      const workers: Worker[] = [];
      const script = `import '${location.origin}/dist/onnx-worker.js';
        addEventListener('message', ({ data }) => data === 'die' && setTimeout(() => { throw new Error('out of memory'); }));`;
      const worker = () => {
        const url = URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));
        workers.push(new Worker(url, { type: 'module' }));
        return workers.at(-1)!;
      };
      const bot = bots.make('whole', { worker });
      const before = await bots.ask(bot, [bots.context([1, 5, 9, 2])]);
      const progress = bench.outcome(bot.progress$);
      workers[0]?.postMessage('die');
      const died = (await progress).error;
      const after = await bots.ask(bot, [bots.context([1, 5, 0, 2])]);
      bot.dispose();
      return { before: before.values, died, after: after.values };
    });
    expect(before).toEqual([2]);
    expect(died).toMatchObject({ name: 'OnnxWorkerError', reason: 'died' });
    expect(died?.message).toContain('out of memory');
    expect(after).toEqual([1]);
  });

  it.each<[string, string, { indexURL?: string }, object]>([
    ['there is no model', 'nowhere', {}, { reason: 'status', status: 404 }],
    ['it is no model', 'noise', {}, { reason: 'format', status: null }],
    [
      'onnxruntime-web is missing',
      'linear',
      { indexURL: '/nowhere/' },
      { reason: 'runtime', url: expect.stringMatching(/nowhere.ort.wasm.bundle.min.mjs$/) },
    ],
  ])('say so when %s', async (_, model, options, error) => {
    site.allow(/404/);
    const outcome = await page.evaluate((model, options) => bots.once(model, [1, 2, 3], options), model, options);
    expect(outcome).toMatchObject({ values: [], error: { name: 'OnnxModelError', ...error } });
    await untilWorkers(page, 0);
  });

  it.each([404, 200])('say so when the wasm file is a page of status %i', async (status) => {
    site.allow(/404/, /wasm streaming compile failed|ArrayBuffer instantiation|asynchronously prepare wasm/);
    site.intercept((request, response) => {
      if (!request.url?.endsWith('.wasm')) return false;
      response.writeHead(status, { 'Content-Type': 'text/html' }).end('<!doctype html><p>no such file</p>');
      return true;
    });
    const { error } = await page.evaluate(() => bots.once('linear', [1, 2, 3]));
    const url = expect.stringMatching(/ort-wasm-simd-threaded.wasm$/);
    expect(error).toMatchObject({
      name: 'OnnxModelError',
      reason: 'runtime',
      status: status === 404 ? 404 : null,
      url,
    });
    expect(error?.message).toContain('check indexURL');
    await untilWorkers(page, 0);
  });

  it('say so when the script of the worker is missing', async () => {
    site.allow(/404/);
    const { error } = await page.evaluate(() =>
      bots.once('linear', [1, 2, 3], { worker: () => new Worker('/missing.js', { type: 'module' }) }),
    );
    expect(error).toMatchObject({ name: 'OnnxWorkerError', reason: 'died' });
  });

  it('say what the model has when an observation or its shape does not fit; their errors are those of rxgym', async () => {
    const { tooShort, refused, isKnown } = await page.evaluate(async () => {
      const bot = bots.make('linear', { shape: [3, 1] });
      const tooShort = await bots.ask(bot, [bots.context([1, 2])]);
      const refused = await bots.ask(bot, [bots.context([1, 2, 3])]);
      const thrown: unknown = await bench.rxjs.firstValueFrom(bot(bots.context('x'))).catch((error: unknown) => error);
      bot.dispose();
      const isKnown = thrown instanceof bots.OnnxInputError && thrown instanceof bench.rxgym.RxgymError;
      return { tooShort: tooShort.error, refused: refused.error, isKnown };
    });
    expect(tooShort).toMatchObject({ name: 'OnnxInputError', got: '2 numbers ([1,2])' });
    expect(tooShort?.message).toContain('the model has inputs x float32[?, 3]; outputs value float32[?, 3], logits');
    expect(refused).toMatchObject({ name: 'OnnxWorkerError', reason: 'run' });
    expect(refused?.message).toContain('Got: 1 Expected: 3');
    expect(isKnown).toBe(true);
  });
});
