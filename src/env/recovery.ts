import type { ReplayEntry } from '../protocol/messages.js';
import type { EnvState } from './state.js';

/** How an env is brought back after its interpreter died. */
export interface RecoveryOptions {
  /** Operations between two checkpoints; a whole number from 1. Default 250. */
  readonly every?: number;
  /** The longest time in ms between two checkpoints of an env that is stepped; above 0. Default 2,000. */
  readonly ms?: number;
  /**
   * How many operations the log holds; a whole number from 1. Default 20,000. Only an env whose state can be neither
   * asked for nor pickled, and so has no checkpoints, comes near: beyond, it cannot be brought back, only set up afresh.
   */
  readonly log?: number;
}

/**
 * What is needed to bring an env back to its last acknowledged operation: the latest checkpoint, and the log of what was
 * acknowledged since. Bounded: a log that overflows is given up, and with it the way back until the next checkpoint.
 */
export class Recovery {
  #checkpoint: EnvState | undefined;
  #log: ReplayEntry[] = [];
  #problem: string | undefined;
  #hasCheckpoints = true;
  #isTaking = false;
  #since = performance.now();

  constructor(
    private readonly every: number,
    private readonly ms: number,
    private readonly limit: number,
  ) {}

  /** Why the way back is lost, where it is. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** The way back. */
  get way(): { readonly checkpoint: EnvState | undefined; readonly log: readonly ReplayEntry[] } {
    return { checkpoint: this.#checkpoint, log: this.#log };
  }

  /** Notes what was acknowledged. */
  note(entry: ReplayEntry): void {
    if (this.#log.length >= this.limit) {
      this.giveUp('the log is full and no checkpoint could be taken: see recovery.log');
    }
    if (this.#problem === undefined) this.#log.push(entry);
  }

  /** There is no way back from now on, until the next checkpoint. */
  giveUp(problem: string): void {
    this.#problem = problem;
    this.#log = [];
  }

  /** False where there are none, and while one is on its way. */
  get wantsCheckpoint(): boolean {
    return this.#hasCheckpoints && !this.#isTaking;
  }

  /** True when a checkpoint should be taken in a quiet moment, or, having waited for one in vain, now. */
  isDue(when: 'soon' | 'now'): boolean {
    if (!this.wantsCheckpoint) return false;
    if (this.#problem !== undefined) return true;
    const patience = when === 'now' ? 4 : 1;
    return this.#log.length >= this.every * patience || performance.now() - this.#since >= this.ms * patience;
  }

  /** A checkpoint is on its way. */
  taking(): void {
    this.#isTaking = true;
  }

  /** It came: all that was acknowledged before is in it. Undefined: it could not be taken, and never will be. */
  took(state: EnvState | undefined): void {
    this.#isTaking = false;
    if (!state) {
      this.#hasCheckpoints = false;
      return;
    }
    this.#checkpoint = state;
    this.#clear();
  }

  /** Its worker died before it came. */
  missed(): void {
    this.#isTaking = false;
  }

  /** The env is new: there is nothing to go back to. */
  begin(): void {
    this.#checkpoint = undefined;
    this.#isTaking = false;
    this.#clear();
  }

  #clear(): void {
    this.#log = [];
    this.#problem = undefined;
    this.#since = performance.now();
  }
}
