import type { EnvOperation, LoggedEnvOperation, LoggedMainOperation, Result } from '../protocol/operations.js';
import type { Packed } from '../protocol/pack.js';
import type { Checkpoint, History } from './history.js';
import type { EnvState } from './env-state.js';

/** What an env's part needs of the whole log. */
export interface MainLog {
  /** What was acknowledged in `__main__`, in order. */
  readonly main: readonly LoggedMainOperation[];
  /** The globals that every interpreter begins with; null for none. */
  readonly initialGlobals: Packed | null;
  nextSequence(): number;
  /** Drops what no recovery needs any more. */
  compact(): void;
}

/**
 * The part of the log that is an env's: what was acknowledged since its checkpoint, or else since its set-up. Bounded: a
 * log that overflows is given up, and with it the recovery, until the next checkpoint.
 */
export class EnvLog {
  #operations: LoggedEnvOperation[] = [];
  #setUpAt = Infinity;
  #checkpoint: Checkpoint | undefined;
  /** How many operations of `__main__` there were since {@link replayFrom}. */
  #ofMain = 0;
  #problem: string | undefined;

  constructor(
    private readonly log: MainLog,
    /** How many operations it holds. */
    private readonly limit: number,
  ) {}

  /** Why the env cannot be recovered; undefined where it can. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** How many operations were logged since {@link replayFrom}. What came before may have to be replayed, too. */
  get sinceCheckpoint(): number {
    return this.#operations.length + this.#ofMain;
  }

  get setUpAt(): number {
    return this.#setUpAt;
  }

  /** The sequence of the checkpoint, or else of the set-up; `Infinity` before it, or where the env cannot be recovered. */
  get replayFrom(): number {
    return this.#problem === undefined ? (this.#checkpoint?.at ?? this.#setUpAt) : Infinity;
  }

  /** The env is new: nothing of it is to be recovered. */
  begin(): void {
    this.#setUpAt = Infinity;
    this.#checkpoint = undefined;
    this.#clear();
  }

  /** The set-up was acknowledged. */
  wasSetUp(): void {
    this.#setUpAt = this.log.nextSequence();
  }

  /** Appends what was acknowledged, with its result. */
  append(operation: EnvOperation, result: Result): void {
    const sequence = this.log.nextSequence();
    this.#makeRoom();
    if (this.#problem === undefined) this.#operations.push({ ...operation, sequence, result });
  }

  /** Something was appended to the log of `__main__`. */
  countMain(): void {
    if (this.#setUpAt === Infinity) return;
    this.#makeRoom();
    if (this.#problem === undefined) this.#ofMain += 1;
  }

  /** The env is known to be in that state now: all that was acknowledged before is in it. */
  setCheckpoint(state: EnvState): void {
    this.#checkpoint = { state, at: this.log.nextSequence() };
    this.#clear();
    this.log.compact();
  }

  /** The env cannot be recovered, until the next checkpoint. */
  giveUp(problem: string): void {
    this.#clear();
    this.#problem = problem;
    this.log.compact();
  }

  /** False only where neither the env's set-up nor a logged operation can lie between the two sequences. */
  separates(earlier: number, later: number): boolean {
    if (earlier < this.#setUpAt && this.#setUpAt < later) return true;
    // a state may be restored with the names that were set when it was taken
    const at = this.#checkpoint?.at;
    if (at !== undefined && earlier < at && at < later) return true;
    const last = this.#operations.at(-1)?.sequence ?? -Infinity;
    return this.replayFrom < later && last > earlier;
  }

  get history(): History {
    const { main } = this.log;
    const setUpAt = this.#setUpAt;
    const position = this.#checkpoint?.at ?? setUpAt;
    const since = [...main.filter(({ sequence }) => sequence > position), ...this.#operations];
    return {
      initialGlobals: this.log.initialGlobals,
      beforeSetUp: main.filter(({ sequence }) => sequence < setUpAt),
      setUpAt,
      beforeCheckpoint: main.filter(({ sequence }) => setUpAt < sequence && sequence < position),
      checkpoint: this.#checkpoint,
      since: since.sort((a, b) => a.sequence - b.sequence),
    };
  }

  #makeRoom(): void {
    if (this.#problem === undefined && this.sinceCheckpoint >= this.limit) {
      this.giveUp('the log is full and no checkpoint could be taken: see recovery.log');
    }
  }

  #clear(): void {
    this.#operations = [];
    this.#ofMain = 0;
    this.#problem = undefined;
  }
}
