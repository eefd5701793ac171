import { Observable, type MonoTypeOperatorFunction } from 'rxjs';
import { checkOptions, flagRule, objectRule, textRule, type Rules } from '../check.js';
import { holdFrame, releaseFrame } from '../env/frame-lease.js';
import { mostObjects } from '../env/scene.js';
import type { Frame } from '../env/step.js';
import { UsageError } from '../errors.js';
import { onAnimationFrame } from './animation-frame.js';
import type { PaintableCanvas } from './canvas.js';
import { checkImages, type Images } from './images.js';
import { objectPainter, type PaintProblem } from './objects.js';
import { pixelPainter } from './pixels.js';
import { textPainter } from './text.js';

/** The options of {@link paint}. */
export interface PaintConfig {
  /**
   * The images of sprites, by `image_name`: each an image, an atlas `{ image, atlas }` or a sprite sheet
   * `{ image, frameWidth, frameHeight }`. {@link loadImages} loads them. A sprite whose image or frame is missing is painted
   * as an outline. Default: none.
   */
  readonly images?: Images | undefined;
  /** Whether images keep sharp pixels when they are enlarged, as Interactive Gym paints them. Default false: smooth. */
  readonly pixelated?: boolean | undefined;
  /** Whether objects with `tween: true` move; if not, they are put at their places at once. Default true. */
  readonly tween?: boolean | undefined;
  /** The CSS colour behind objects and text. Default: transparent. */
  readonly background?: string | undefined;
  /** The CSS colour of text frames, where the text sets none. Default: the canvas's computed `color`, or black. */
  readonly color?: string | undefined;
  /** How many objects are kept; beyond it the oldest are removed. A whole number from 1 to 1,000,000. Default 10,000. */
  readonly objectLimit?: number | undefined;
  /**
   * Is told of what cannot be painted, each once for each subscription, and at most 20 in all. Default: a console warning.
   */
  readonly onProblem?: ((problem: PaintProblem) => void) | undefined;
}

const rules: Rules<PaintConfig> = {
  images: objectRule,
  pixelated: flagRule,
  tween: flagRule,
  background: textRule,
  color: textRule,
  objectLimit: { min: 1, max: 1_000_000, whole: true },
  onProblem: { expected: 'a function', fits: (value) => typeof value === 'function' },
};

/**
 * Paints frames on a canvas, the newest one at each animation frame, and passes on the frames that it painted. A frame
 * that is replaced by a newer one before it is painted is skipped, but the changes of an object frame are kept. At the end
 * of the stream the last frame is painted at once, as is every frame where there are no animation frames (in Node).
 *
 * A frame is released right after it was passed on (see {@link releaseFrame}), so a subscriber behind `paint` that keeps
 * it has to copy its `data`. Other subscribers of `frames$` may keep their frames.
 *
 * **Pixel frames** (grey, RGB, RGBA) are painted upright, one frame pixel to one canvas pixel: the canvas takes their
 * size. Scale it by CSS (`image-rendering: pixelated` keeps edges sharp).
 *
 * **Text frames** are painted as monospaced lines, in the colours of a terminal.
 *
 * **Object frames** are painted at the canvas's own `width` and `height`; for sharp edges set those to the CSS size times
 * `devicePixelRatio`. Objects are kept by `uuid`. In a full frame an object that is not mentioned is removed, unless it is
 * `permanent`. In a delta it is kept, unless it is `removed` or has `permanent: false`. The first frame of an episode
 * begins with an empty canvas. Objects are painted by `depth` (default 0), the smallest first. Positions and lengths are
 * shares of the canvas, 0 to 1, from the top left.
 *
 * | `object_type` | fields |
 * |---|---|
 * | all | `uuid`, `depth`, `permanent`, `alpha` (0 to 1), `color` (CSS, or `[r, g, b]` of 0–255), `tween`, `tween_duration` (ms) |
 * | `rect` | `x`, `y` (top left), `w`, `h` (or `width`, `height`), `border_radius`¹ |
 * | `circle` | `x`, `y` (centre), `radius`¹ |
 * | `ellipse` | `x`, `y` (centre), `rx`, `ry` |
 * | `arc` | `x`, `y` (centre), `radius`¹, `start_angle`, `end_angle` (radians, clockwise from the right); a sector, or with `width`¹ a line |
 * | `line` | `points` (`[[x, y], …]`) or `x1`, `y1`, `x2`, `y2`; `width`¹, `fill_below`, `fill_above` |
 * | `polygon` | `points` |
 * | `text` | `text`, `x`, `y` (top left), `size`² (default 16), `font` (default Arial) |
 * | `sprite` | `image_name`, `frame` (of an atlas its name, of a sprite sheet its number; default the first), `x`, `y` (top left, about which it turns), `w`, `h` (or `width`, `height`; default: the image's or frame's), `angle` (degrees, clockwise) |
 *
 * Closed shapes also take `stroke_color` and `stroke_width`¹; with a stroke and no `color` they are outlines.
 * ¹ Below 1 a share of the canvas's longer side, from 1 on pixels. ² Likewise, of its height. `width` and `height` of
 * rect and sprite are shares up to 1, and pixels above. Other types are skipped.
 *
 * **Tweens.** An object that is there already and comes with `tween: true` moves in a straight line, in `tween_duration`
 * ms, from where it is seen to its new place (`x` and `y`, or the mean of a polygon's `points`). All else of it changes at
 * once. While it moves, a frame with the same place lets it go on, one with another place starts anew from where it is
 * seen, and one without `tween` puts it there. Lines and text do not tween. The canvas is painted at each animation frame
 * while an object moves, and not else; frames are passed on once. A hidden tab, which has no animation frames, ends no
 * tween later: the time goes on. At the end of the stream all objects are at their places.
 *
 * Field names and meanings are those of Interactive Gym ({@link https://github.com/chasemcd/interactive-gym}).
 *
 * Errors: `UsageError` at the call for a bad option or a canvas without a 2D context; as an error of the stream for a
 * pixel frame whose data does not fit its size, and for a bad atlas that was put into `images` later.
 *
 * @example
 * env.frames$.pipe(paint(canvas)).subscribe()
 */
