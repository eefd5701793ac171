import { scoped } from './scope.js';

/** Pyodide's proxy of Python's `bytes`, `bytearray` or `memoryview`. */
export interface BytesProxy {
  getBuffer(type: 'u8'): { readonly data: Uint8Array<ArrayBuffer>; release(): void };
}

/** The buffers that go with an answer: each array's bytes, copied once out of Python's memory. */
export interface AnswerBuffers {
  /** Forgets what an answer that was never sent has left. */
  begin(): void;
  /** Copies bytes that are too many for the scratch. */
  copy(i: number, bytes: BytesProxy): void;
  /** By the sizes that bridge.py noted: what was copied, and between it (−1) what lies in the scratch. */
  take(sizes: readonly number[]): ArrayBuffer[];
}

export function answerBuffers(scratch: BytesProxy): AnswerBuffers {
  let copied: ArrayBuffer[] = [];
  let view = scratch.getBuffer('u8');
  return {
    begin() {
      copied = [];
    },
    copy(i, bytes) {
      copied[i] = scoped((hold) => hold(bytes.getBuffer('u8')).data.slice().buffer);
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
