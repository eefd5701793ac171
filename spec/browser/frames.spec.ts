import type { Page } from 'puppeteer';
import { at, script } from './answers';
import { useSite } from './site';

// Three pixels wide and two high, each pixel another colour, so that any flip, shift or swap shows.
const colours = Array.from({ length: 6 }, (_, i) => [10 * i, 255 - 20 * i, 40 * i] as const);
const grey = colours.map(([red]) => red);
const rgb = colours.flat();
const rgba = colours.flatMap((colour) => [...colour, 255]);

const source = `
class Frames:
    frames = {
        'grey': memoryview(bytes(grey)).cast('B', [2, 3]),
        'rgb': memoryview(bytes(rgb)).cast('B', [2, 3, 3]),
        'rgba': memoryview(bytes(rgba)).cast('B', [2, 3, 4]),
        'grey bytes': (bytes(grey), (2, 3)),
        'rgb bytes': (bytearray(rgb), (2, 3, 3)),
        'rgba bytes': (bytes(rgba), (2, 3, 4)),
        'upright': (bytes(grey), (3, 2)),
        'large': (bytes(480 * 640 * 4), (480, 640, 4)),
        'not pixels': memoryview(b'x' * 24).cast('f'),
    }

    def reset(self, seed=None, options=None):
        self.shown = None
        return 0, {}

    def step(self, action):
        self.shown = self.frames[action]
        return 0, 0, False, False, {}

    def render(self):
        return self.shown

env = Frames()
`;

// Beside rxgym's own worker: tells the page what the worker transferred, and what it had left of it.
const spyingWorker = `
const channel = new BroadcastChannel('transfers');
const { postMessage } = MessagePort.prototype;
MessagePort.prototype.postMessage = function (message, transfer) {
  const sizes = transfer?.map((buffer) => buffer.byteLength);
  postMessage.call(this, message, transfer);
  if (message.type === 'answer') channel.postMessage({ sizes, left: transfer?.map((buffer) => buffer.byteLength) });
};
`;

describe('pixel frames', () => {
  const site = useSite();
  let page: Page;

  beforeAll(async () => {
    site.intercept(
      at({
        '/spying-worker.js': script("import './spy.js'; import '/dist/worker.js';"),
        '/spy.js': script(spyingWorker),
      }),
    );
    page = await site.openForAll();
    await page.evaluate(
      async (source, globals) => {
        bench.start({ worker: () => new Worker('/spying-worker.js', { type: 'module' }) });
        const env = bench.play(source, { globals });
        env.frames$.pipe(bench.rxgym.paint(bench.canvas())).subscribe();
        await bench.outcome(env.reset());
      },
      source,
      { grey, rgb, rgba },
    );
  });

  /** Lets Python show a frame, and reads the canvas. */
  const show = (name: string) =>
    page.evaluate(async (name) => {
      await bench.outcome(bench.env.step(name));
      await new Promise(requestAnimationFrame);
      const canvas = document.querySelector('canvas')!;
      const { width, height } = canvas;
      return { width, height, pixels: [...canvas.getContext('2d')!.getImageData(0, 0, width, height).data] };
    }, name);

  it.each(['rgb', 'rgba', 'rgb bytes', 'rgba bytes'])(
    'of %s are painted right side up in their colours',
    async (name) => {
      expect(await show(name)).toEqual({ width: 3, height: 2, pixels: rgba });
    },
  );

  it.each(['grey', 'grey bytes'])('of %s are painted as shades', async (name) => {
    const pixels = grey.flatMap((shade) => [shade, shade, shade, 255]);

    expect(await show(name)).toEqual({ width: 3, height: 2, pixels });
  });

  it('give the canvas their size', async () => {
    expect(await show('upright')).toMatchObject({ width: 2, height: 3 });
  });

  it('cross as one typed array, which is transferred', async () => {
    const { crossed, frame } = await page.evaluate(async () => {
      const { firstValueFrom } = bench.rxjs;
      const channel = new BroadcastChannel('transfers');
      const transferred = new Promise<unknown>((resolve) => {
        channel.onmessage = ({ data }) => {
          resolve(data);
        };
      });
      const frame$ = firstValueFrom(bench.env.frames$);
      await bench.outcome(bench.env.step('large'));
      const frame = await frame$;
      if (frame.kind !== 'pixels') throw new Error(`a frame of ${frame.kind}`);
      const { data } = frame;
      const sizes = { isBytes: data instanceof Uint8Array, length: data.length, buffer: data.buffer.byteLength };
      return { crossed: await transferred, frame: sizes };
    });
    const size = 480 * 640 * 4;

    expect(crossed).toEqual({ sizes: [size], left: [0] });
    expect(frame).toEqual({ isBytes: true, length: size, buffer: size });
  });

  it('take no new memory in a steady state: their buffers are recycled', async () => {
    const { sizes, lengths } = await page.evaluate(async () => {
      const { postMessage } = MessagePort.prototype;
      const recycled: number[][] = [];
      MessagePort.prototype.postMessage = function (
        this: MessagePort,
        message: { recycled?: ArrayBuffer[] },
        transfer?: unknown,
      ) {
        recycled.push((message.recycled ?? []).map(({ byteLength }) => byteLength));
        Reflect.apply(postMessage, this, [message, transfer]);
      };
      const shown = new Set<number>();
      const before = bench.env.frames$.subscribe((frame) => {
        // a subscriber that releases each frame
        if (frame.kind === 'pixels') shown.add(frame.data.length);
        bench.rxgym.releaseFrame(frame);
      });
      for (let i = 0; i < 10; i++) {
        await bench.outcome(bench.env.step('large'));
        await new Promise(requestAnimationFrame);
      }
      before.unsubscribe();
      MessagePort.prototype.postMessage = postMessage;
      return { sizes: recycled, lengths: [...shown] };
    });
    const size = 480 * 640 * 4;

    expect(lengths).toEqual([size]);
    // all but the first two, and none twice
    expect(sizes.flat()).toEqual(Array.from({ length: sizes.flat().length }, () => size));
    expect(sizes.flat().length).toBeGreaterThanOrEqual(8);
  });

  it('stay intact for a subscriber that does not release them', async () => {
    const pixels = await page.evaluate(async () => {
      const frames: Uint8Array[] = [];
      const watching = bench.env.frames$.subscribe((frame) => {
        if (frame.kind === 'pixels') frames.push(frame.data);
      });
      for (const name of ['rgb', 'grey', 'rgb', 'grey']) {
        await bench.outcome(bench.env.step(name));
        await new Promise(requestAnimationFrame);
      }
      watching.unsubscribe();
      return frames.map((data) => [...data]);
    });
    const shades = grey.flatMap((shade) => [shade, shade, shade, 255]);

    expect(pixels).toEqual([rgba, shades, rgba, shades]);
  });

  it('of any other form are a problem, and the step counts all the same', async () => {
    const { step, problems } = await page.evaluate(async () => {
      const problems = bench.watch(bench.env.problems$);
      return { step: await bench.outcome(bench.env.step('not pixels')), problems: problems.values };
    });

    expect(step.error).toBeNull();
    expect(problems).toEqual([expect.objectContaining({ kind: 'render', count: 1 })]);
  });
});
