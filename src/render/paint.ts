import { Observable, type MonoTypeOperatorFunction } from 'rxjs';
import { UsageError } from '../errors.js';
import { holdFrame, releaseFrame } from '../env/frames.js';
import type { Frame } from '../env/step.js';
import { checkNumber } from '../operators/check-option.js';
import { onAnimationFrame } from './animation-frame.js';
import type { PaintableCanvas } from './canvas.js';
import { objectPainter } from './objects.js';
import { pixelPainter } from './pixels.js';
import type { Images } from './sprite.js';
import { textPainter } from './text.js';

export interface PaintConfig {
  /** The images of sprites, by their `image_name`. Default none; a sprite without one is an outline. */
  readonly images?: Images | undefined;
  /** A CSS colour behind objects and text. Default: transparent. */
  readonly background?: string | undefined;
  /** The CSS colour of text frames, where they have none of their own. Default: the canvas's own `color`, or black. */
  readonly color?: string | undefined;
  /** How many objects the picture keeps; beyond it the oldest go. Default 10,000; 1 to 1,000,000. */
  readonly objectLimit?: number | undefined;
}

/**
 * Paints frames on a canvas, the newest at each animation frame, and passes on what it has painted. A frame that another
 * overtook is not painted; of object frames its changes are in the next picture all the same. What is left at the end is
 * painted at once, as is every frame where there are no animation frames (in a worker of Node).
 *
 * A frame that was passed on is given back with the end of that notification (see {@link releaseFrame}): whoever keeps
 * it behind `paint` keeps a copy of its `data`. Other subscribers of `frames$` may keep theirs.
 *
 * **Pixel frames** (grey, RGB, RGBA) are painted right side up, one to one: the canvas takes their size. Scale it by
 * CSS (`image-rendering: pixelated` keeps edges sharp).
 *
 * **Text frames** are painted as monospaced lines, with a terminal's colours.
 *
 * **Object frames** are painted at the canvas's own `width` and `height`; for sharp edges set those to the CSS size
 * times `devicePixelRatio`. Frames are folded into one picture by `uuid`: an object stays while frames mention it; a
 * `permanent` one until it is `removed`; in a delta, also one that does not say `permanent: false`. The smallest
 * `depth` (default 0) is painted first. Places and lengths are shares of the canvas, 0 to 1, from the top left.
 *
 * | `object_type` | fields |
 * |---|---|
 * | all | `uuid`, `depth`, `permanent`, `alpha` (0 to 1), `color` (CSS, or `[r, g, b]` of 0–255) |
 * | `rect` | `x`, `y` (top left), `w`, `h` (or `width`, `height`), `border_radius`¹ |
 * | `circle` | `x`, `y` (centre), `radius`¹ |
 * | `ellipse` | `x`, `y` (centre), `rx`, `ry` |
 * | `arc` | `x`, `y` (centre), `radius`¹, `start_angle`, `end_angle` (radians, clockwise from the right); a sector, or with `width`¹ a line |
 * | `line` | `points` (`[[x, y], …]`) or `x1`, `y1`, `x2`, `y2`; `width`¹, `fill_below`, `fill_above` |
 * | `polygon` | `points` |
 * | `text` | `text`, `x`, `y` (top left), `size`² (default 16), `font` (default Arial) |
 * | `sprite` | `image_name`, `x`, `y` (top left, about which it turns), `w`, `h` (or `width`, `height`; default: the image's), `angle` (degrees, clockwise) |
 *
 * Closed shapes also take `stroke_color` and `stroke_width`¹; with a stroke and no `color` they are outlines.
 * ¹ Below 1 a share of the canvas's longer side, from 1 on pixels. ² Likewise, of its height. `width` and `height` of
 * rect and sprite are shares up to 1 and pixels above. `tween` is not followed: objects are painted where they are.
 * Types that are not of the table are skipped, with one warning on the console for each.
 *
 * Field names and meanings are Interactive Gym's ({@link https://github.com/chasemcd/interactive-gym}).
 *
 * Errors: `UsageError` at the call for a bad option or a canvas without a 2D context; as an error of the stream for a
 * pixel frame whose data do not fit its size.
 *
 * @example
 * env.frames$.pipe(paint(canvas)).subscribe()
 */
export function paint(canvas: PaintableCanvas, config: PaintConfig = {}): MonoTypeOperatorFunction<Frame> {
  const { images = {}, background, color, objectLimit = 10_000 } = config;
  checkNumber('paint.objectLimit', objectLimit, { min: 1, max: 1_000_000, whole: true, unit: 'objects' });
  const context = canvas.getContext('2d');
  if (!context)
    throw new UsageError('paint.canvas', 'a canvas with a 2D context', 'one that has a context of another kind');

  return (frames$) =>
    new Observable((subscriber) => {
      const paintPixels = pixelPainter(canvas, context);
      const paintObjects = objectPainter(canvas, context, { images, objectLimit, background });
      const paintText = textPainter(canvas, context, { background, color: color ?? cssColour(canvas) });
      let newest: Frame | undefined;
      const letGo = (ms?: number): void => {
        const frame = newest;
        newest = undefined;
        if (frame) releaseFrame(frame, ms);
      };
      const show = (): void => {
        if (!newest) return;
        const begun = performance.now();
        try {
          if (newest.kind === 'pixels') paintPixels(newest);
          else if (newest.kind === 'objects') paintObjects.draw();
          else paintText(newest);
        } catch (error) {
          subscriber.error(error);
          return;
        }
        const ms = performance.now() - begun;
        subscriber.next(newest);
        letGo(ms);
      };
      const next = onAnimationFrame(show);
      const source = frames$.subscribe({
        next(frame) {
          holdFrame(frame);
          letGo();
          newest = frame;
          if (frame.kind === 'objects') paintObjects.take(frame);
          next.request();
        },
        error(error: unknown) {
          show();
          subscriber.error(error);
        },
        complete() {
          show();
          subscriber.complete();
        },
      });
      return () => {
        source.unsubscribe();
        next.cancel();
        letGo();
      };
    });
}

function cssColour(canvas: PaintableCanvas): string {
  const isElement = typeof HTMLCanvasElement !== 'undefined' && canvas instanceof HTMLCanvasElement;
  const colour = isElement ? getComputedStyle(canvas).color : '';
  return colour === '' ? 'black' : colour; // a canvas that is not in the document yet has none
}
