/** One timer for deadline after deadline: it is set anew only where it would ring too late, which is seldom. */
export class DeadlineTimer {
  #timer: ReturnType<typeof setTimeout> | undefined;
  #ringsAt = Infinity;
  #dueAt = Infinity;
  #onDue: () => void = () => undefined;

  /** Calls `onDue` after so many ms, in place of what was set before. `Infinity` is never. */
  set(ms: number, onDue: () => void): void {
    this.#dueAt = performance.now() + ms;
    this.#onDue = onDue;
    this.#ringAt(this.#dueAt);
  }

  /** Nothing is due any more; the timer may go on for the next. */
  clear(): void {
    this.#dueAt = Infinity;
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#ringsAt = Infinity;
    this.clear();
  }

  #ringAt(time: number): void {
    if (time >= this.#ringsAt) return;
    clearTimeout(this.#timer);
    this.#ringsAt = time;
    this.#timer = setTimeout(
      () => {
        this.#ringsAt = Infinity;
        if (performance.now() >= this.#dueAt) this.#onDue();
        else this.#ringAt(this.#dueAt);
      },
      Math.ceil(time - performance.now()),
    );
  }
}
