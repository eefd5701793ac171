import type { Atlas, AtlasFrame } from '../../src/render/atlas.js';
import type { Images } from '../../src/render/images.js';
import { paint } from '../../src/render/paint.js';
import { usageError } from '../operators/usage-error.js';
import { objects, start } from './painting.js';
import { Recorder } from './recorder.js';

const page = { width: 64, height: 32 } as unknown as CanvasImageSource;
const second = { width: 16, height: 16 } as unknown as CanvasImageSource;
const frame = (x: number, y: number, more: Partial<AtlasFrame> = {}): AtlasFrame => ({
  frame: { x, y, w: 8, h: 4 },
  rotated: false,
  trimmed: false,
  spriteSourceSize: { x: 0, y: 0, w: 8, h: 4 },
  sourceSize: { w: 8, h: 4 },
  ...more,
});
const sprite = { object_type: 'sprite', image_name: 'chefs', x: 0.5, y: 0.5 };
const drawing = ['translate', 'rotate', 'drawImage', 'strokeRect'];

function paintSprite(images: Images, fields: object) {
  const { canvas, show, problems, errors } = start(new Recorder(), { images });
  show(objects({ ...sprite, ...fields }));
  // the first two put the sprite at its place
  return { drawn: canvas.calls(...drawing).slice(2), problems, errors };
}

describe('sprites of an atlas', () => {
  const [east, west] = [frame(1, 2), frame(10, 20)];
  const named = (frames: Readonly<Record<string, AtlasFrame>>) =>
    Object.entries(frames).map(([filename, of]) => ({ filename, ...of }));

  it.each<[string, Atlas]>([
    ['frames by name', { frames: { east, west } }],
    ['a list of frames', { frames: named({ east, west }) }],
    ['one page', { textures: [{ frames: named({ east, west }) }] }],
  ])('are cut out of the image, from %s', (_, atlas) => {
    const { drawn } = paintSprite({ chefs: { image: page, atlas } }, { frame: 'west', width: 80, height: 20 });
    expect(drawn).toEqual([['drawImage', page, 10, 20, 8, 4, 0, 0, 80, 20]]);
  });

  it('are cut out of the page that they are on', () => {
    const atlas = { textures: [{ frames: named({ east }) }, { frames: { west } }] };
    const images = { chefs: { image: [page, second], atlas } };
    expect(paintSprite(images, { frame: 'east' }).drawn).toEqual([['drawImage', page, 1, 2, 8, 4, 0, 0, 8, 4]]);
    expect(paintSprite(images, { frame: 'west' }).drawn).toEqual([['drawImage', second, 10, 20, 8, 4, 0, 0, 8, 4]]);
  });

  it.each([undefined, null])('show the first frame where the frame is %p', (none) => {
    const images = { chefs: { image: page, atlas: { frames: { east, west } } } };
    expect(paintSprite(images, { frame: none }).drawn).toEqual([['drawImage', page, 1, 2, 8, 4, 0, 0, 8, 4]]);
  });

  const trimmed: Partial<AtlasFrame> = {
    trimmed: true,
    spriteSourceSize: { x: 2, y: 6, w: 8, h: 4 },
    sourceSize: { w: 16, h: 16 },
  };

  it('have their size with what was trimmed off', () => {
    const images = { chefs: { image: page, atlas: { frames: { east: frame(1, 2, trimmed) } } } };
    expect(paintSprite(images, { frame: 'east', width: 32, height: 48 }).drawn).toEqual([
      ['drawImage', page, 1, 2, 8, 4, 4, 18, 16, 12],
    ]);
    expect(paintSprite(images, { frame: 'east' }).drawn).toEqual([['drawImage', page, 1, 2, 8, 4, 2, 6, 8, 4]]);
  });

  it('have the size of their frame where nothing was trimmed off, whatever the atlas says', () => {
    const images = { chefs: { image: page, atlas: { frames: { east: frame(1, 2, { ...trimmed, trimmed: false }) } } } };
    expect(paintSprite(images, { frame: 'east' }).drawn).toEqual([['drawImage', page, 1, 2, 8, 4, 0, 0, 8, 4]]);
  });

  it('are turned back where they are stored turned', () => {
    const atlas = { frames: { east: frame(1, 2, { ...trimmed, rotated: true }) } };
    expect(paintSprite({ chefs: { image: page, atlas } }, { frame: 'east', width: 32, height: 48 }).drawn).toEqual([
      ['translate', 4, 18 + 12],
      ['rotate', -Math.PI / 2],
      ['drawImage', page, 1, 2, 4, 8, 0, 0, 12, 16],
    ]);
  });

  it('are outlines where their frame is missing, which is told once', () => {
    const { canvas, show, problems } = start(new Recorder(), {
      images: { chefs: { image: page, atlas: { frames: { east, west } } } },
    });
    show(objects({ ...sprite, frame: 'up', width: 30, height: 20 }, { ...sprite, frame: 'up', w: 0.5, h: 0.5 }));
    expect(canvas.calls('drawImage', 'strokeRect')).toEqual([
      ['strokeRect', 0, 0, 30, 20],
      ['strokeRect', 0, 0, 100, 50],
    ]);
    const message = "image 'chefs' has no frame 'up'; it has east, west";
    expect(problems).toEqual([{ kind: 'frame', name: 'chefs/up', message }]);
  });

  it.each(['toString', '__proto__'])('have no frame %s that every object has', (name) => {
    const images = { chefs: { image: page, atlas: { frames: { east } } } };
    expect(paintSprite(images, { frame: name }).problems).toEqual([expect.objectContaining({ kind: 'frame' })]);
  });

  it('are outlines where their page is missing', () => {
    const atlas = { textures: [{ frames: { east } }, { frames: { west } }] };
    const { drawn, problems } = paintSprite({ chefs: { image: page, atlas } }, { frame: 'west', width: 3, height: 3 });
    expect(drawn).toEqual([['strokeRect', 0, 0, 3, 3]]);
    expect(problems).toEqual([{ kind: 'image', name: 'chefs', message: "image 'chefs' has no page 1" }]);
  });

  const broken: readonly [string, unknown][] = [
    ['text', 'chefs.json'],
    ['no frames', {}],
    ['no pages', { textures: [] }],
    ['a page that is null', { textures: [null] }],
    ['a frame without a place', { frames: { east: { rotated: false } } }],
    ['a frame that is null', { frames: [null] }],
    ['a trimmed frame without sizes', { frames: { east: { frame: east.frame, trimmed: true } } }],
  ];

  it.each(broken)('are refused at the call for an atlas of %s', (_, atlas) => {
    const images = { chefs: { image: page, atlas } } as Images;
    expect(() => paint(new Recorder(), { images })).toThrow(
      expect.objectContaining({
        name: 'UsageError',
        message: expect.stringMatching(/^paint\.images\.chefs\.atlas/),
      }) as Error,
    );
  });

  it('end the stream for an atlas that was put in later and is none', () => {
    const images: Record<string, Images[string]> = {};
    const { show, errors } = start(new Recorder(), { images });
    images['chefs'] = { image: page, atlas: {} as Atlas };
    show(objects(sprite));
    expect(errors).toEqual([usageError('paint.images.chefs.atlas')]);
  });
});

