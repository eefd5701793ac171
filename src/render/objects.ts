import type { ObjectFrame } from '../env/step.js';
import { clear, type Context2D, type PaintableCanvas } from './canvas.js';
import { number } from './fields.js';
import { fold, type Picture } from './scene.js';
import { shapes } from './shapes.js';
import { drawSprite, type Images } from './sprite.js';

export interface ObjectPainterConfig {
  readonly images: Images;
  readonly objectLimit: number;
  readonly background: string | undefined;
}

/** How many object types are warned of at most: Python may make up a new one for every frame. */
const warningLimit = 20;

/** Paints object frames at the canvas's own size, folding each into the picture so far. */
export function objectPainter(
  canvas: PaintableCanvas,
  context: Context2D,
  { images, objectLimit, background }: ObjectPainterConfig,
): (frame: ObjectFrame) => void {
  let picture: Picture = [];
  const warned = new Set<string>();

  return (frame) => {
    picture = fold(picture, frame, objectLimit);
    const extent = { width: canvas.width, height: canvas.height };
    clear(context, extent.width, extent.height, background);
    for (const object of [...picture].sort((a, b) => number(a, 'depth') - number(b, 'depth'))) {
      const { object_type: type } = object;
      context.save();
      context.globalAlpha = Math.min(1, Math.max(0, number(object, 'alpha', 1)));
      if (type === 'sprite') drawSprite(context, object, extent, images);
      else if (Object.hasOwn(shapes, type)) shapes[type]?.(context, object, extent);
      else warnOnce(type);
      context.restore();
    }
  };

  function warnOnce(type: string): void {
    if (warned.has(type) || warned.size >= warningLimit) return;
    warned.add(type);
    console.warn(`rxgym paints no '${type}' objects; it knows sprite, ${Object.keys(shapes).join(', ')}`);
  }
}
