import { Subject, defer, finalize, map, type Observable } from 'rxjs';
import { leaseFrame, shareLease } from './frame-lease.js';
import { fold, mostObjects, type Scene } from './scene.js';
import type { FrameOptions, RenderOptions } from './spec.js';
import type { Frame, ObjectFrame } from './step.js';

/** What an env has shown of an episode: what it takes as known to those who watch. */
export interface Shown {
  readonly episode: number;
  readonly objects: Scene;
}

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
  #shown: Shown = { episode: 0, objects: [] };
  /** Those who watch have another scene. */
  #isNew = false;
  /** The latest frame of objects, for one who has not seen those before it. */
  #whole: ObjectFrame | undefined;

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
      let isLate = true;
      const seen = (frame: Frame): Frame => {
        if (!isLate || frame.kind !== 'objects') return frame;
        isLate = false;
        return shareLease(frame, this.#whole ?? frame);
      };
      return this.#frames$.pipe(
        map(seen),
        finalize(() => (this.#watchers -= 1)),
      );
    });
  }

  get isWatched(): boolean {
    return this.#watchers > 0;
  }

  onReset(): void {
    this.#stepsSinceReset = 0;
  }

  /** The env is in that episode, whether or not it was shown: each begins with an empty scene. */
  onEpisode(episode: number): void {
    if (episode !== this.#shown.episode) this.shown = { episode, objects: [] };
  }

  get shown(): Shown {
    return this.#shown;
  }

  /** The env is back where it had shown that: the next frame tells all of it. */
  set shown(shown: Shown) {
    this.#shown = shown;
    this.#isNew = true;
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

  /** `holders`: how many have the frame beside those who watch. Returns it as they get it. */
  show(rendered: Frame, holders = 0): Frame {
    const frame = rendered.kind === 'objects' ? this.#follow(rendered) : rendered;
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
    return frame;
  }

  #follow(frame: ObjectFrame): ObjectFrame {
    const { episode, objects: before } = this.#shown;
    const objects = fold(before, frame, mostObjects);
    this.#shown = { episode, objects };
    this.#whole = before.length > 0 ? { kind: 'objects', objects, delta: false, removed: [], first: true } : frame;
    if (!this.#isNew) return frame;
    this.#isNew = false;
    this.#whole = { ...this.#whole, first: true };
    return this.#whole;
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
