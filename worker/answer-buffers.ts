import { interleaved, pixelBytes } from './pixel-bytes.js';
import type { BytesProxy } from './pyodide.js';
import { toRgba } from './rgba.js';
import { scoped } from './scope.js';

/** The buffers that go with an answer: each array's bytes, copied once out of Python's memory. */
export interface AnswerBuffers {
  /** Forgets what belonged to an answer that was never sent. */
  begin(): void;
  /** Copies an array that is too large for the scratch. */
  copy(i: number, bytes: BytesProxy): void;
  /** Copies pixels, as RGBA. Returns what is wrong with them, if anything is. */
  copyPixels(i: number, bytes: BytesProxy, layout: PixelLayout): string | undefined;
  /** Takes buffers of pixels that the page is done with, for the next pixels. */
  readonly recycle: (buffers: readonly ArrayBuffer[]) => void;
  /** The buffers in order. `sizes`: how many of the scratch's next bytes are an array's, or -1 for one that was copied. */
  take(sizes: readonly number[]): ArrayBuffer[];
}

/** How pixels lie in the bytes of an array. */
export interface PixelLayout {
  readonly channels: number;
  readonly dtype: string;
  /** The channels lie one behind another. */
  readonly isPlanar: boolean;
}

/** `scratch`: where the bridge puts the bytes of small arrays, one after another. */
export function answerBuffers(scratch: BytesProxy): AnswerBuffers {
  let copied: ArrayBuffer[] = [];
  let recycled: readonly ArrayBuffer[] = [];
  let view = scratch.getBuffer('u8');
  const bufferForPixels = (size: number): ArrayBuffer => {
    const found = recycled.find(({ byteLength }) => byteLength === size);
    recycled = recycled.filter((buffer) => buffer !== found);
    return found ?? new ArrayBuffer(size);
  };
  return {
    begin() {
      copied = [];
    },
    copy(i, bytes) {
      copied[i] = scoped((hold) => hold(bytes.getBuffer('u8')).data.slice().buffer);
    },
    copyPixels(i, bytes, { channels, dtype, isPlanar }) {
      return scoped((hold) => {
        const pixels = pixelBytes(hold(bytes.getBuffer('u8')).data, dtype);
        if (typeof pixels === 'string') return pixels;
        const target = bufferForPixels((pixels.length / channels) * 4);
        toRgba(isPlanar ? interleaved(pixels, channels) : pixels, channels, target);
        copied[i] = target;
        return undefined;
      });
    },
    recycle(buffers) {
      recycled = [...recycled, ...buffers].slice(-mostRecycled);
    },
    take(sizes) {
      if (!view.data.length) {
        // the wasm memory has grown, which empties every view of it
        view.release();
        view = scratch.getBuffer('u8');
      }
      let from = 0;
      return sizes.map((size, i) => {
        if (size >= 0) return view.data.slice(from, (from += size)).buffer;
        const buffer = copied[i];
        if (!buffer) throw new RangeError(`array ${i} of the answer was not copied`);
        return buffer;
      });
    },
  };
}

/** More are left to the garbage collector. */
const mostRecycled = 4;
