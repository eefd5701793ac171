import type { Observable, Subscription } from 'rxjs';
import { BootError, CrashError, DisposedError } from '../errors.js';
import type { EnvLog } from './env-log.js';
import type { EnvState, TakenState } from './env-state.js';
import type { RecoveryOptions } from './options.js';

export interface CheckpointPorts {
  /** Asks the env for its state, before all that users sent; `within`: how long that may take in ms, null for any time. */
  readonly take: (within: number | null) => Observable<TakenState>;
  /** True where a checkpoint can be taken at all. */
  readonly isUp: () => boolean;
  /** True in a moment in which no command is in flight or waits. */
  readonly isQuiet: () => boolean;
  /** There will be none, and why. */
  readonly onImpossible: (message: string) => void;
}

/** How much longer than it is due a checkpoint waits for a quiet moment. */
const patience = 4;
/** How long nothing is sent, in ms, before a checkpoint may take any time. */
const lull = 250;

/**
 * Decides when an env's state is taken, and takes it.
 *
 * A checkpoint is due after so many operations or so much time, and is taken in the next quiet moment, or, when there was
 * none for long, at once. One that could not be had (no state, or too late) is not tried again. One that would hold a
 * step up for too long waits until nothing is sent for a while.
 */
export class Checkpoints {
  #state: 'idle' | 'waiting' | 'taking' | 'impossible' = 'idle';
  #pause: ReturnType<typeof setTimeout> | undefined;
  #taking: Subscription | undefined;
  #latestAt = performance.now();
  #loggedAt = 0;
  /** How long the latest took, in ms. */
  #cost = 0;
  /** The latest was given up, since it took too long. */
  #isSlow = false;
  /** The latest was the env's own word, which nobody can prove. */
  #isOwnWord = false;

  constructor(
    private readonly log: EnvLog,
    private readonly ports: CheckpointPorts,
    private readonly options: Required<RecoveryOptions>,
  ) {}

  /** The env is new. */
  begin(): void {
    this.cancel();
    this.#state = 'idle';
    this.#latestAt = performance.now();
  }

  /** Something was logged: takes a checkpoint where one is due. */
  onLogged(): void {
    this.#loggedAt = performance.now();
    if (this.#state === 'taking' || this.#state === 'impossible') return;
    if (this.#isDue(patience) && !this.#isSlow) this.#take(false, this.options.stall);
    else if (this.#state === 'idle' && this.#isDue(1)) this.#wait(0);
  }

  /** Takes one ahead of all that users sent: the last operation may not replay to the same result. */
  now(): void {
    if (this.ports.isUp()) this.#take(false, null);
  }

  /** Takes one right behind the set-up, when the env may have no state yet. */
  afterSetUp(): void {
    this.#take(true, null);
  }

  /** The env is known to be in that state now. */
  setCheckpoint(state: EnvState): void {
    this.log.setCheckpoint(state);
    this.#latestAt = performance.now();
  }

  /** Cancels the one that waits or is on its way: it would hold an operation that is discarded. */
  cancel(): void {
    clearTimeout(this.#pause);
    this.#taking?.unsubscribe();
    if (this.#state !== 'impossible') this.#state = 'idle';
  }

  #isDue(times: number): boolean {
    const { every, ms } = this.options;
    if (this.log.problem !== undefined) return true;
    if (performance.now() - this.#latestAt < this.#cost / this.options.share) return false;
    // a replay is surer
    if (this.#isOwnWord && this.log.isWhole) return false;
    return this.log.sinceCheckpoint >= every * times || performance.now() - this.#latestAt >= ms * times;
  }

  /** Looks for a quiet moment, less often where the first was none. */
  #wait(pause: number): void {
    this.#state = 'waiting';
    this.#pause = setTimeout(() => {
      this.#state = 'idle';
      if (!this.ports.isUp() || !this.#isDue(1)) return;
      const isLull = performance.now() - this.#loggedAt >= lull;
      // the log would overflow
      const isUrgent = this.log.problem !== undefined || !this.log.hasRoom;
      if (!this.ports.isQuiet()) this.#wait(10);
      else if (isLull || isUrgent) this.#take(false, null);
      else if (this.#isSlow) this.#wait(lull);
      else this.#take(false, this.options.stall);
    }, pause);
  }

  #take(isEarly: boolean, within: number | null): void {
    if (this.#state === 'taking' || this.#state === 'impossible') return;
    clearTimeout(this.#pause);
    this.#state = 'taking';
    this.#taking = this.ports.take(within).subscribe({
      next: ({ state, isProved, ms }) => {
        this.#state = 'idle';
        this.#cost = ms;
        this.#isSlow = !state;
        this.#isOwnWord = !!state && !isProved;
        if (!state) this.onLogged();
        else if (isProved || !this.log.isWhole) this.setCheckpoint(state);
      },
      error: (error: unknown) => {
        // late once is late again; what cannot be had now cannot be had later
        this.#state = isEarly || diedOnIt(error) ? 'idle' : 'impossible';
        if (this.#state === 'impossible') this.ports.onImpossible((error as Error).message);
      },
    });
  }
}

const diedOnIt = (error: unknown): boolean =>
  error instanceof CrashError || error instanceof BootError || error instanceof DisposedError;
