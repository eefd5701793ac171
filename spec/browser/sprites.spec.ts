import type { Page } from 'puppeteer';
import type { Frame } from '../../src/env/step.js';
import { useSite } from './site';

const [red, green, blue, white, nothing] = ['255,0,0,255', '0,255,0,255', '0,0,255,255', '255,255,255,255', '0,0,0,0'];

const site = useSite();
let page: Page;

beforeAll(async () => {
  page = await site.openForAll();
  await page.evaluate(async () => {
    const { rxgym, rxjs } = bench;
    const address = (blob: Blob) => URL.createObjectURL(blob);
    const picture = (width: number, height: number, ...rects: readonly [string, number, number, number, number][]) => {
      const canvas = Object.assign(document.createElement('canvas'), { width, height });
      const context = canvas.getContext('2d')!;
      for (const [colour, ...box] of rects) {
        context.fillStyle = colour;
        context.fillRect(...box);
      }
      return new Promise<string>((resolve) => canvas.toBlob((blob) => resolve(address(blob!))));
    };
    // The frames are 4 × 2, red green over blue white. 'turned' is stored clockwise, in 2 × 4: blue red over white green.
    const one = await picture(
      16,
      16,
      ...(['#f00', '#0f0', '#00f', '#fff'] as const).map(
        (colour, i) =>
          [colour, 1 + 2 * (i % 2), 1 + Math.floor(i / 2), 2, 1] as [string, number, number, number, number],
      ),
    );
    const two = await picture(
      16,
      16,
      ['#00f', 8, 4, 1, 2],
      ['#f00', 9, 4, 1, 2],
      ['#fff', 8, 6, 1, 2],
      ['#0f0', 9, 6, 1, 2],
    );
    const box = { w: 4, h: 2 };
    const trimmed = { trimmed: true, sourceSize: { w: 8, h: 4 }, spriteSourceSize: { x: 4, y: 2, ...box } };
    const textures = [
      {
        frames: [
          { filename: 'plain', frame: { x: 1, y: 1, ...box } },
          { filename: 'trimmed', frame: { x: 1, y: 1, ...box }, ...trimmed },
        ],
      },
      {
        frames: {
          turned: { frame: { x: 8, y: 4, ...box }, rotated: true },
          both: { frame: { x: 8, y: 4, ...box }, rotated: true, ...trimmed },
        },
      },
    ];
    const atlas = address(new Blob([JSON.stringify({ textures })], { type: 'application/json' }));
    const { images } = await rxjs.lastValueFrom(
      rxgym.loadImages({
        chefs: { image: [one, two], atlas },
        tiles: { object_type: 'spritesheet', img_path: one, frame_width: 1, frame_height: 1 },
      }),
    );

    // the clock stands until a spec moves it
    let now = performance.now();
    performance.now = () => now;
    const frames$ = new rxjs.Subject<Frame>();
    const canvas = bench.canvas({ width: 160, height: 80 });
    frames$.pipe(rxgym.paint(canvas, { images, pixelated: true })).subscribe();
    Object.assign(globalThis, {
      /** Shows objects, if there are any, lets time pass, and reads the canvas's colours at some pixels. */
      async show(ms: number, objects: object[] | null, places: readonly (readonly [number, number])[]) {
        if (objects) frames$.next({ kind: 'objects', objects, delta: false, removed: [] } as never);
        now += ms;
        await new Promise(requestAnimationFrame);
        const context = canvas.getContext('2d')!;
        return places.map(([x, y]) => context.getImageData(x, y, 1, 1).data.join());
      },
    });
  });
});

type Show = (ms: number, objects: object[] | null, places: readonly (readonly [number, number])[]) => Promise<string[]>;

const show: Show = (...args) => page.evaluate((args) => (globalThis as unknown as { show: Show }).show(...args), args);

const sprite = { uuid: 'one', object_type: 'sprite', image_name: 'chefs', x: 0, y: 0, width: 160, height: 80 };
const corners = (left: number, top: number) =>
  [
    [1, 1],
    [78, 1],
    [1, 38],
    [78, 38],
  ].map(([x, y]) => [left + x!, top + y!] as const);

describe('sprites', () => {
  it.each(['plain', 'turned'])('paint a %s frame of an atlas upright, and nothing of its neighbours', async (frame) => {
    const inner = [
      [1, 1],
      [158, 1],
      [1, 78],
      [158, 78],
      [78, 38],
      [81, 38],
      [78, 41],
      [81, 41],
    ] as const;

    expect(await show(0, [{ ...sprite, frame }], inner)).toEqual([red, green, blue, white, red, green, blue, white]);
  });

  it.each(['trimmed', 'both'])('paint a trimmed frame at its place in the whole (%s)', async (frame) => {
    expect(await show(0, [{ ...sprite, frame }], [...corners(80, 40), [78, 60], [120, 38]])).toEqual([
      ...[red, green, blue, white],
      ...[nothing, nothing],
    ]);
  });

  it('paint a frame of a sheet by its number', async () => {
    const tiles = { ...sprite, image_name: 'tiles' };

    expect(await show(0, [{ ...tiles, frame: 19 }], [[80, 40]])).toEqual([green]); // third of the second row
    expect(await show(0, [{ ...tiles, frame: 34 }], [[80, 40]])).toEqual([blue]);
  });

  it('move at animation frames', async () => {
    const rect = {
      uuid: 'mover',
      object_type: 'rect',
      y: 0,
      w: 0.1,
      h: 1,
      color: '#ff0000',
      tween: true,
      tween_duration: 100,
    };
    const places = [
      [8, 40],
      [80, 40],
      [152, 40],
    ] as const;

    expect(await show(0, [{ ...rect, x: 0 }], places)).toEqual([red, nothing, nothing]);
    expect(await show(0, [{ ...rect, x: 0.9 }], places)).toEqual([red, nothing, nothing]);
    expect(await show(50, null, places)).toEqual([nothing, red, nothing]);
    expect(await show(50, null, places)).toEqual([nothing, nothing, red]);
  });
});

describe('loadImages', () => {
  it('says which address was not there', async () => {
    site.allow(/404/);
    const { error } = await page.evaluate(() => bench.outcome(bench.rxgym.loadImages({ cat: 'no/cat.png' })));

    expect(error).toMatchObject({ name: 'ImageError', exported: true, image: 'cat', reason: 'status' });
    expect(error?.['url']).toBe(`${site.served.url}pages/no/cat.png`);
  });

  it('says that a file is no image', async () => {
    const { error } = await page.evaluate(() => bench.outcome(bench.rxgym.loadImages({ cat: 'bench.html' })));

    expect(error).toMatchObject({ name: 'ImageError', reason: 'decode' });
  });

  it('loads drawings (SVG)', async () => {
    const sizes = await page.evaluate(async () => {
      const { rxgym, rxjs } = bench;
      const text = '<svg xmlns="http://www.w3.org/2000/svg" width="6" height="4"><rect width="6" height="4"/></svg>';
      const url = URL.createObjectURL(new Blob([text], { type: 'image/svg+xml' }));
      const { images } = await rxjs.lastValueFrom(rxgym.loadImages({ cat: url }));
      const { naturalWidth, naturalHeight } = images!['cat'] as HTMLImageElement;
      return [naturalWidth, naturalHeight];
    });

    expect(sizes).toEqual([6, 4]);
  });
});
