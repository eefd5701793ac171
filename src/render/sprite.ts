import type { DrawableObject } from '../env/step.js';
import type { Context2D } from './canvas.js';
import { number, place, size, text, type Extent, type Point } from './fields.js';

/** Images by the `image_name` of sprites. */
export type Images = Readonly<Record<string, CanvasImageSource>>;

/** The size of a sprite that has neither a size nor an image, as a share of the canvas. */
const placeholderShare = 0.05;

/** Draws a sprite's image, or an outline while there is none. */
export function drawSprite(context: Context2D, object: DrawableObject, extent: Extent, images: Images): void {
  const name = text(object, 'image_name') ?? '';
  const image = Object.hasOwn(images, name) ? images[name] : undefined;
  const usable = image !== undefined && isLoaded(image) ? image : undefined;
  const [width, height] = size(object, extent) ??
    (usable && naturalSize(usable)) ?? [extent.width * placeholderShare, extent.height * placeholderShare];

  context.translate(...place(object, extent));
  context.rotate((number(object, 'angle') * Math.PI) / 180);
  if (usable) return context.drawImage(usable, 0, 0, width, height);
  context.strokeStyle = '#888888';
  context.lineWidth = 1;
  context.strokeRect(0, 0, width, height);
}

// drawImage throws for an image that could not be loaded, and draws nothing for one that is loading.
// https://html.spec.whatwg.org/multipage/canvas.html#check-the-usability-of-the-image-argument
function isLoaded(image: CanvasImageSource): boolean {
  return !('naturalWidth' in image) || (image.complete && image.naturalWidth > 0);
}

function naturalSize(image: CanvasImageSource): Point | undefined {
  if ('naturalWidth' in image) return [image.naturalWidth, image.naturalHeight];
  if ('videoWidth' in image) return [image.videoWidth, image.videoHeight];
  const { width, height } = image as { readonly width: unknown; readonly height: unknown };
  return typeof width === 'number' && typeof height === 'number' ? [width, height] : undefined;
}
