import type { DrawableObject } from '../env/step.js';
import type { Cut } from './atlas.js';
import type { Context2D } from './canvas.js';
import { number, place, size, type Extent } from './fields.js';
import { naturalSize, type Picture } from './images.js';

/** The size of a sprite that has neither a size nor an image, as a share of the canvas. */
const placeholderShare = 0.05;

/** Draws a sprite's picture, or an outline while there is none. */
export function drawSprite(context: Context2D, object: DrawableObject, extent: Extent, picture?: Picture): void {
  const [width, height] = size(object, extent) ??
    (picture && ownSize(picture)) ?? [extent.width * placeholderShare, extent.height * placeholderShare];

  context.translate(...place(object, extent));
  context.rotate((number(object, 'angle') * Math.PI) / 180);
  if (picture?.cut) return drawCut(context, picture.image, picture.cut, width, height);
  if (picture) return context.drawImage(picture.image, 0, 0, width, height);
  context.strokeStyle = '#888888';
  context.lineWidth = 1;
  context.strokeRect(0, 0, width, height);
}

function ownSize({ image, cut }: Picture): readonly [width: number, height: number] | undefined {
  return cut ? [cut.whole.w, cut.whole.h] : naturalSize(image);
}

/** Draws a cut so that the whole of it, with what was trimmed off, has this size. */
function drawCut(context: Context2D, image: CanvasImageSource, cut: Cut, width: number, height: number): void {
  const { box, rotated, whole } = cut;
  const [acrossX, acrossY] = [width / whole.w, height / whole.h];
  const [x, y, w, h] = [cut.x * acrossX, cut.y * acrossY, box.w * acrossX, box.h * acrossY];
  if (!rotated) return context.drawImage(image, box.x, box.y, box.w, box.h, x, y, w, h);
  // turned back about its lower left corner
  context.translate(x, y + h);
  context.rotate(-Math.PI / 2);
  context.drawImage(image, box.x, box.y, box.h, box.w, 0, 0, h, w);
}
