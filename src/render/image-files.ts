import { ImageError, type UsageError } from '../errors.js';
import { cutsOf, type Atlas } from './atlas.js';

const svg = 'image/svg+xml';

/** A file's bytes. The errors say for which image it was. */
export async function download(image: string, url: string, signal: AbortSignal): Promise<Blob> {
  let response: Response;
  try {
    response = await fetch(url, { signal });
    if (response.ok) return await response.blob();
  } catch (cause) {
    const problem = 'it could not be fetched; check the address, and that a server of another origin allows it (CORS)';
    throw new ImageError(image, url, 'network', problem, { cause });
  }
  const { status, statusText } = response;
  throw new ImageError(
    image,
    url,
    'status',
    `the server answered ${`${status} ${statusText}`.trim()}; check the address`,
  );
}

export async function decodeImage(image: string, url: string, blob: Blob): Promise<CanvasImageSource> {
  try {
    return await (blob.type === svg && typeof Image !== 'undefined' ? decodeVector(blob) : createImageBitmap(blob));
  } catch (cause) {
    throw new ImageError(image, url, 'decode', `it does not decode as an image; it came as ${contentOf(blob)}`, {
      cause,
    });
  }
}

// createImageBitmap takes no SVG file: https://html.spec.whatwg.org/multipage/imagebitmap-and-animations.html
async function decodeVector(blob: Blob): Promise<CanvasImageSource> {
  const image = new Image();
  image.src = URL.createObjectURL(blob);
  try {
    await image.decode();
  } finally {
    URL.revokeObjectURL(image.src);
  }
  return image;
}

export async function decodeAtlas(image: string, url: string, blob: Blob): Promise<Atlas> {
  let json: Atlas;
  try {
    json = JSON.parse(await blob.text()) as Atlas;
  } catch (cause) {
    throw new ImageError(image, url, 'json', `it is not JSON; it came as ${contentOf(blob)}`, { cause });
  }
  try {
    cutsOf('the atlas', json);
  } catch (cause) {
    throw new ImageError(image, url, 'atlas', (cause as UsageError).message, { cause });
  }
  return json;
}

/** Gives the memory of an image back at once, where that is possible. */
export function free(image: CanvasImageSource): void {
  (image as Partial<ImageBitmap>).close?.();
}

const contentOf = ({ type, size }: Blob): string => `${type || 'a file of no type'}, ${size} bytes`;
