import { ImageError } from '../../src/errors.js';
import type { ImageAssets } from '../../src/render/assets.js';
import { loadImages, type ImagesProgress } from '../../src/render/load-images.js';
import { usageError } from '../operators/usage-error.js';

const page = 'https://page.test/play/';
const atlas = { frames: { east: { frame: { x: 0, y: 0, w: 8, h: 8 } } }, meta: { image: 'chefs.png' } };
const pages = {
  textures: [
    { ...atlas, image: 'one.png' },
    { ...atlas, image: 'two.png' },
  ],
};

/** Stands in for the server and the decoder of a browser. An image is the text of its file. */
const files: Record<string, string | number | Error> = {
  'cat.png': 'cat',
  'chefs.png': 'chefs',
  'chefs.json': JSON.stringify(atlas),
  'pages.json': JSON.stringify(pages),
  'one.png': 'one',
  'two.png': 'two',
  'img/one.png': 'img/one',
  'img/two.png': 'img/two',
  'page.html': '<!doctype html>',
  'null.json': 'null',
  'nameless.json': JSON.stringify({ frames: atlas.frames }),
  'missing.png': 404,
  'offline.png': new TypeError('Failed to fetch'),
};

describe('loadImages', () => {
  const globals = globalThis as Record<string, unknown>;
  const before = { fetch: globals['fetch'] };
  let asked: string[];
  let aborted: string[];
  let closed: string[];
  /** Decoding waits for this. */
  let gate: Promise<void>;

  beforeEach(() => {
    [asked, aborted, closed] = [[], [], []];
    gate = Promise.resolve();
    Object.assign(globals, {
      document: { baseURI: page },
      fetch: async (url: string, { signal }: { signal: AbortSignal }) => {
        const path = url.replace(page, '');
        asked.push(path);
        signal.addEventListener('abort', () => aborted.push(path));
        await Promise.resolve();
        signal.throwIfAborted();
        const file = files[path] ?? 404;
        if (file instanceof Error) throw file;
        if (typeof file === 'number') return new Response('', { status: file, statusText: 'Not Found' });
        return new Response(file, { headers: { 'content-type': path.endsWith('.html') ? 'text/html' : 'image/png' } });
      },
      createImageBitmap: async (blob: Blob) => {
        const text = await blob.text();
        await gate;
        if (text.startsWith('<')) throw new Error('The source image could not be decoded.');
        return { width: 8, height: 8, text, close: () => closed.push(text) };
      },
    });
  });
  afterEach(() => {
    delete globals['document'];
    delete globals['createImageBitmap'];
    Object.assign(globals, before);
  });

  interface Loaded {
    readonly progress: readonly ImagesProgress[];
    readonly error: unknown;
  }

  const loading = (assets: ImageAssets): Promise<Loaded> =>
    new Promise((resolve) => {
      const progress: ImagesProgress[] = [];
      loadImages(assets).subscribe({
        next: (report) => progress.push(report),
        error: (error: unknown) => resolve({ progress, error }),
        complete: () => resolve({ progress, error: undefined }),
      });
    });
  const load = async (assets: ImageAssets) => (await loading(assets)).progress.at(-1)?.images;
  const image = (text: string): unknown => expect.objectContaining({ text });

  it('emits its progress, and at last the images', async () => {
    const { progress, error } = await loading({
      cat: 'cat.png',
      chefs: { image: 'chefs.png', atlas: 'chefs.json' },
      tiles: { image: 'one.png', frameWidth: 4, frameHeight: 2, spacing: 1 },
    });
    expect(error).toBeUndefined();
    expect(progress.map(({ loaded, total, ratio }) => [loaded, total, ratio])).toEqual([
      ...[0, 1, 2, 3, 4].map((loaded) => [loaded, 4, loaded / 4]),
      [4, 4, 1],
    ]);
    expect(progress.slice(0, -1).every(({ images }) => images === undefined)).toBe(true);
    expect(progress.at(-1)?.images).toEqual({
      cat: image('cat'),
      chefs: { image: [image('chefs')], atlas },
      tiles: { image: image('one'), frameWidth: 4, frameHeight: 2, spacing: 1 },
    });
  });

  it('begins when it is subscribed', () => {
    void loadImages({ cat: 'cat.png' });
    expect(asked).toEqual([]);
  });

  it('takes addresses as the page does, and URLs', async () => {
    expect(await load({ cat: '../play/cat.png', dog: new URL(`${page}chefs.png`) })).toEqual({
      cat: image('cat'),
      dog: image('chefs'),
    });
  });

  it('loads the pages that an atlas names, and the ratio never goes back', async () => {
    const { progress } = await loading({ chefs: { atlas: 'pages.json' }, cook: { atlas: 'chefs.json' } });
    expect(progress.at(-1)?.images).toEqual({
      chefs: { image: [image('one'), image('two')], atlas: pages },
      cook: { image: [image('chefs')], atlas },
    });
    const ratios = progress.map(({ ratio }) => ratio);
    expect(ratios).toEqual([...ratios].sort((a, b) => a - b));
    expect(progress.find(({ ratio }) => ratio === 1)).toMatchObject({ loaded: 5, total: 5 });
  });

  it('takes a list of pages, and an atlas that is there already', async () => {
    const { progress } = await loading({ chefs: { image: ['two.png', 'one.png'], atlas: 'pages.json' } });
    expect(progress.at(-1)).toMatchObject({ loaded: 3, total: 3 });
    expect(progress.at(-1)?.images).toEqual({ chefs: { image: [image('two'), image('one')], atlas: pages } });
    expect(await load({ chefs: { atlas: pages } })).toMatchObject({ chefs: { image: [image('one'), image('two')] } });
  });

  const specs = [
    { object_type: 'img_spec', name: 'cat', img_path: 'cat.png' },
    { object_type: 'spritesheet', name: 'tiles', img_path: 'one.png', frame_width: 4, frame_height: 2 },
    { object_type: 'atlas_spec', name: 'chefs', img_path: 'chefs.png', atlas_path: 'chefs.json' },
    { object_type: 'multi_atlas_spec', name: 'many', img_path: 'img', atlas_path: 'pages.json' },
  ];
  const ofSpecs = {
    cat: image('cat'),
    tiles: { image: image('one'), frameWidth: 4, frameHeight: 2 },
    chefs: { image: [image('chefs')], atlas },
    many: { image: [image('img/one'), image('img/two')], atlas: pages },
  };

  it("takes Interactive Gym's asset specs, as a list and by name", async () => {
    expect(await load(specs)).toEqual(ofSpecs);
    expect(await load(Object.fromEntries(specs.map(({ name, ...spec }) => [name, spec])))).toEqual(ofSpecs);
  });

  it('has nothing to do for no assets', async () => {
    expect((await loading({})).progress.at(-1)).toEqual({ label: 'images', loaded: 0, total: 0, ratio: 1, images: {} });
  });

  it.each<[string, ImageAssets, string, ImageError['reason'], RegExp]>([
    ['is not there', { cat: 'missing.png' }, 'missing.png', 'status', /the server answered 404 Not Found/],
    ['cannot be fetched', { cat: 'offline.png' }, 'offline.png', 'network', /could not be fetched.*CORS/],
    ['is no image', { cat: 'page.html' }, 'page.html', 'decode', /not decode as an image.*text\/html, 15 bytes/],
    ['is no JSON', { cat: { atlas: 'page.html' } }, 'page.html', 'json', /not JSON.*text\/html/],
    ['is no atlas', { cat: { atlas: 'null.json' } }, 'null.json', 'atlas', /expected TexturePacker's JSON.*got null/],
    ['names no image', { cat: { atlas: 'nameless.json' } }, 'nameless.json', 'atlas', /page 0 names no image/],
    [
      'has more pages than were given',
      { cat: { image: 'one.png', atlas: 'pages.json' } },
      'pages.json',
      'atlas',
      /it has 2 pages, and image has 1/,
    ],
  ])('ends with an ImageError for a file that %s', async (_, assets, path, reason, message) => {
    const { error, progress } = await loading(assets);
    expect(error).toBeInstanceOf(ImageError);
    expect(error).toMatchObject({ name: 'ImageError', image: 'cat', url: page + path, reason });
    expect((error as ImageError).message).toMatch(message);
    expect(progress.every(({ images }) => images === undefined)).toBe(true);
  });

  it('aborts the rest when one fails, and frees what was decoded', async () => {
    let open = (): void => undefined;
    const never = new Promise<void>((resolve) => (open = resolve));
    const { fetch } = globals as { fetch: (url: string, options: unknown) => Promise<unknown> };
    globals['fetch'] = (url: string, options: unknown) =>
      url.endsWith('missing.png') ? never.then(() => fetch(url, options)) : fetch(url, options);
    const done = loading({ cat: 'cat.png', dog: 'missing.png' });
    await new Promise(setImmediate);
    open();
    expect((await done).error).toBeInstanceOf(ImageError);
    expect([aborted, closed]).toEqual([['cat.png', 'missing.png'], ['cat']]);
  });

  it('aborts when it is unsubscribed', () => {
    const subscription = loadImages({ cat: 'cat.png', dog: 'chefs.png' }).subscribe();
    expect(asked).toEqual(['cat.png', 'chefs.png']);
    subscription.unsubscribe();
    expect(aborted).toEqual(['cat.png', 'chefs.png']);
  });

  it('frees what is decoded after that, and says nothing more', async () => {
    const progress: ImagesProgress[] = [];
    let open = (): void => undefined;
    gate = new Promise((resolve) => (open = resolve));
    const subscription = loadImages({ cat: 'cat.png' }).subscribe((report) => progress.push(report));
    await new Promise(setImmediate);
    subscription.unsubscribe();
    open();
    await new Promise(setImmediate);
    expect([closed, progress.length]).toEqual([['cat'], 1]);
  });

  it('keeps what it handed out when it is over', async () => {
    await load({ cat: 'cat.png' });
    expect(closed).toEqual([]);
  });

  it.each<[string, unknown, string]>([
    ['no assets', null, 'loadImages'],
    ['a number', { cat: 7 }, 'loadImages.cat'],
    ['an empty address', { cat: '' }, 'loadImages.cat'],
    ['an address that is none', { cat: 'https://' }, 'loadImages.cat'],
    ['an object of no kind', { cat: { image: 'cat.png' } }, 'loadImages.cat'],
    ['an unknown key of an atlas', { cat: { atlas: 'a.json', img: 'a.png' } }, 'loadImages.cat.img'],
    ['an atlas that is none', { cat: { atlas: {} } }, 'loadImages.cat.atlas'],
    ['an unknown key of a sheet', { cat: { image: 'a', frameWidth: 1, frameHeight: 1, gap: 1 } }, 'loadImages.cat.gap'],
    ['a sheet without a height', { cat: { image: 'a', frameWidth: 1 } }, 'loadImages.cat'],
    ['a list of addresses', ['cat.png'], 'loadImages[0]'],
    ['an unknown object_type', [{ object_type: 'sound', name: 'a' }], 'loadImages[0].object_type'],
    ['a spec without a name', [{ object_type: 'img_spec', img_path: 'a' }], 'loadImages[0].name'],
    ['a spec without a path', [{ object_type: 'img_spec', name: 'a' }], 'loadImages[0].img_path'],
    ['a spec without an atlas', { a: { object_type: 'atlas_spec', img_path: 'a' } }, 'loadImages.a.atlas_path'],
    ['a spec without sizes', [{ object_type: 'spritesheet', name: 'a', img_path: 'a' }], 'loadImages[0]'],
  ])('refuses %s', (_, assets, option) => {
    expect(() => loadImages(assets as ImageAssets)).toThrow(usageError(option));
  });

  it('refuses relative addresses where there is no page', () => {
    delete globals['document'];
    expect(() => loadImages({ cat: 'cat.png' })).toThrow(usageError('loadImages.cat'));
  });
});