export function paint(canvas: PaintableCanvas, config: PaintConfig = {}): MonoTypeOperatorFunction<Frame> {
  checkOptions('paint', config, rules);
  const { images = {}, background, color, objectLimit = mostObjects, pixelated = false, tween = true } = config;
  const { onProblem = ({ message }) => console.warn(message) } = config;
  checkImages('paint.images', images);
  const context = canvas.getContext('2d');
  if (!context)
    throw new UsageError('paint.canvas', 'a canvas with a 2D context', 'one with a context of another kind');

  return (frames$) =>
    new Observable((subscriber) => {
      const next = onAnimationFrame(show);
      const paintPixels = pixelPainter(canvas, context);
      const paintObjects = objectPainter(canvas, context, {
        ...{ images, objectLimit, background, pixelated, onProblem },
        tween: tween && next.exist,
      });
      const paintText = textPainter(canvas, context, { background, color: color ?? cssColour(canvas) });
      let newest: Frame | undefined;
      const source = frames$.subscribe({
        next(frame) {
          holdFrame(frame);
          release();
          newest = frame;
          if (frame.kind === 'objects') paintObjects.take(frame);
          else paintObjects.settle();
          next.request();
        },
        error(error: unknown) {
          end();
          subscriber.error(error);
        },
        complete() {
          end();
          subscriber.complete();
        },
      });
      return () => {
        source.unsubscribe();
        next.cancel();
        release();
      };

      /** Paints the newest frame, or else the objects that are on their way. */
      function show(): void {
        const begun = performance.now();
        try {
          if (!newest || newest.kind === 'objects') paintObjects.draw();
          else if (newest.kind === 'pixels') paintPixels(newest);
          else paintText(newest);
        } catch (error) {
          subscriber.error(error);
          return;
        }
        const ms = performance.now() - begun;
        const painted = newest;
        if (painted) subscriber.next(painted);
        if (newest === painted) release(ms); // a subscriber may have brought the next one
        if (paintObjects.isMoving() && !subscriber.closed) next.request();
      }

      function end(): void {
        const wasMoving = paintObjects.isMoving();
        paintObjects.settle();
        if (newest || wasMoving) show();
      }

      function release(ms?: number): void {
        const frame = newest;
        newest = undefined;
        if (frame) releaseFrame(frame, ms);
      }
    });
}

function cssColour(canvas: PaintableCanvas): string {
  const isElement = typeof HTMLCanvasElement !== 'undefined' && canvas instanceof HTMLCanvasElement;
  const colour = isElement ? getComputedStyle(canvas).color : '';
  return colour === '' ? 'black' : colour; // a canvas outside the document has none
}
