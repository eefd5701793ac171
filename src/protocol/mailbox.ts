const [asleep, looking, full] = [0, 1, 2];
const header = 8;
/** In UTF-16 units. */
const longest = 1024;

export const mailboxSize = header + 2 * longest;

/**
 * Shared memory for one short text. A worker that has just answered looks here for a moment: what the page puts in at
 * once is read without the operating system's having to wake a thread, which is most of what a message costs. The page's
 * side of it; each side is a class, so that a page has no more than its own.
 */
export class Mailbox {
  readonly #state: Int32Array;
  readonly #text: Uint16Array;

  constructor(buffer: SharedArrayBuffer) {
    this.#state = new Int32Array(buffer, 0, 2);
    this.#text = new Uint16Array(buffer, header);
  }

  /** False where nobody looks. */
  get isWatched(): boolean {
    return Atomics.load(this.#state, 0) === looking;
  }

  /** False where the text is too long, or nobody looks any more: then it was not taken. */
  put(text: string): boolean {
    if (!this.isWatched || text.length > longest) return false;
    for (let i = 0; i < text.length; i++) this.#text[i] = text.charCodeAt(i);
    this.#state[1] = text.length;
    return Atomics.compareExchange(this.#state, 0, looking, full) === looking;
  }

  /** Makes the worker stop looking, so that it can receive a message. */
  callOff(): void {
    Atomics.compareExchange(this.#state, 0, looking, asleep);
  }
}

/** The worker's side. */
export class MailboxWatch {
  readonly #state: Int32Array;
  readonly #text: Uint16Array;

  constructor(buffer: SharedArrayBuffer) {
    this.#state = new Int32Array(buffer, 0, 2);
    this.#text = new Uint16Array(buffer, header);
  }

  /** Looks for a text for so many ms; undefined where none came, null where it was called off. */
  look(ms: number): string | null | undefined {
    const end = performance.now() + ms;
    Atomics.store(this.#state, 0, looking);
    do {
      for (let i = 0; i < 100; i++) if (Atomics.load(this.#state, 0) !== looking) return this.#take();
    } while (performance.now() < end);
    return Atomics.compareExchange(this.#state, 0, looking, asleep) === looking ? undefined : this.#take();
  }

  #take(): string | null {
    if (Atomics.load(this.#state, 0) !== full) return null;
    const text = String.fromCharCode(...this.#text.subarray(0, this.#state[1]));
    Atomics.store(this.#state, 0, asleep);
    return text;
  }
}
