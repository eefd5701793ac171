import type { BytesProxy } from './pyodide.js';
import { toRgba } from './rgba.js';
import { scoped } from './scope.js';

/** The buffers that go with an answer: each array's bytes, copied once out of Python's memory. */
export interface AnswerBuffers {
  /** Forgets what belonged to an answer that was never sent. */
  begin(): void;
  /** Copies an array that is too large for the scratch; with `channels`, pixels as RGBA. */
  copy(i: number, bytes: BytesProxy, channels?: number): void;
  /** Takes buffers of pixels that the page is done with, for the next pixels. */
  readonly recycle: (buffers: readonly ArrayBuffer[]) => void;
  /** The buffers in order. `sizes`: how many of the scratch's next bytes are an array's, or -1 for one that was copied. */
  take(sizes: readonly number[]): ArrayBuffer[];
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
    copy(i, bytes, channels) {
      copied[i] = scoped((hold) => {
        const { data } = hold(bytes.getBuffer('u8'));
        if (channels === undefined) return data.slice().buffer;
        const target = bufferForPixels((data.length / channels) * 4);
        toRgba(data, channels, target);
        return target;
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
