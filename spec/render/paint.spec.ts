import { Subject } from 'rxjs';
import type { DrawableObject, Frame, PixelFrame } from '../../src/env/step.js';
import { leaseFrame } from '../../src/env/frame-lease.js';
import type { Context2D, PaintableCanvas } from '../../src/render/canvas.js';
import { paint } from '../../src/render/paint.js';
import { runMarbles } from '../operators/run-marbles.js';
import { animationFrames, delta, objects, start } from './painting.js';
import { Recorder } from './recorder.js';
import { usageError } from '../operators/usage-error.js';

// Types only: both kinds of canvas fit.
((canvas: HTMLCanvasElement | OffscreenCanvas): PaintableCanvas => canvas) satisfies unknown;
((canvas: OffscreenCanvas): Context2D | null => canvas.getContext('2d')) satisfies unknown;

const pixels = (width: number, height: number, channels: 1 | 3 | 4, data: ArrayLike<number>): PixelFrame => ({
  kind: 'pixels',
  width,
  height,
  channels,
  data: Uint8Array.from(data),
});

describe('paint', () => {
  it('passes frames on, in their time, with completion, error and unsubscription', () =>
    runMarbles(({ hot, expectObservable, expectSubscriptions }) => {
      const values = { a: pixels(1, 1, 1, [0]), b: objects(), c: { kind: 'text', text: 'x' } as const };
      const painter = paint(new Recorder());
      const frames = hot('-a-b-c-|', values);
      const expected = '  -a-b-c-|';
      const failing = hot('-a-#', values);
      const failed = '    -a-#';
      const unsub = '     ----!';
      const early = '     -a-b-';
      const subs = ['     ^------!', '^---!'];
      expectObservable(frames.pipe(painter)).toBe(expected, values);
      expectObservable(frames.pipe(painter), unsub).toBe(early, values);
      expectSubscriptions(frames.subscriptions).toBe(subs);
      expectObservable(failing.pipe(painter)).toBe(failed, values);
    }));

  it('paints a frame before it passes it on', () => {
    const canvas = new Recorder();
    const frames$ = new Subject<Frame>();
    let painted = 0;
    frames$.pipe(paint(canvas)).subscribe(() => (painted = canvas.images.length));
    frames$.next(pixels(1, 1, 1, [0]));
    expect(painted).toBe(1);
  });

  describe('where there are animation frames', () => {
    let frames: ReturnType<typeof animationFrames>;
    beforeEach(() => (frames = animationFrames()));
    afterEach(() => frames.restore());
    const animate = () => frames.animate();
    const [first, second] = [pixels(1, 1, 1, [1]), pixels(1, 1, 1, [2])];

    it('paints the newest at each, and passes on what it painted', () => {
      const { canvas, show, passed } = start();
      show(first, second);
      expect([canvas.images.length, passed]).toEqual([0, []]);
      animate();
      animate();
      expect(canvas.images.map(({ bytes }) => bytes[0])).toEqual([2]);
      expect(passed).toEqual([second]);
      show(first);
      animate();
      expect(passed).toEqual([second, first]);
    });

    it('keeps the changes of an object frame that is skipped', () => {
      const { canvas, show } = start();
      const rect = (uuid: string, color: string) => ({ object_type: 'rect', uuid, w: 1, h: 1, color });
      show(delta(rect('a', 'red')), delta(rect('b', 'blue')));
      animate();
      expect(canvas.calls('fillStyle =').map(([, colour]) => colour)).toEqual(['red', 'blue']);
    });

    it('paints a frame that a subscriber brings', () => {
      const frames$ = new Subject<Frame>();
      const passed: Frame[] = [];
      frames$.pipe(paint(new Recorder())).subscribe((frame) => {
        passed.push(frame);
        if (frame === first) frames$.next(second);
      });
      frames$.next(first);
      animate();
      animate();
      expect(passed).toEqual([first, second]);
    });

    it('paints the last frame at the end, before the end is passed on', () => {
      const { canvas, show, passed, frames$ } = start();
      show(first);
      frames$.complete();
      expect(passed).toEqual([first]);
      expect(canvas.images.length).toBe(1);
      expect(frames.isDue).toBe(false);
    });

    it('paints nothing more when it is unsubscribed', () => {
      const { canvas, show, subscription } = start();
      show(first);
      subscription.unsubscribe();
      expect(frames.isDue).toBe(false);
      expect(canvas.images).toEqual([]);
    });

    it('releases each frame once: painted, skipped, or left over', () => {
      const { show, subscription } = start();
      const log: string[] = [];
      const leased = (name: string) => {
        const frame = pixels(1, 1, 1, [1]);
        const note = (what: string) => () => log.push(`${name} ${what}`);
        leaseFrame(frame, { watchers: 1, onHold: note('held'), onFree: note('free'), onEnd: note('end') });
        return frame;
      };
      show(leased('skipped'), leased('painted'));
      animate();
      show(leased('left'));
      subscription.unsubscribe();
      const all = (name: string) => ['held', 'free', 'end'].map((what) => `${name} ${what}`);
      expect([...log].sort()).toEqual([...all('left'), ...all('skipped'), ...all('painted')].sort());
    });
  });

  it('refuses a canvas that has no 2D context', () => {
    const taken = { width: 1, height: 1, getContext: () => null };
    expect(() => paint(taken)).toThrow(usageError('paint.canvas'));
  });

  it.each([0, 1.5, Infinity])('refuses %p as the limit of objects', (objectLimit) => {
    expect(() => paint(new Recorder(), { objectLimit })).toThrow(usageError('paint.objectLimit'));
  });

  describe('pixel frames', () => {
    it('paints RGBA as it is, the first row on top', () => {
      const bytes = Array.from({ length: 24 }, (_, i) => i * 10);
      const { canvas, show } = start();
      show(pixels(2, 3, 4, bytes));
      expect(canvas.images).toEqual([expect.objectContaining({ width: 2, height: 3, bytes })]);
      expect(canvas.calls('putImageData')).toEqual([['putImageData', 0, 0]]);
    });

    it('makes RGB opaque, each colour in its place', () => {
      const { canvas, show } = start();
      show(pixels(2, 1, 3, [1, 2, 3, 250, 251, 252]));
      expect(canvas.images[0]?.bytes).toEqual([1, 2, 3, 255, 250, 251, 252, 255]);
    });

    it('makes grey opaque', () => {
      const { canvas, show } = start();
      show(pixels(1, 2, 1, [7, 255]));
      expect(canvas.images[0]?.bytes).toEqual([7, 7, 7, 255, 255, 255, 255, 255]);
    });

    it('gives the canvas the size of the frame, and touches it only when that changes', () => {
      const { canvas, show } = start(new Recorder(2, 5));
      show(pixels(2, 1, 1, [1, 2]), pixels(2, 1, 1, [3, 4]), pixels(1, 1, 1, [5]));
      expect(canvas.calls('width =', 'height =', 'putImageData')).toEqual([
        ['height =', 1],
        ['putImageData', 0, 0],
        ['putImageData', 0, 0],
        ['width =', 1],
        ['putImageData', 0, 0],
      ]);
    });

    it('uses one ImageData again while the size stays', () => {
      const { canvas, show } = start();
      show(pixels(2, 1, 1, [1, 2]), pixels(2, 1, 3, [1, 2, 3, 4, 5, 6]), pixels(1, 1, 1, [1]), pixels(1, 2, 1, [1, 2]));
      const [first, second, third, fourth] = canvas.images.map(({ image }) => image);
      expect(second).toBe(first);
      expect(third).not.toBe(first);
      expect(fourth).not.toBe(third);
      expect(canvas.images[1]?.bytes).toEqual([1, 2, 3, 255, 4, 5, 6, 255]);
    });

    it('reads a frame that is a view into a larger buffer', () => {
      const data = new Uint8Array([9, 9, 9, 1, 2, 3, 9]).subarray(3, 6);
      const { canvas, show } = start();
      show({ kind: 'pixels', width: 1, height: 1, channels: 3, data });
      expect(canvas.images[0]?.bytes).toEqual([1, 2, 3, 255]);
    });

    it.each([
      ['too few bytes', pixels(2, 2, 3, new Uint8Array(11)), 'frame.data'],
      ['too many bytes', pixels(2, 2, 1, new Uint8Array(5)), 'frame.data'],
      ['no width', pixels(0, 2, 1, []), 'frame'],
      ['no height', pixels(2, 0, 1, []), 'frame'],
      ['half a pixel', pixels(0.5, 2, 1, [0]), 'frame'],
      ['two channels', pixels(1, 1, 2 as never, [0, 0]), 'frame.channels'],
    ])('ends with UsageError at a frame of %s, and paints nothing of it', (_, frame, option) => {
      const { show, errors, passed, canvas } = start();
      show(frame);
      expect(errors).toEqual([usageError(option)]);
      expect(passed).toEqual([]);
      expect(canvas.log).toEqual([]);
    });
  });

  describe('object frames', () => {
    const shape = (...names: string[]) => [...names, 'fill', 'stroke', 'fillStyle =', 'strokeStyle =', 'lineWidth ='];

    it('clears the canvas at its own size, then paints by depth, and in order at the same depth', () => {
      const { canvas, show } = start();
      const rect = { object_type: 'rect', w: 1, h: 1 };
      show(
        objects(
          { ...rect, color: 'top', depth: 2 },
          { ...rect, color: 'first' },
          { ...rect, color: 'second', depth: 0 },
          { ...rect, color: 'bottom', depth: -1 },
        ),
      );
      expect(canvas.log[0]).toEqual(['clearRect', 0, 0, 200, 100]);
      expect(canvas.calls('fillStyle =').map(([, colour]) => colour)).toEqual(['bottom', 'first', 'second', 'top']);
      expect(canvas.calls('width =', 'height =')).toEqual([]);
    });

    it('paints the background first, where one is given', () => {
      const { canvas, show } = start(new Recorder(), { background: 'navy' });
      show(objects());
      expect(canvas.log).toEqual([
        ['clearRect', 0, 0, 200, 100],
        ['fillStyle =', 'navy'],
        ['fillRect', 0, 0, 200, 100],
      ]);
    });

    it.each<[string, object, ...(readonly unknown[])[]]>([
      ['a rect from its top left', { object_type: 'rect', x: 0.1, y: 0.2, w: 0.5, h: 0.5 }, ['rect', 20, 20, 100, 50]],
      ['a rectangle', { object_type: 'rectangle', x: 0, y: 0, width: 1, height: 0.5 }, ['rect', 0, 0, 200, 50]],
      ['a rect in pixels', { object_type: 'rect', x: 0, y: 0, width: 30, height: 20 }, ['rect', 0, 0, 30, 20]],
      ['a rect larger than the canvas', { object_type: 'rect', x: 0, y: 0, w: 2, h: 2 }, ['rect', 0, 0, 400, 200]],
      [
        'a rounded rect',
        { object_type: 'rect', x: 0, y: 0, w: 0.5, h: 0.5, border_radius: 8 },
        ['roundRect', 0, 0, 100, 50, 8],
      ],
      [
        'a circle around its centre, its radius a share of the longer side',
        { object_type: 'circle', x: 0.5, y: 0.5, radius: 0.1 },
        ['arc', 100, 50, 20, 0, 2 * Math.PI],
      ],
      [
        'a circle with a radius in pixels',
        { object_type: 'circle', x: 0.5, y: 0.5, radius: 16 },
        ['arc', 100, 50, 16, 0, 2 * Math.PI],
      ],
      [
        'a circle with a radius below nothing as nothing',
        { object_type: 'circle', x: 0.5, y: 0.5, radius: -3 },
        ['arc', 100, 50, 0, 0, 2 * Math.PI],
      ],
      [
        'a circle of numbers that are none as nothing at the top left',
        { object_type: 'circle', x: NaN, y: '0.5', radius: Infinity },
        ['arc', 0, 0, 0, 0, 2 * Math.PI],
      ],
      [
        'an ellipse, each radius a share of its side',
        { object_type: 'ellipse', x: 0.5, y: 0.5, rx: 0.1, ry: -0.1 },
        ['ellipse', 100, 50, 20, 10, 0, 0, 2 * Math.PI],
      ],
      [
        'a polygon of its points',
        {
          object_type: 'polygon',
          points: [
            [0, 0],
            [1, 0],
            [0.5, 1],
          ],
        },
        ['moveTo', 0, 0],
        ['lineTo', 200, 0],
        ['lineTo', 100, 100],
        ['closePath'],
      ],
      [
        'a polygon of an array n×2',
        {
          object_type: 'polygon',
          points: { data: Float32Array.of(0, 0, 1, 0, 0.5, 1), shape: [3, 2], dtype: 'float32' },
        },
        ['moveTo', 0, 0],
        ['lineTo', 200, 0],
        ['lineTo', 100, 100],
        ['closePath'],
      ],
      [
        'a sector of an arc',
        { object_type: 'arc', x: 0.5, y: 0.5, radius: 10, start_angle: 1, end_angle: 2 },
        ['moveTo', 100, 50],
        ['arc', 100, 50, 10, 1, 2],
        ['closePath'],
      ],
    ])('fills %s', (_, object, ...calls) => {
      const { canvas, show } = start();
      show(objects({ ...(object as DrawableObject), color: '#123456' }));
      const path = ['rect', 'roundRect', 'arc', 'ellipse', 'moveTo', 'lineTo', 'closePath'];
      expect(canvas.calls('beginPath', ...shape(...path))).toEqual([
        ['beginPath'],
        ...calls,
        ['fillStyle =', '#123456'],
        ['fill'],
      ]);
    });

    it.each<[string, object, ...(readonly unknown[])[]]>([
      [
        'through its points',
        {
          object_type: 'line',
          points: [
            [0, 0],
            [1, 1],
          ],
        },
        ['moveTo', 0, 0],
        ['lineTo', 200, 100],
      ],
      [
        'from x1, y1 to x2, y2',
        { object_type: 'line', x1: 0, y1: 1, x2: 1, y2: 0.5 },
        ['moveTo', 0, 100],
        ['lineTo', 200, 50],
      ],
      [
        'along an arc',
        { object_type: 'arc', x: 0.5, y: 0.5, radius: 0.1, width: 4 },
        ['arc', 100, 50, 20, 0, 2 * Math.PI],
      ],
    ])('strokes a line %s', (_, object, ...calls) => {
      const { canvas, show } = start();
      show(objects({ ...(object as DrawableObject), color: 'red', width: 4 }));
      expect(canvas.calls('beginPath', 'moveTo', 'lineTo', 'arc', ...shape('closePath'))).toEqual([
        ['beginPath'],
        ...calls,
        ['strokeStyle =', 'red'],
        ['lineWidth =', 4],
        ['stroke'],
      ]);
    });

    it.each([
      ['fill_below', 100],
      ['fill_above', 0],
    ])('fills a line to the edge with %s', (field, edge) => {
      const { canvas, show } = start();
      show(
        objects({
          object_type: 'line',
          points: [
            [0, 0.5],
            [0.5, 0.2],
            [1, 0.5],
          ],
          [field]: true,
          color: 'red',
        }),
      );
      expect(canvas.log.slice(-9, -1)).toEqual([
        ['strokeStyle =', 'red'],
        ['lineWidth =', 1],
        ['stroke'],
        ['lineTo', 200, edge],
        ['lineTo', 0, edge],
        ['closePath'],
        ['fillStyle =', 'red'],
        ['fill'],
      ]);
    });

    it('strokes the outline of a closed shape over its colour, or alone where it has none', () => {
      const { canvas, show } = start();
      const outlined = { object_type: 'rect', w: 1, h: 1, stroke_color: 'red', stroke_width: 3 };
      show(objects({ ...outlined, color: 'blue' }));
      expect(canvas.calls(...shape())).toEqual([
        ['fillStyle =', 'blue'],
        ['fill'],
        ['strokeStyle =', 'red'],
        ['lineWidth =', 3],
        ['stroke'],
      ]);
      show(objects(outlined));
      expect(canvas.calls(...shape())).toEqual([['strokeStyle =', 'red'], ['lineWidth =', 3], ['stroke']]);
      show(objects({ ...outlined, stroke_width: null }));
      expect(canvas.calls('lineWidth =')).toEqual([['lineWidth =', 1]]);
      show(objects({ ...outlined, color: 'blue', stroke_width: 0 }));
      expect(canvas.calls(...shape())).toEqual([['fillStyle =', 'blue'], ['fill']]);
    });

    it('takes a colour as a list of red, green, blue and alpha; black where there is none', () => {
      const { canvas, show } = start();
      const rect = { object_type: 'rect', w: 1, h: 1 };
      show(objects({ ...rect, color: [255, 0, 10] }, { ...rect, color: [1, 2, 3, 0.5] }, { ...rect, color: null }));
      expect(canvas.calls('fillStyle =').map(([, colour]) => colour)).toEqual([
        'rgba(255, 0, 10, 1)',
        'rgba(1, 2, 3, 0.5)',
        '#000000',
      ]);
    });

    it('paints each object with its own alpha, from 0 to 1, and restores the context after it', () => {
      const { canvas, show } = start();
      const rect = { object_type: 'rect', w: 1, h: 1 };
      show(objects({ ...rect, alpha: 0.5 }, rect, { ...rect, alpha: 7 }, { ...rect, alpha: -1 }));
      expect(canvas.calls('save', 'restore', 'globalAlpha =')).toEqual(
        [0.5, 1, 1, 0].flatMap((alpha) => [['save'], ['globalAlpha =', alpha], ['restore']]),
      );
    });

    it('writes text from its top left, line under line', () => {
      const { canvas, show } = start();
      show(objects({ object_type: 'text', text: 'Score\n7', x: 0.1, y: 0.1, size: 20, font: 'Courier', color: 'red' }));
      expect(canvas.calls('font =', 'textBaseline =', 'fillStyle =', 'fillText')).toEqual([
        ['font =', '20px Courier'],
        ['textBaseline =', 'top'],
        ['fillStyle =', 'red'],
        ['fillText', 'Score', 20, 10],
        ['fillText', '7', 20, 34],
      ]);
    });

    it('takes a size of text below 1 as a share of the height, and 16 pixels of Arial by default', () => {
      const { canvas, show } = start();
      show(objects({ object_type: 'text', text: 1, size: 0.2 }, { object_type: 'text' }));
      expect(canvas.calls('font =', 'fillText')).toEqual([
        ['font =', '20px Arial'],
        ['fillText', '1', 0, 0],
        ['font =', '16px Arial'],
        ['fillText', '', 0, 0],
      ]);
    });

    it('paints nothing for a shape without points or size', () => {
      const { canvas, show } = start();
      const points = [[0.5, 0.5], ['a', 'b'], null];
      show(
        objects({ object_type: 'polygon' }, { object_type: 'line', points }, { object_type: 'rect', w: 'x', h: NaN }),
      );
      expect(canvas.calls('fill', 'stroke', 'beginPath')).toEqual([]);
    });

    it('folds frames into one scene', () => {
      const { canvas, show } = start();
      const colours = () => canvas.calls('fillStyle =').map(([, colour]) => colour);
      const rect = { object_type: 'rect', w: 1, h: 1 };
      const named = (uuid: string, more: object = {}) => ({ ...rect, uuid, color: uuid, ...more });
      show(objects(named('wall', { permanent: true }), named('ball')));
      show({ ...objects(named('bat')), delta: true });
      expect(colours()).toEqual(['wall', 'ball', 'bat']);
      show(objects(named('cat')));
      expect(colours()).toEqual(['wall', 'cat']);
      show({ ...objects(), delta: true, removed: ['wall'] });
      expect(colours()).toEqual(['cat']);
    });

    it('starts with an empty scene for each subscriber', () => {
      const canvas = new Recorder();
      const painter = paint(canvas);
      for (const uuid of ['a', 'b']) {
        const frames$ = new Subject<Frame>();
        frames$.pipe(painter).subscribe();
        canvas.log.length = 0;
        frames$.next({ ...objects({ object_type: 'rect', w: 1, h: 1, uuid, permanent: true }), delta: true });
        expect(canvas.calls('fill')).toHaveLength(1);
      }
    });

    it('keeps no more objects than its limit', () => {
      const { canvas, show } = start(new Recorder(), { objectLimit: 2 });
      const rects = ['a', 'b', 'c'].map((uuid) => ({ object_type: 'rect', w: 1, h: 1, uuid, color: uuid }));
      show(objects(...rects));
      expect(canvas.calls('fillStyle =').map(([, colour]) => colour)).toEqual(['b', 'c']);
    });

    describe('of unknown types', () => {
      let warn: jest.SpyInstance;
      beforeEach(() => (warn = jest.spyOn(console, 'warn').mockImplementation(() => undefined)));
      afterEach(() => warn.mockRestore());

      it.each(['hexagon', 'toString', '__proto__'])('skips %s, warns once, and paints the rest', (object_type) => {
        const { canvas, show } = start(new Recorder(), { onProblem: undefined });
        const frame = objects({ object_type }, { object_type }, { object_type: 'rect', w: 1, h: 1 });
        show(frame, frame);
        expect(canvas.calls('fill')).toHaveLength(2);
        expect(canvas.calls('save')).toHaveLength(canvas.calls('restore').length);
        expect(warn.mock.calls).toEqual([[expect.stringContaining(`paints no '${object_type}' objects`)]]);
      });

      it('tells no more than 20 problems, however many Python sends', () => {
        const { show } = start(new Recorder(), { onProblem: undefined });
        show(objects(...Array.from({ length: 50 }, (_, i) => ({ object_type: `type ${i}` }))));
        expect(warn).toHaveBeenCalledTimes(20);
      });
    });

    describe('with sprites', () => {
      const cat = { width: 32, height: 16 } as unknown as CanvasImageSource;
      const sprite = { object_type: 'sprite', image_name: 'cat', x: 0.5, y: 0.5 };
      const drawing = ['translate', 'rotate', 'drawImage', 'strokeRect'];

      it('draws the image from the top left of its place, turned by its angle', () => {
        const { canvas, show } = start(new Recorder(), { images: { cat } });
        show(objects({ ...sprite, w: 0.1, h: 0.2, angle: 90 }));
        expect(canvas.calls(...drawing)).toEqual([
          ['translate', 100, 50],
          ['rotate', Math.PI / 2],
          ['drawImage', cat, 0, 0, 20, 20],
        ]);
      });

      it.each([
        ['in pixels', { width: 64, height: 48 }, [64, 48]],
        ["of the image's own size where the sprite has none", {}, [32, 16]],
      ])('draws the image %s', (_, more, size) => {
        const { canvas, show } = start(new Recorder(), { images: { cat } });
        show(objects({ ...sprite, ...more }));
        expect(canvas.calls('drawImage')).toEqual([['drawImage', cat, 0, 0, ...size]]);
      });

      it.each([
        ['there is no image of that name', {}, /image_name is 'cat', and paint has none/],
        ['the name is one that every object has', {}, /image_name is 'toString'/],
        ['the image is still loading', { cat: { complete: false, naturalWidth: 40, naturalHeight: 30 } }, undefined],
        ['the image could not be loaded', { cat: { complete: true, naturalWidth: 0 } }, /'cat' could not be loaded/],
      ])('draws an outline while %s, and says so once', (title, images, message) => {
        const { canvas, show, problems } = start(new Recorder(), { images: images as never });
        const image_name = title.includes('every object') ? 'toString' : 'cat';
        show(objects({ ...sprite, image_name, w: 0.1, h: 0.2 }, { ...sprite, image_name }));
        expect(canvas.calls('drawImage', 'strokeRect')).toEqual([
          ['strokeRect', 0, 0, 20, 20],
          ['strokeRect', 0, 0, 10, 5],
        ]);
        expect(problems).toEqual(
          message ? [{ kind: 'image', name: image_name, message: expect.stringMatching(message) }] : [],
        );
      });

      it('takes the size of a loaded image and of a video', () => {
        const image = { complete: true, naturalWidth: 40, naturalHeight: 30, width: 0, height: 0 };
        const video = { videoWidth: 80, videoHeight: 60, width: 0, height: 0 };
        const { canvas, show } = start(new Recorder(), { images: { image, video } as never });
        show(objects({ ...sprite, image_name: 'image' }, { ...sprite, image_name: 'video' }));
        expect(canvas.calls('drawImage').map(([, , ...place]) => place)).toEqual([
          [0, 0, 40, 30],
          [0, 0, 80, 60],
        ]);
      });
    });
  });

  describe('text frames', () => {
    it('writes monospaced lines from the top left, as large as they fit', () => {
      const { canvas, show } = start(new Recorder(244, 600), { color: 'green' });
      show({ kind: 'text', text: 'SFFF\nFHFHFHFHFH\n' });
      expect(canvas.log).toEqual([
        ['clearRect', 0, 0, 244, 600],
        ['font =', '32px monospace'],
        ['textBaseline =', 'top'],
        ['fillStyle =', 'green'],
        ['fillText', 'SFFF', 0, 0],
        ['fillStyle =', 'green'],
        ['fillText', 'FHFHFHFHFH', 0, 32 * 1.2],
      ]);
    });

    it.each([
      ['many lines', 'x\n'.repeat(10), '8px monospace'],
      ['long lines', 'x'.repeat(30), '10px monospace'],
      ['more than can be read', 'x\n'.repeat(1000), '6px monospace'],
    ])('makes %s smaller', (_, text, font) => {
      const { canvas, show } = start();
      show({ kind: 'text', text });
      expect(canvas.calls('font =')).toEqual([['font =', font]]);
    });

    it('writes only the lines that can be seen', () => {
      const { canvas, show } = start();
      show({ kind: 'text', text: 'x\n'.repeat(200_000) });
      expect(canvas.calls('fillText')).toHaveLength(Math.ceil(100 / (6 * 1.2)));
    });

    it("paints a terminal's colours, each run at its place", () => {
      const { canvas, show } = start(new Recorder(), { background: 'white' });
      show({ kind: 'text', text: 'ab\u001b[41mcd\u001b[0me' });
      expect(canvas.calls('fillStyle =', 'fillRect', 'fillText').slice(2)).toEqual([
        ['fillStyle =', 'black'],
        ['fillText', 'ab', 0, 0],
        ['fillStyle =', '#cd0000'],
        ['fillRect', 20, 0, 20, 32 * 1.2],
        ['fillStyle =', 'black'],
        ['fillText', 'cd', 20, 0],
        ['fillStyle =', 'black'],
        ['fillText', 'e', 40, 0],
      ]);
    });

    it('carries a colour on to the next line', () => {
      const { canvas, show } = start();
      show({ kind: 'text', text: '\u001b[31ma\nb' });
      expect(canvas.calls('fillStyle =').map(([, colour]) => colour)).toEqual(['#cd0000', '#cd0000']);
    });

    describe('on an element', () => {
      const globals = globalThis as { HTMLCanvasElement?: unknown; getComputedStyle?: unknown };
      afterEach(() => {
        delete globals.HTMLCanvasElement;
        delete globals.getComputedStyle;
      });

      it.each([
        ["the element's own colour", 'rgb(1, 2, 3)', {}, 'rgb(1, 2, 3)'],
        ['black where the element has none yet', '', {}, 'black'],
        ['the colour that is asked for', 'rgb(1, 2, 3)', { color: 'red' }, 'red'],
      ])('writes in %s', (_, css, config, expected) => {
        globals.HTMLCanvasElement = Recorder;
        globals.getComputedStyle = () => ({ color: css });
        const { canvas, show } = start(new Recorder(), config);
        show({ kind: 'text', text: 'a' });
        expect(canvas.calls('fillStyle =')).toEqual([['fillStyle =', expected]]);
      });
    });
  });

  it('paints nothing after it is unsubscribed', () => {
    const { show, subscription, frames$ } = start();
    subscription.unsubscribe();
    expect(frames$.observed).toBe(false);
    expect(show(pixels(1, 1, 1, [1]))).toEqual([]);
  });
});
