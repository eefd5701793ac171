import type { ObjectFrame } from '../env/step.js';
import { clear, type Context2D, type PaintableCanvas } from './canvas.js';
import { number } from './fields.js';
import { fold, type Scene } from './scene.js';
import { shapes } from './shapes.js';
import { drawSprite, type Images } from './sprite.js';

export interface ObjectPainterConfig {
  readonly images: Images;
  readonly objectLimit: number;
  readonly background: string | undefined;
}

/** At most this many object types are warned of: Python may send a new type with every frame. */
const warningLimit = 20;

export interface ObjectPainter {
  /** Folds a frame into the scene. */
  take(frame: ObjectFrame): void;
  /** Paints the scene at the canvas's own size. */
  draw(): void;
}

export function objectPainter(
  canvas: PaintableCanvas,
  context: Context2D,
  { images, objectLimit, background }: ObjectPainterConfig,
): ObjectPainter {
  let scene: Scene = [];
  const warned = new Set<string>();

  const draw = (): void => {
    const extent = { width: canvas.width, height: canvas.height };
    clear(context, extent.width, extent.height, background);
    for (const object of [...scene].sort((a, b) => number(a, 'depth') - number(b, 'depth'))) {
      const { object_type: type } = object;
      context.save();
      context.globalAlpha = Math.min(1, Math.max(0, number(object, 'alpha', 1)));
      if (type === 'sprite') drawSprite(context, object, extent, images);
      else if (Object.hasOwn(shapes, type)) shapes[type]?.(context, object, extent);
      else warnOnce(type);
      context.restore();
    }
  };
  return {
    take(frame) {
      scene = fold(scene, frame, objectLimit);
    },
    draw,
  };

  function warnOnce(type: string): void {
    if (warned.has(type) || warned.size >= warningLimit) return;
    warned.add(type);
    console.warn(`rxgym paints no '${type}' objects; it knows sprite, ${Object.keys(shapes).join(', ')}`);
  }
}
