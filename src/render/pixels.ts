import { check } from '../check.js';
import type { PixelFrame } from '../env/step.js';
import type { Context2D, PaintableCanvas } from './canvas.js';

const opaque = 0xff000000;

/**
 * Paints pixel frames upright, one frame pixel to one canvas pixel: the canvas takes the frame's size. One ImageData is
 * reused while the size stays.
 */
export function pixelPainter(canvas: PaintableCanvas, context: Context2D): (frame: PixelFrame) => void {
  let image: ImageData | undefined;
  return (frame) => {
    checkFrame(frame);
    const { width, height } = frame;
    // Setting a canvas's size, even to the same value, clears it.
    // https://html.spec.whatwg.org/multipage/canvas.html#attr-canvas-width
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

/** An ImageData on the frame's own bytes, where they are RGBA: nothing is copied. */
function ownImage({ width, height, channels, data }: PixelFrame): ImageData | undefined {
  if (channels !== 4 || typeof ImageData === 'undefined' || !(data.buffer instanceof ArrayBuffer)) return undefined;
  return new ImageData(new Uint8ClampedArray(data.buffer, data.byteOffset, data.length), width, height);
}

function checkFrame({ width, height, channels, data }: PixelFrame): void {
  const isWhole = (size: number) => Number.isInteger(size) && size > 0;
  const areWhole = isWhole(width) && isWhole(height);
  check('frame', `${width} × ${height}`, 'a width and height of at least one pixel', areWhole);
  check('frame.channels', channels, '1 (grey), 3 (RGB) or 4 (RGBA)', [1, 3, 4].includes(channels));
  const length = width * height * channels;
  check('frame.data', data.length, `${width} × ${height} × ${channels} = ${length} bytes`, data.length === length);
}

function fill({ data: target }: ImageData, { channels, data }: PixelFrame): void {
  if (channels === 4) return target.set(data);
  // Writing four bytes at once is about three times as fast. Red is the lowest byte: machines that run WebAssembly in a
  // browser are little-endian.
  const words = new Uint32Array(target.buffer, target.byteOffset, target.length / 4);
  if (channels === 1) for (let i = 0; i < words.length; i++) words[i] = opaque | (at(data, i) * 0x010101);
  else
    for (let i = 0, j = 0; i < words.length; i++, j += 3)
      words[i] = opaque | (at(data, j + 2) << 16) | (at(data, j + 1) << 8) | at(data, j);
}

const at = (data: Uint8Array, index: number): number => data[index] ?? 0; // always there: the length was checked
