import { fold, type Scene } from '../env/scene.js';
import type { DrawableObject, ObjectFrame } from '../env/step.js';
import { clear, type Context2D, type PaintableCanvas } from './canvas.js';
import { number, text, type Extent } from './fields.js';
import { findPicture, type Images } from './images.js';
import { shapes } from './shapes.js';
import { drawSprite } from './sprite.js';
import { Tweens } from './tweens.js';

/** Something of an object that cannot be painted. The rest is. */
export interface PaintProblem {
  /** An unknown `object_type`, an `image_name` without a loaded image, or a `frame` that its image has not. */
  readonly kind: 'object_type' | 'image' | 'frame';
  /** What cannot be painted: the type, the image's name, or `image/frame`. */
  readonly name: string;
  /** For people to read: what is missing, and what is there. */
  readonly message: string;
}

export interface ObjectPainterConfig {
  readonly images: Images;
  readonly objectLimit: number;
  readonly background: string | undefined;
  readonly pixelated: boolean;
  readonly tween: boolean;
  readonly onProblem: (problem: PaintProblem) => void;
}

/** At most this many problems are told: Python may send a new type with every frame. */
const problemLimit = 20;

export interface ObjectPainter {
  /** Folds a frame into the scene. */
  take(frame: ObjectFrame): void;
  /** Paints the scene at the canvas's own size. */
  draw(): void;
  /** True where an object that was painted was on its way to its place. */
  isMoving(): boolean;
  /** Puts all objects at their places. */
  settle(): void;
}

export function objectPainter(
  canvas: PaintableCanvas,
  context: Context2D,
  { images, objectLimit, background, pixelated, tween, onProblem }: ObjectPainterConfig,
): ObjectPainter {
  let scene: Scene = [];
  const tweens = new Tweens();
  const told = new Set<string>();
  let moving = false;

  const draw = (): void => {
    const extent = { width: canvas.width, height: canvas.height };
    const now = performance.now();
    moving = tweens.areUnderWay(now);
    clear(context, extent.width, extent.height, background);
    for (const object of [...scene].sort((a, b) => number(a, 'depth') - number(b, 'depth'))) {
      context.save();
      context.globalAlpha = Math.min(1, Math.max(0, number(object, 'alpha', 1)));
      const offset = tweens.offset(object, now);
      if (offset) context.translate(offset[0] * extent.width, offset[1] * extent.height);
      drawObject(object, extent);
      context.restore();
    }
  };
  return {
    take(frame) {
      const before = frame.first ? [] : scene;
      scene = fold(scene, frame, objectLimit);
      if (tween) tweens.take(before, scene, frame, performance.now());
    },
    draw,
    isMoving: () => moving,
    settle() {
      tweens.end();
      moving = false;
    },
  };

  function drawObject(object: DrawableObject, extent: Extent): void {
    const { object_type: type } = object;
    if (type === 'sprite') {
      const found = findPicture(images, text(object, 'image_name') ?? '', object['frame']);
      if (pixelated) context.imageSmoothingEnabled = false;
      if (found && 'kind' in found) tellOnce(found);
      drawSprite(context, object, extent, found && 'image' in found ? found : undefined);
    } else if (Object.hasOwn(shapes, type)) shapes[type]?.(context, object, extent);
    else {
      const message = `rxgym paints no '${type}' objects; it knows sprite, ${Object.keys(shapes).join(', ')}`;
      tellOnce({ kind: 'object_type', name: type, message });
    }
  }

  function tellOnce(problem: PaintProblem): void {
    const key = `${problem.kind} ${problem.name}`;
    if (told.has(key) || told.size >= problemLimit) return;
    told.add(key);
    onProblem(problem);
  }
}
