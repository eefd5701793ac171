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
        '/pages/assets/onnx-worker.js',
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

  it('shows the bytes of the download, then that it is ready', async () => {
    const { values } = await page.evaluate(async () => {
      const bot = bots.make('linear');
      const progress = bench.watch(bot.progress$);
      await bots.ask(bot, [bots.context([0, 0, 0])]);
      bot.dispose();
      return progress;
    });
    const downloads = values.filter(({ stage }) => stage === 'download');
    const sizes = [
      join(root, 'node_modules/onnxruntime-web/dist/ort-wasm-simd-threaded.wasm'),
      `${folder.dir}/linear.onnx`,
    ].map((file) => statSync(file).size);
    const total = sizes.reduce((sum, size) => sum + size);
    expect(downloads.at(-1)).toMatchObject({ loaded: total, total });
    expect(values.map(({ stage }) => stage).filter((stage, at, all) => stage !== all[at - 1])).toEqual([
      'download',
      'start',
      'ready',
    ]);
    const ratios = values.map(({ ratio }) => ratio);
    expect(ratios).toEqual([...ratios].sort((a, b) => a - b));
    expect(ratios.at(-1)).toBe(1);
  });

  it('keeps the state of a recurrent model by agent, and begins anew with each episode', async () => {
    const { values, error } = await page.evaluate(async () => {
      const bot = bots.make('recurrent', { sample: 'none' });
      const ask = (observation: number[], index: number, agent: string, episode = 1) =>
        bots.context(observation, { index, agent, episode });
      const outcome = await bots.ask(bot, [
        ask([1, 2], 1, 'a'),
        ask([5, 5], 1, 'b'),
        ask([10, 20], 2, 'a'),
        ask([50, 50], 2, 'b'),
        ask([7, 7], 1, 'a', 2),
      ]);
      const state = bot.getState();
      bot.dispose();
      const numbers = outcome.values.map((action) => [...(action as { data: Float32Array }).data]);
      return { values: [numbers, JSON.stringify(state)], error: outcome.error };
    });
    expect(error).toBeNull();
    expect(values[0]).toEqual([[1, 2], [5, 5], [11, 22], [55, 55], [7, 7]]); // prettier-ignore
    expect(JSON.parse(values[1] as string)).toMatchObject([
      { agent: 'a', tensors: { state_in_0: { data: { 0: 7, 1: 7 }, shape: [1, 2], dtype: 'float32' } } },
    ]);
  });

  it('takes images, dicts and arrays of bytes', async () => {
    const { image, dict } = await page.evaluate(async () => {
      const data = Uint8Array.of(1, 2, 3, 4, 5, 6, 10, 20, 30, 40, 50, 60);
      const pixels = { data, shape: [2, 2, 3], dtype: 'uint8' };
      const numbers = async (model: string, observation: unknown) => {
        const { values } = await bots.once(model, observation, { sample: 'none' });
        return [...(values[0] as { data: Float32Array }).data];
      };
      return { image: await numbers('image', pixels), dict: await numbers('linear', { b: [2, 3], a: 1 }) };
    });
    expect(image).toEqual([3.5, 35]);
    expect(dict).toEqual([321.5, -2.75]);
  });

  it('makes of the output what the space asks for', async () => {
    const actions = await page.evaluate(async () => {
      const box = { type: 'Box', shape: [2], low: -3, high: 3 };
      const first = async (...of: Parameters<typeof bots.once>) => (await bots.once(...of)).values[0];
      return {
        greatest: await first(
          'linear',
          [0, 0, 9],
          { sample: 'argmax' },
          { space: { type: 'Discrete', n: 2, start: 5 } },
        ),
        legal: await first('linear', [0, 0, 9], {}, { mask: [0, 1] }),
        whole: await first('whole', [1, 5, 9, 2]),
        box: [...((await first('box', [1, 2], {}, { space: box })) as { data: Float32Array }).data],
      };
    });
    expect(actions).toEqual({ greatest: 5, legal: 1, whole: 2, box: [2, 3] });
  });

  it('draws the same with the same seed, in another worker too', async () => {
    const [first, second, other] = await page.evaluate(async () => {
      const contexts = Array.from({ length: 50 }, (_, at) => bots.context([0, 0, 0], { index: at + 1 }));
      const played = [];
      for (const seed of [1, 1, 2]) {
        const bot = bots.make('linear', { seed });
        played.push((await bots.ask(bot, contexts)).values);
        bot.dispose();
      }
      return played;
    });
    expect(first).toHaveLength(50);
    expect(second).toEqual(first);
    expect(other).not.toEqual(first);
  });

  it('plays episodes', async () => {
    const steps = await page.evaluate(async () => {
      const { of } = bench.rxjs;
      let count = 0;
      // an env that adds up its actions
      const env = {
        reset: () => of({ observation: [0, 0, 9], info: {}, episode: 1 }),
        step: (action: unknown) => of({ observation: [0, 0, 9], info: {}, action, done: ++count === 3 }),
      };
      const bot = bots.make('linear', { sample: 'argmax' });
      const { values } = await bench.outcome(bench.rxgym.episodes(env as never, bot as never));
      bot.dispose();
      return values;
    });
    expect(steps).toMatchObject([{ action: 0 }, { action: 0 }, { action: 0, done: true }]);
  });

  describe('says what is wrong', () => {
    it.each<[string, string, unknown, object, object]>([
      ['where there is no model', 'nowhere', [1], {}, { name: 'OnnxModelError', reason: 'status', status: 404 }],
      ['where it is no model', 'noise', [1], {}, { name: 'OnnxModelError', reason: 'format', status: null }],
      [
        'where onnxruntime-web is missing',
        'linear',
        [1, 2, 3],
        { indexURL: '/nowhere/' },
        { name: 'OnnxModelError', reason: 'runtime', url: expect.stringMatching(/nowhere.ort.wasm.bundle.min.mjs$/) },
      ],
      [
        'where nobody knows what the inputs are for',
        'riddle',
        [1, 2],
        {},
        { name: 'OnnxInputError', message: expect.stringContaining('inputs a float32[1, 2], b float32[1, 1]') },
      ],
      [
        'where the observation is of another length',
        'linear',
        [1, 2],
        {},
        { name: 'OnnxInputError', expected: 'float32[?, 3]', got: '2 numbers ([1,2])' },
      ],
      [
        'where onnxruntime refuses the shape',
        'linear',
        [1, 2, 3],
        { shape: [3, 1] },
        { name: 'OnnxWorkerError', reason: 'run', message: expect.stringContaining('index: 1') },
      ],
      ['where a logit is NaN', 'logarithm', [1, -1], {}, { name: 'OnnxActionError', reason: 'nan' }],
      [
        'where the script of the worker is missing',
        'linear',
        [1, 2, 3],
        { worker: 'missing' },
        { name: 'OnnxWorkerError', reason: 'died' },
      ],
    ])('%s', async (_, model, observation, options, error) => {
      site.allow(/404|ort|nowhere|missing/);
      const outcome = await page.evaluate(
        async (model, observation, { worker, ...options }: { worker?: string }) => {
          const missing = { worker: () => new Worker('/missing.js', { type: 'module' }) };
          return bots.once(model, observation, { ...options, ...(worker && missing) });
        },
        model,
        observation,
        options,
      );
      expect(outcome).toMatchObject({ values: [], error });
      await untilWorkers(page, 0);
    });

    it('where the wasm file is missing or is a page', async () => {
      site.allow(/404/);
      for (const status of [404, 200]) {
        site.intercept((request, response) => {
          if (!request.url?.endsWith('.wasm')) return false;
          response.writeHead(status, { 'Content-Type': 'text/html' }).end('<!doctype html><p>no such file</p>');
          return true;
        });
        const { error } = await page.evaluate(() => bots.once('linear', [1, 2, 3]));
        expect(error).toMatchObject({
          name: 'OnnxModelError',
          reason: 'runtime',
          status: status === 404 ? 404 : null,
          url: expect.stringMatching(/ort-wasm-simd-threaded.wasm$/),
        });
        expect(error?.message).toContain('check indexURL');
      }
    });

    it('where the worker dies, and goes on in a new one', async () => {
      const { died, after } = await page.evaluate(async () => {
        const workers: Worker[] = [];
        const worker = () => {
          const made = new Worker('/dist/onnx-worker.js', { type: 'module' });
          workers.push(made);
          return made;
        };
        const bot = bots.make('whole', { worker });
        await bots.ask(bot, [bots.context([1, 5, 9, 2])]);
        const progress = bench.outcome(bot.progress$);
        workers[0]?.dispatchEvent(new ErrorEvent('error', { message: 'out of memory' }));
        const died = await progress;
        const after = await bots.ask(bot, [bots.context([1, 5, 0, 2])]);
        bot.dispose();
        return { died: died.error, after: after.values };
      });
      expect(died).toMatchObject({ name: 'OnnxWorkerError', reason: 'died' });
      expect(died?.message).toContain('out of memory');
      expect(after).toEqual([1]);
    });
  });

  it('has errors of the classes that it exports, which are errors of rxgym', async () => {
    const [own, rxgyms] = await page.evaluate(async () => {
      const bot = bots.make('linear', { output: 'nothing' });
      const error: unknown = await bench.rxjs
        .firstValueFrom(bot(bots.context([1, 2, 3])))
        .catch((error: unknown) => error);
      bot.dispose();
      let usage: unknown;
      try {
        bots.make('linear', { sample: 'no' as never });
      } catch (error) {
        usage = error;
      }
      const { RxgymError, UsageError } = bench.rxgym;
      return [error instanceof bots.OnnxInputError && error instanceof RxgymError, usage instanceof UsageError];
    });
    expect([own, rxgyms]).toEqual([true, true]);
  });
});
