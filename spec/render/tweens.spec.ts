import type { DrawableObject, Frame, PixelFrame } from '../../src/env/step.js';
import { leaseFrame } from '../../src/env/frame-lease.js';
import type { PaintConfig } from '../../src/render/paint.js';
import { animationFrames, delta, objects, start } from './painting.js';
import { Recorder } from './recorder.js';

describe('tweens', () => {
  let frames: ReturnType<typeof animationFrames>;
  beforeEach(() => (frames = animationFrames()));
  afterEach(() => frames.restore());

  const ball = (x: number, more: object = {}): DrawableObject => ({
    object_type: 'circle',
    uuid: 'ball',
    x,
    y: 0.5,
    radius: 5,
    tween: true,
    tween_duration: 100,
    ...more,
  });

  /** A painter on a canvas of 200 × 100, and where it paints. */
  function watch(config: PaintConfig = {}) {
    const canvas = new Recorder();
    const painter = start(canvas, config);
    return {
      ...painter,
      /** Lets a frame come. */
      come: (frame: Frame) => painter.frames$.next(frame),
      /** Lets time pass up to the next animation frame. Returns where the circles are; nothing, if nothing was painted. */
      after(ms: number) {
        canvas.log.length = 0;
        frames.animate(ms);
        let moved = [0, 0];
        return canvas.log.flatMap(([name, x, y]) => {
          if (name === 'save') moved = [0, 0];
          if (name === 'translate') moved = [x as number, y as number];
          return name === 'arc' ? [[(x as number) + moved[0]!, (y as number) + moved[1]!]] : [];
        });
      },
    };
  }

  it('move an object in a straight line, and stop painting when it is there', () => {
    const { come, after, passed } = watch();
    come(objects(ball(0)));
    expect(after(0)).toEqual([[0, 50]]);
    expect(frames.isDue).toBe(false);
    come(objects(ball(1, { y: 1 })));
    expect([0, 25, 25, 45].map((ms) => after(ms))).toEqual([[[0, 50]], [[50, 62.5]], [[100, 75]], [[190, 97.5]]]);
    expect(after(10)).toEqual([[200, 100]]);
    expect(frames.isDue).toBe(false);
    expect(passed).toHaveLength(2);
  });

  it('put an object that is new at its place', () => {
    const { come, after } = watch();
    come(objects(ball(0.5)));
    expect(after(0)).toEqual([[100, 50]]);
    expect(frames.isDue).toBe(false);
  });

  it('go on to the same target, whatever else changes', () => {
    const { come, after } = watch();
    come(objects(ball(0)));
    come(objects(ball(1)));
    after(50);
    come(objects(ball(1, { color: 'red', tween_duration: 1000 })));
    expect(after(25)).toEqual([[150, 50]]);
    expect(after(25)).toEqual([[200, 50]]);
    expect(frames.isDue).toBe(false);
  });

  it('go to a new target from where the object is', () => {
    const { come, after } = watch();
    come(objects(ball(0)));
    come(objects(ball(1)));
    after(50);
    come(objects(ball(0)));
    expect(after(50)).toEqual([[50, 50]]);
    expect(after(50)).toEqual([[0, 50]]);
  });

  it.each([{ tween: false }, { tween: null }, { tween_duration: 0 }, { tween_duration: null }])(
    'end where a frame says %p: the object is put there',
    (more) => {
      const { come, after } = watch();
      come(objects(ball(0)));
      come(objects(ball(1)));
      after(50);
      come(objects(ball(0.75, more)));
      expect(after(10)).toEqual([[150, 50]]);
      expect(frames.isDue).toBe(false);
    },
  );

  it('go on while a delta does not mention the object, and a full frame keeps it', () => {
    const { come, after } = watch();
    const other = ball(0.5, { uuid: 'other', y: 0, tween: false });
    come(objects(ball(0, { permanent: true })));
    come(delta(ball(1, { permanent: true })));
    after(25);
    come(delta(other));
    expect(after(25)).toEqual([
      [100, 50],
      [100, 0],
    ]);
    come(objects(other));
    expect(after(25)).toEqual([
      [150, 50],
      [100, 0],
    ]);
  });

  it.each<[string, Frame]>([
    ['is removed', { ...delta(), removed: ['ball'] }],
    ['is left out', objects()],
  ])('end with an object that %s; it comes back at its place', (_, gone) => {
    const { come, after } = watch();
    come(delta(ball(0)));
    come(delta(ball(1)));
    expect(after(50)).toEqual([[100, 50]]);
    come(gone);
    expect(after(0)).toEqual([]);
    expect(frames.isDue).toBe(false);
    come(delta(ball(0.25)));
    expect(after(0)).toEqual([[50, 50]]);
  });

  it('put an object that is removed and named in one frame at its place', () => {
    const { come, after } = watch();
    come(delta(ball(0)));
    come({ ...delta(ball(1)), removed: ['ball'] });
    expect(after(0)).toEqual([[200, 50]]);
  });

  it('end with an episode: its first frame puts all at their places', () => {
    const { come, after } = watch();
    come(delta(ball(0)));
    come(delta(ball(1)));
    after(50);
    come({ ...delta(ball(0.25)), first: true });
    expect(after(0)).toEqual([[50, 50]]);
    expect(frames.isDue).toBe(false);
  });

  it('are over when time has passed without animation frames', () => {
    const { come, after } = watch();
    come(objects(ball(0)));
    come(objects(ball(1)));
    after(10);
    frames.wait(10_000);
    expect(after(0)).toEqual([[200, 50]]);
    expect(frames.isDue).toBe(false);
    come(objects(ball(0)));
    frames.wait(60);
    come(objects(ball(1)));
    frames.wait(60);
    expect(after(0)).toEqual([[152, 50]]);
  });

  it('put all at their places at the end of the stream', () => {
    const { come, after, canvas, frames$ } = watch();
    come(objects(ball(0)));
    come(objects(ball(1)));
    after(50);
    canvas.log.length = 0;
    frames$.complete();
    expect(canvas.calls('translate', 'arc')).toEqual([['arc', 200, 50, 5, 0, 2 * Math.PI]]);
    expect(frames.isDue).toBe(false);
  });

  it('end when nobody is subscribed any more', () => {
    const { come, after, subscription } = watch();
    come(objects(ball(0)));
    come(objects(ball(1)));
    after(50);
    subscription.unsubscribe();
    expect(frames.isDue).toBe(false);
  });

  it('hold no frame, and leave the canvas to frames of another kind', () => {
    const { come, after, canvas, passed } = watch();
    const held: string[] = [];
    const leased = (frame: Frame) => {
      leaseFrame(frame, {
        watchers: 1,
        onHold: () => undefined,
        onFree: () => undefined,
        onEnd: () => held.push(frame.kind),
      });
      return frame;
    };
    come(leased(objects(ball(0))));
    come(leased(objects(ball(1))));
    after(50);
    expect(held).toEqual(['objects', 'objects']);
    const pixels: PixelFrame = { kind: 'pixels', width: 1, height: 1, channels: 1, data: Uint8Array.of(0) };
    come(leased(pixels));
    expect(after(10)).toEqual([]);
    expect([held.at(-1), passed.at(-1), canvas.images.length]).toEqual(['pixels', pixels, 1]);
    expect(frames.isDue).toBe(false);
  });

  it('are left out where that is asked for', () => {
    const { come, after } = watch({ tween: false });
    come(objects(ball(0)));
    come(objects(ball(1)));
    expect(after(0)).toEqual([[200, 50]]);
    expect(frames.isDue).toBe(false);
  });

  it('are left out where there are no animation frames', () => {
    frames.restore();
    const { come, canvas } = watch();
    come(objects(ball(0)));
    come(objects(ball(1)));
    expect(canvas.calls('translate')).toEqual([]);
  });

  it.each(['rect', 'ellipse', 'arc', 'sprite'])('move a %s', (object_type) => {
    const { come, after, canvas } = watch();
    const at = (x: number) => objects(ball(x, { object_type, w: 0.1, h: 0.1 }));
    come(at(0));
    come(at(1));
    after(25);
    expect(canvas.calls('translate')[0]).toEqual(['translate', -150, 0]);
  });

  it('move a polygon by the mean of its points, while its form changes at once', () => {
    const { come, after, canvas } = watch();
    const polygon = (...points: number[][]) => objects({ ...ball(0), object_type: 'polygon', points });
    come(polygon([0, 0], [0.2, 0], [0.1, 0.3]));
    come(polygon([0.5, 0.5], [0.7, 0.5], [0.6, 0.5]));
    after(50);
    const [, x, y] = canvas.calls('translate')[0]!;
    expect([x, y]).toEqual([expect.closeTo(-50), expect.closeTo(-20)]);
    expect(canvas.calls('moveTo')).toEqual([['moveTo', 100, 50]]);
  });

  it.each(['line', 'text'])('do not move a %s', (object_type) => {
    const { come, after, canvas } = watch();
    come(objects(ball(0, { object_type })));
    come(objects(ball(1, { object_type })));
    after(50);
    expect(canvas.calls('translate')).toEqual([]);
    expect(frames.isDue).toBe(false);
  });

  it('move nothing that has no uuid', () => {
    const { come, after } = watch();
    for (const uuid of [undefined, null]) {
      come(objects(ball(0, { uuid })));
      come(objects(ball(1, { uuid })));
      expect(after(50)).toEqual([[200, 50]]);
    }
  });
});
