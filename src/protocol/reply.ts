const [idle, asked, answered, refused] = [0, 1, 2, 3];
const header = 8;

/** In UTF-16 units. */
export const longestReply = 16_384;
export const replySize = header + 2 * longestReply;

/** What came of a question: the answer, or why there is none. */
export type Reply = { readonly text: string } | { readonly problem: string };

/** Shared memory for what the page replies while Python waits in `input()`, and hence hears no message: the page's side. */
export class ReplyBox {
  readonly #state: Int32Array;
  readonly #text: Uint16Array;

  constructor(buffer: SharedArrayBuffer) {
    this.#state = new Int32Array(buffer, 0, 2);
    this.#text = new Uint16Array(buffer, header);
  }

  /** Replies to the question. A text that is too long must not come here. */
  reply(reply: Reply): void {
    const isAnswer = 'text' in reply;
    const text = isAnswer ? reply.text : reply.problem.slice(0, longestReply);
    for (let i = 0; i < text.length; i++) this.#text[i] = text.charCodeAt(i);
    this.#state[1] = text.length;
    Atomics.compareExchange(this.#state, 0, asked, isAnswer ? answered : refused);
    this.wake();
  }

  /** Makes the worker look up, for instance at an interrupt. */
  wake(): void {
    Atomics.notify(this.#state, 0);
  }
}

/** The worker's side. */
export class ReplyWait {
  readonly #state: Int32Array;
  readonly #text: Uint16Array;

  constructor(buffer: SharedArrayBuffer) {
    this.#state = new Int32Array(buffer, 0, 2);
    this.#text = new Uint16Array(buffer, header);
  }

  /** A question is about to be asked. */
  open(): void {
    Atomics.store(this.#state, 0, asked);
  }

  /** Waits so many ms at most. Undefined where the page has not replied yet. */
  wait(ms: number): Reply | undefined {
    Atomics.wait(this.#state, 0, asked, ms);
    const state = Atomics.load(this.#state, 0);
    if (state === asked) return undefined;
    const text = String.fromCharCode(...this.#text.subarray(0, this.#state[1]));
    return state === answered ? { text } : { problem: text };
  }

  /** It does not wait any more. */
  close(): void {
    Atomics.store(this.#state, 0, idle);
  }
}
