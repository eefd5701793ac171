import type { Page } from 'puppeteer';
import { useSite } from './site';

const source = `
class Scene:
    def reset(self, seed=None, options=None):
        self.shown = []
        return 0, {}

    def step(self, action):
        self.shown = action
        return 0, 0, False, False, {}

    def render(self):
        return self.shown

env = Scene()
`;

const [red, green, blue, nothing] = ['255,0,0,255', '0,255,0,255', '0,0,255,255', '0,0,0,0'];

describe('object frames', () => {
  const site = useSite();
  let page: Page;

  beforeAll(async () => {
    page = await site.openForAll();
    await page.evaluate(async (source) => {
      bench.start();
      const env = bench.play(source);
      env.frames$.pipe(bench.rxgym.paint(bench.canvas({ width: 200, height: 100 }))).subscribe();
      await bench.outcome(env.reset());
    }, source);
  });

  type Shown = Parameters<typeof bench.env.step>[0];

  /** Lets Python render this, and returns the canvas's colours at some places, given as shares of its size. */
  const show = (shown: Shown, ...places: readonly (readonly [number, number])[]) =>
    page.evaluate(
      async (shown, places) => {
        await bench.outcome(bench.env.step(shown));
        await new Promise(requestAnimationFrame);
        const context = document.querySelector('canvas')!.getContext('2d')!;
        return places.map(([x, y]) => context.getImageData(200 * x, 100 * y, 1, 1).data.join());
      },
      shown,
      places,
    );

  it.each([
    ['rect', { x: 0.5, y: 0.25, w: 0.25, h: 0.5 }, [0.6, 0.5], [0.4, 0.5]],
    ['circle', { x: 0.5, y: 0.5, radius: 0.1 }, [0.55, 0.6], [0.59, 0.68]],
    [
      'line',
      {
        points: [
          [0.1, 0.2],
          [0.9, 0.2],
        ],
        width: 6,
      },
      [0.5, 0.2],
      [0.5, 0.3],
    ],
    [
      'polygon',
      {
        points: [
          [0.1, 0.1],
          [0.9, 0.1],
          [0.1, 0.9],
        ],
      },
      [0.2, 0.3],
      [0.8, 0.8],
    ],
  ] as const)('paint a %s where it says, in its colour', async (object_type, fields, inside, outside) => {
    const scene = [{ uuid: 'one', object_type, color: '#ff0000', ...fields }];

    expect(await show(scene, inside, outside)).toEqual([red, nothing]);
  });

  it('paint text from its top left corner', async () => {
    const text = { uuid: 'one', object_type: 'text', text: 'MMMM', x: 0.5, y: 0.5, size: 40, color: '#0000ff' };
    await show([text]);
    const box = await page.evaluate(() => {
      const { data } = document.querySelector('canvas')!.getContext('2d')!.getImageData(0, 0, 200, 100);
      const inked = Array.from({ length: 200 * 100 }, (_, i) => i).filter((i) => data[4 * i + 3] === 255);
      const colours = new Set(inked.map((i) => data.slice(4 * i, 4 * i + 4).join()));
      const [xs, ys] = [inked.map((i) => i % 200), inked.map((i) => Math.floor(i / 200))];
      return { colours: [...colours], left: Math.min(...xs), top: Math.min(...ys), count: inked.length };
    });

    expect(box.colours).toEqual([blue]);
    expect(box.count).toBeGreaterThan(100);
    expect(box.left).toBeGreaterThanOrEqual(100);
    expect(box.top).toBeGreaterThanOrEqual(50);
  });

  it('paint what is deeper first', async () => {
    const rect = { object_type: 'rect', x: 0, y: 0, w: 1, h: 1 };
    const scene = [
      { ...rect, uuid: 'front', depth: 2, color: '#00ff00' },
      { ...rect, uuid: 'back', depth: 1, color: '#ff0000' },
    ];

    expect(await show(scene, [0.5, 0.5])).toEqual([green]);
  });

  it('replace the whole scene, while a delta changes and removes some of its objects', async () => {
    const rect = { object_type: 'rect', y: 0, w: 0.5, h: 1 };
    const [left, right] = [
      { ...rect, uuid: 'left', x: 0, color: '#ff0000' },
      { ...rect, uuid: 'right', x: 0.5, color: '#0000ff' },
    ];
    const [atLeft, atRight] = [[0.25, 0.5] as const, [0.75, 0.5] as const];

    expect(await show([left, right], atLeft, atRight)).toEqual([red, blue]);
    expect(await show({ objects: [{ ...right, color: '#00ff00' }], removed: [] }, atLeft, atRight)).toEqual([
      red,
      green,
    ]);
    expect(await show({ objects: [], removed: ['left'] }, atLeft, atRight)).toEqual([nothing, green]);
    expect(await show([left], atLeft, atRight)).toEqual([red, nothing]);
  });

  it('go with their episode, permanent ones too', async () => {
    const wall = { uuid: 'wall', object_type: 'rect', permanent: true, x: 0, y: 0, w: 1, h: 1, color: '#ff0000' };

    expect(await show([wall], [0.5, 0.5])).toEqual([red]);
    expect(await show([], [0.5, 0.5])).toEqual([red]);
    await page.evaluate(() => bench.outcome(bench.env.reset()));
    expect(await show({ objects: [], removed: [] }, [0.5, 0.5])).toEqual([nothing]);
  });
});
