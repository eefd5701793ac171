import { toRgba } from './rgba.js';
import { scoped } from './scope.js';

/** Pyodide's proxy of Python's `bytes`, `bytearray` or `memoryview`. */
export interface BytesProxy {
  getBuffer(type: 'u8'): { readonly data: Uint8Array<ArrayBuffer>; release(): void };
}

/** The buffers that go with an answer: each array's bytes, copied once out of Python's memory. */
export interface AnswerBuffers {
  /** Forgets what an answer that was never sent has left. */
  begin(): void;
  /** Copies bytes that are too many for the scratch, or, with their channels, pixels as RGBA. */
  copy(i: number, bytes: BytesProxy, channels?: number): void;
  /** Takes back buffers of pixels, to be used for the next. */
  readonly reuse: (buffers: readonly ArrayBuffer[]) => void;
  /** By the sizes that the bridge noted: what was copied, and between it (−1) what lies in the scratch. */
  take(sizes: readonly number[]): ArrayBuffer[];
}

export function answerBuffers(scratch: BytesProxy): AnswerBuffers {
  let copied: ArrayBuffer[] = [];
  let spare: readonly ArrayBuffer[] = [];
  let view = scratch.getBuffer('u8');
  /** One that was given back, whose memory is there already, or a new one. */
  const pixels = (size: number): ArrayBuffer => {
    const found = spare.find(({ byteLength }) => byteLength === size);
    spare = spare.filter((buffer) => buffer !== found);
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
        const target = pixels((data.length / channels) * 4);
        toRgba(data, channels, target);
        return target;
      });
    },
    reuse(buffers) {
      spare = [...spare, ...buffers].slice(-mostSpare);
    },
    take(sizes) {
      if (!view.data.length) {
        // the heap has grown, and what was seen of it before is empty
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

/** Of frames that came back before they were needed; others are left to the garbage collector. */
const mostSpare = 4;