describe('sprites of a sheet', () => {
  const sheet = { image: page, frameWidth: 16, frameHeight: 16 }; // 4 × 2 frames
  const spaced = { image: page, frameWidth: 20, frameHeight: 10, margin: 5, spacing: 1 }; // 2 × 2 frames

  it.each([
    [0, sheet, [0, 0, 16, 16]],
    [undefined, sheet, [0, 0, 16, 16]],
    [3, sheet, [48, 0, 16, 16]],
    [4, sheet, [0, 16, 16, 16]],
    ['7', sheet, [48, 16, 16, 16]],
    [0, spaced, [5, 5, 20, 10]],
    [3, spaced, [26, 16, 20, 10]],
  ])('are cut out by number: %p', (number, of, box) => {
    const { drawn } = paintSprite({ chefs: of }, { frame: number, width: 20, height: 30 });
    expect(drawn).toEqual([['drawImage', page, ...box, 0, 0, 20, 30]]);
  });

  it.each([8, -1, 0.5, 'east'])('are outlines where there is no frame %p', (number) => {
    const { drawn, problems } = paintSprite({ chefs: sheet }, { frame: number, width: 5, height: 5 });
    expect(drawn).toEqual([['strokeRect', 0, 0, 5, 5]]);
    expect(problems).toEqual([
      {
        kind: 'frame',
        name: `chefs/${number}`,
        message: `image 'chefs' has no frame '${number}'; it has 4 × 2 frames`,
      },
    ]);
  });

  it.each([{ frameWidth: 0 }, { frameHeight: -1 }, { margin: -1 }, { spacing: NaN }])('refuse %p', (size) => {
    const images = { chefs: { ...sheet, ...size } };
    expect(() => paint(new Recorder(), { images })).toThrow(usageError('paint.images.chefs'));
  });
});

describe('sprites', () => {
  it.each<[string, unknown]>([
    ['an address', 'cat.png'],
    ['an atlas of an address', { image: 'cat.png', atlas: { frames: {} } }],
    ['an atlas of addresses', { image: ['cat.png'], atlas: { frames: {} } }],
    ['a sheet of an address', { image: 'cat.png', frameWidth: 1, frameHeight: 1 }],
  ])('refuse %s for an image', (_, cat) => {
    expect(() => paint(new Recorder(), { images: { cat } as Images })).toThrow(usageError('paint.images.cat'));
  });

  it('keep sharp pixels where that is asked for', () => {
    for (const pixelated of [false, true]) {
      const { canvas, show } = start(new Recorder(), { images: { chefs: page }, pixelated });
      show(objects(sprite));
      expect(canvas.calls('imageSmoothingEnabled =')).toEqual(pixelated ? [['imageSmoothingEnabled =', false]] : []);
    }
  });
});
