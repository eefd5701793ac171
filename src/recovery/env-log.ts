import type {
  EnvOperation,
  LoggedEnvOperation,
  LoggedMainOperation,
  LoggedOperation,
  Result,
} from '../protocol/operations.js';
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
 * The part of the log that is an env's: what was acknowledged since its set-up. Bounded: a log that overflows drops what
 * came before the checkpoint. Where there is none it is given up, and with it the recovery, until the next checkpoint.
 */
export class EnvLog {
  #operations: LoggedEnvOperation[] = [];
  #setUpAt = Infinity;
  #checkpoint: Checkpoint | undefined;
  /** All since the set-up is here. */
  #isWhole = true;
  /** What their data take. */
  #bytes = 0;
  /** How many of the operations came before the checkpoint. */
  #before = 0;
  /** How many operations of `__main__` there were since the checkpoint, or else since the set-up. */
  #ofMain = 0;
  /** The same before the checkpoint. */
  #ofMainBefore = 0;
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

  /** How many operations were logged since the checkpoint, or else since the set-up. */
  get sinceCheckpoint(): number {
    return this.#operations.length - this.#before + this.#ofMain;
  }

  /** All since the set-up can be replayed, and the log is not half full: nothing else is needed yet. */
  get isWhole(): boolean {
    return this.#isWhole && this.#problem === undefined && this.hasRoom;
  }

  /** It holds less than half of what it may. */
  get hasRoom(): boolean {
    return this.sinceCheckpoint < this.limit / 2;
  }

  get setUpAt(): number {
    return this.#setUpAt;
  }

  /** From where on all is kept; `Infinity` before the set-up, or where the env cannot be recovered. */
  get replayFrom(): number {
    if (this.#problem !== undefined) return Infinity;
    return this.#isWhole ? this.#setUpAt : (this.#checkpoint?.at ?? this.#setUpAt);
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
    if (this.#problem !== undefined) return;
    this.#operations.push({ ...operation, sequence, result });
    this.#bytes += bytesOf(operation.data);
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
    this.#isWhole &&= this.#problem === undefined;
    this.#problem = undefined;
    this.#before = this.#operations.length;
    this.#ofMainBefore += this.#ofMain;
    this.#ofMain = 0;
    if (!this.#isWhole) this.#dropBefore();
  }

  /** It led elsewhere: all since the set-up is to be replayed. */
  dropCheckpoint(): void {
    this.#checkpoint = undefined;
    this.#before = 0;
    this.#ofMain += this.#ofMainBefore;
    this.#ofMainBefore = 0;
  }

  /** The env cannot be recovered, until the next checkpoint. */
  giveUp(problem: string): void {
    this.#clear();
    this.#isWhole = false;
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
    const after = (at: number): LoggedOperation[] => inOrder(main, this.#operations, at);
    return {
      initialGlobals: this.log.initialGlobals,
      beforeSetUp: main.filter(({ sequence }) => sequence < setUpAt),
      setUpAt,
      beforeCheckpoint: main.filter(({ sequence }) => setUpAt < sequence && sequence < position),
      checkpoint: this.#checkpoint,
      since: after(position),
      whole: this.#isWhole ? after(setUpAt) : undefined,
    };
  }

  get #size(): number {
    return this.#operations.length + this.#ofMainBefore + this.#ofMain;
  }

  #makeRoom(): void {
    if (this.#problem !== undefined) return;
    if (this.#checkpoint && this.#isWhole && (this.#size >= this.limit || this.#bytes > mostBytes)) this.#dropBefore();
    if (this.sinceCheckpoint >= this.limit) {
      this.giveUp('the log is full and no checkpoint could be taken: see recovery.log');
    }
  }

  /** Drops what came before the checkpoint. */
  #dropBefore(): void {
    this.#isWhole = false;
    for (const { data } of this.#operations.splice(0, this.#before)) this.#bytes -= bytesOf(data);
    this.#before = 0;
    this.#ofMainBefore = 0;
    this.log.compact();
  }

  #clear(): void {
    this.#operations = [];
    this.#bytes = 0;
    this.#before = 0;
    this.#ofMain = 0;
    this.#ofMainBefore = 0;
    this.#isWhole = true;
    this.#problem = undefined;
  }
}

/** Of data that is only kept to pass a checkpoint over. */
const mostBytes = 2 ** 24;

const bytesOf = ({ json, buffers }: Packed): number =>
  json.length + buffers.reduce((sum, { byteLength }) => sum + byteLength, 0);

/** What was logged after that sequence; both lists are in order. */
function inOrder(
  main: readonly LoggedMainOperation[],
  own: readonly LoggedEnvOperation[],
  at: number,
): LoggedOperation[] {
  const all: LoggedOperation[] = [];
  let next = 0;
  for (const operation of [...own, null]) {
    const { sequence } = operation ?? { sequence: Infinity };
    for (let each = main[next]; each && each.sequence < sequence; each = main[++next]) {
      if (each.sequence > at) all.push(each);
    }
    if (operation && sequence > at) all.push(operation);
  }
  return all;
}
