import { Subject, defer, finalize, type Observable } from 'rxjs';
import { leaseFrame } from './frame-lease.js';
import type { FrameOptions, RenderOptions } from './spec.js';
import type { Frame } from './step.js';

/** What an env shows: decides which steps are rendered, hands frames out, and takes their buffers back. */
export class FrameStream {
  /** Only observes; while nobody does, nothing is rendered. */
  readonly frames$: Observable<Frame>;

  readonly #frames$ = new Subject<Frame>();
  readonly #every: number;
  /** The shortest time between two frames, in ms. */
  readonly #pause: number;
  readonly #inFlight: number;
  #stepsSinceReset = 0;
  #renderedAt = -Infinity;
  /** How many watch, and how many frames they hold. */
  #watchers = 0;
  #held = 0;
  #paintMs: number | null = null;

  constructor(
    { every = 1, fps = Infinity }: RenderOptions = {},
    { inFlight = 2 }: FrameOptions = {},
    private readonly recycle: (buffer: ArrayBuffer) => void,
  ) {
    this.#every = every;
    this.#pause = 1000 / fps;
    this.#inFlight = inFlight;
    this.frames$ = defer(() => {
      this.#watchers += 1;
      return this.#frames$.pipe(finalize(() => (this.#watchers -= 1)));
    });
  }

  get isWatched(): boolean {
    return this.#watchers > 0;
  }

  onReset(): void {
    this.#stepsSinceReset = 0;
  }

  /** Counts the steps that come, and decides whether a frame is rendered after the last of them. */
  isDue(steps = 1): boolean {
    const sinceFrame = this.#stepsSinceReset % this.#every;
    this.#stepsSinceReset += steps;
    if (!this.isWatched || sinceFrame + steps < this.#every || this.#held >= this.#inFlight) return false;
    if (this.#pause === 0) return true;
    const now = performance.now();
    const since = now - this.#renderedAt;
    // ticks come a little early and a little late: a tenth of a pause is near enough
    if (since < 0.9 * this.#pause) return false;
    // in step with the one before, unless there was a break
    this.#renderedAt = since < 2 * this.#pause ? this.#renderedAt + this.#pause : now;
    return true;
  }

  /** So many of the steps that were to come did not. */
  notTaken(steps: number): void {
    this.#stepsSinceReset = Math.max(0, this.#stepsSinceReset - steps);
  }

  /** `holders`: how many have the frame beside those who watch. */
  show(frame: Frame, holders = 0): void {
    const painted = this.#paintMs ?? 0;
    const begun = performance.now();
    leaseFrame(frame, {
      watchers: this.#watchers + holders,
      onHold: () => (this.#held += 1),
      onFree: (ms) => {
        this.#held -= 1;
        this.#paintMs = (this.#paintMs ?? 0) + ms;
      },
      onEnd: () => {
        if (frame.kind === 'pixels') this.recycle(frame.data.buffer as ArrayBuffer);
      },
    });
    this.#frames$.next(frame);
    // what was painted at once is in this
    this.#paintMs = painted + performance.now() - begun;
  }

  /** How long those who watch took for frames since the last call, in ms; null where there was no frame. */
  takePaintMs(): number | null {
    const ms = this.#paintMs;
    this.#paintMs = null;
    return ms;
  }

  complete(): void {
    this.#frames$.complete();
  }
}
