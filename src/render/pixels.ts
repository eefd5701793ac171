import { UsageError } from '../errors.js';
import type { PixelFrame } from '../env/step.js';
import type { Context2D, PaintableCanvas } from './canvas.js';

const opaque = 0xff000000;

/**
 * Paints pixel frames, right side up, one frame pixel a canvas pixel: the canvas takes the frame's size, when that
 * changes. The one ImageData is used again for frames of the same size.
 */
export function pixelPainter(canvas: PaintableCanvas, context: Context2D): (frame: PixelFrame) => void {
  let image: ImageData | undefined;
  return (frame) => {
    check(frame);
    const { width, height } = frame;
    // Setting a canvas's size, even to the same, clears it and throws its buffer away.
    if (canvas.width !== width) canvas.width = width;
    if (canvas.height !== height) canvas.height = height;
    const own = ownImage(frame);
    if (own) {
      context.putImageData(own, 0, 0);
      return;
    }
    if (image?.width !== width || image.height !== height) image = context.createImageData(width, height);
    fill(image, frame);
    context.putImageData(image, 0, 0);
  };
}

/** RGBA needs no copy. */
function ownImage({ width, height, channels, data }: PixelFrame): ImageData | undefined {
  if (channels !== 4 || typeof ImageData === 'undefined' || !(data.buffer instanceof ArrayBuffer)) return undefined;
  return new ImageData(new Uint8ClampedArray(data.buffer, data.byteOffset, data.length), width, height);
}

function check({ width, height, channels, data }: PixelFrame): void {
  const whole = (size: number) => Number.isInteger(size) && size > 0;
  if (!whole(width) || !whole(height))
    throw new UsageError('frame', 'a width and height of at least one pixel', `${width} × ${height}`);
  if (![1, 3, 4].includes(channels))
    throw new UsageError('frame.channels', '1 (grey), 3 (RGB) or 4 (RGBA)', String(channels));
  const length = width * height * channels;
  if (data.length !== length)
    throw new UsageError('frame.data', `${width} × ${height} × ${channels} = ${length} bytes`, `${data.length}`);
}

function fill({ data: target }: ImageData, { channels, data }: PixelFrame): void {
  if (channels === 4) return target.set(data);
  // Four bytes at a stroke are some three times as fast as one after another. Red is the lowest byte: every machine
  // that runs WebAssembly in a browser is little-endian.
  const words = new Uint32Array(target.buffer, target.byteOffset, target.length / 4);
  if (channels === 1) for (let i = 0; i < words.length; i++) words[i] = opaque | (at(data, i) * 0x010101);
  else
    for (let i = 0, j = 0; i < words.length; i++, j += 3)
      words[i] = opaque | (at(data, j + 2) << 16) | (at(data, j + 1) << 8) | at(data, j);
}

const at = (data: Uint8Array, index: number): number => data[index] ?? 0; // never 0 for want of one: the length was checked
