import type { AnyStep } from '../env/step.js';
import type { Over } from '../loop/round.js';
import { PersistError } from '../errors.js';
import type { EnvState } from '../recovery/env-state.js';
import { messageOf } from '../records/database.js';
import { GameStorage } from './game-storage.js';
import { isReplayable, type Head, type Operation, type PolicyStates, type StoredGame } from './stored-game.js';

/** In ms: the first pause after storage failed, and the longest one. */
const [firstPause, longestPause] = [500, 30_000];

export interface GameLogConfig {
  readonly key: string;
  readonly version: string;
  readonly durability: 'strict' | 'relaxed';
  /** Operations behind the checkpoint. */
  readonly limit: number;
  readonly tell: (problem: PersistError) => void;
}

/**
 * The operations of a game since its checkpoint, in memory and in storage.
 *
 * What this keeps:
 * 1. What is stored is the game up to some operation, without gaps: after a write that failed, all is written anew.
 * 2. At most `limit` operations are kept. Beyond, they are given up until the next checkpoint, or the next reset by a seed.
 */
export class GameLog {
  readonly #config: GameLogConfig;
  readonly #storage: GameStorage;
  #head: Head;
  #operations: Operation[] = [];
  #policies: PolicyStates | undefined;
  /** The writes since failed: they are not stored. */
  #isBehind = false;
  #isOff = false;
  #isRetrying = false;
  #pause = 0;
  #retryAt = 0;

  constructor(config: GameLogConfig) {
    this.#config = config;
    const { key, durability } = config;
    this.#storage = new GameStorage(key, durability, {
      onWritten: () => (this.#pause = 0),
      onFailure: (error) => this.#fail(error),
    });
    this.#head = this.#blank();
  }

  /** How many operations there were: the number of the next one. */
  get next(): number {
    return this.#head.first + this.#operations.length;
  }

  get sinceCheckpoint(): number {
    return this.#operations.length;
  }

  get isReplayable(): boolean {
    return isReplayable({ head: this.#head, operations: this.#operations });
  }

  /** Opens the storage and answers what it has of this game. It never rejects: what goes wrong is told. */
  async open(): Promise<StoredGame | undefined> {
    try {
      await this.#storage.open();
    } catch (cause) {
      this.stop();
      this.tell(
        'unavailable',
        `IndexedDB does not open (${messageOf(cause)}). Private windows and blocked site data do this. A reload begins the ` +
          'game anew.',
        cause,
      );
      return undefined;
    }
    try {
      const stored = await this.#storage.read();
      if (stored === undefined) return undefined;
      if (stored?.head.version === this.#config.version) return this.#adopt(stored);
      const problem = 'what is stored is of another env or version, and is forgotten. The game begins anew.';
      this.tell('changed', problem);
      this.forget();
    } catch (cause) {
      if (this.#isOff) return undefined;
      this.tell('storage', `it cannot be read (${messageOf(cause)}). The game begins anew.`, cause);
    }
    return undefined;
  }

  /** A round begins. */
  onRound(round: number, seed: number | null): void {
    this.#head = { ...this.#head, round, seed, isOver: false };
    if (this.#head.checkpoint === null) {
      // what came before cannot be, or need not be, replayed
      this.#head = { ...this.#head, first: this.next };
      this.#operations = [];
    }
    this.#add({ type: 'reset', seed }, undefined);
  }

  /** The env was reset within a round, by an autoreset or behind a crash. */
  onReset(): void {
    this.#add({ type: 'reset', seed: null }, undefined);
  }

  onStep(step: Operation, policies: PolicyStates['states'] | undefined): void {
    this.#add(step, policies);
  }

  onOver(result: Over<AnyStep>): void {
    this.#head = { ...this.#head, isOver: true, results: [...this.#head.results, result] };
    this.#write({ head: this.#head });
  }

  /** The env's state behind the operations before number `at`. */
  onCheckpoint(checkpoint: EnvState, at: number): void {
    if (at < this.#head.first) return;
    this.#operations.splice(0, at - this.#head.first);
    this.#head = { ...this.#head, checkpoint, first: at };
    this.#write({ head: this.#head, first: at });
  }

  /** The operations do not lead where the game is: it goes on with the next round, or with this one's reset. */
  giveUp(): void {
    this.#head = { ...this.#head, checkpoint: null, first: this.next };
    this.#operations = [];
  }

  forget(): void {
    this.#head = this.#blank();
    this.#operations = [];
    this.#policies = undefined;
    this.#retryAt = 0; // what is over must not come again
    this.#write({ isWhole: true });
  }

  /** Another tab has the game. */
  leave(): void {
    this.stop();
    this.tell('tab', 'it is played in another tab. This one is not persisted; a reload begins it anew.');
  }

  tellReplay(cause: unknown): void {
    this.tell('replay', `it cannot be brought back (${messageOf(cause)}). Its round begins anew.`, cause);
  }

  /** From now on nothing is written. */
  stop(): void {
    this.#isOff = true;
    this.#storage.close();
  }

  tell(reason: PersistError['reason'], problem: string, cause?: unknown): void {
    this.#config.tell(new PersistError(reason, this.#config.key, problem, cause === undefined ? {} : { cause }));
  }

  #blank(): Head {
    const { version } = this.#config;
    return { format: 1, version, round: -1, seed: null, isOver: false, results: [], checkpoint: null, first: 0 };
  }

  #adopt(stored: StoredGame): StoredGame {
    this.#head = stored.head;
    this.#operations = [...stored.operations];
    this.#policies = stored.policies;
    // what lies behind a gap must not be taken for what comes now
    if (stored.isCut) void this.#writeAll();
    return stored;
  }

  #add(operation: Operation, states: PolicyStates['states'] | undefined): void {
    const { limit } = this.#config;
    const number = this.next;
    this.#operations.push(operation);
    this.#policies = states && { at: number, states };
    if (this.#operations.length > limit) {
      this.tell('state', `there was no checkpoint in ${limit} operations. A reload begins the round anew.`);
      this.#operations = [];
      this.#head = { ...this.#head, checkpoint: null, first: number + 1 };
      this.#write({ head: this.#head, first: Infinity });
    } else {
      const isReset = operation.type === 'reset';
      this.#write({
        ...(isReset && { head: this.#head, first: this.#head.first }),
        operations: [[number, operation]],
        policies: this.#policies,
      });
    }
  }

  #write(write: Parameters<GameStorage['write']>[0]): void {
    if (this.#isOff) return;
    if (!this.#isBehind) this.#storage.write(write);
    else if (performance.now() >= this.#retryAt) void this.#writeAll();
  }

  /** Where nothing stored can be trusted any more. */
  async #writeAll(): Promise<void> {
    if (this.#isRetrying) return;
    this.#isRetrying = true;
    try {
      await this.#storage.open();
      this.#isBehind = false;
      const { first } = this.#head;
      const operations = this.#operations.map((operation, i) => [first + i, operation] as const);
      const isBegun = this.#head.round >= 0;
      this.#write({ isWhole: true, ...(isBegun && { head: this.#head, operations, policies: this.#policies }) });
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#isRetrying = false;
    }
  }

  #fail(error: unknown): void {
    if (this.#isBehind && !this.#isRetrying) return; // of a write that was under way
    const isNew = this.#pause === 0;
    this.#isBehind = true;
    this.#pause = Math.min(this.#pause * 2 || firstPause, longestPause);
    this.#retryAt = performance.now() + this.#pause;
    if (!isNew) return;
    const isFull = (error as { readonly name?: unknown } | null)?.name === 'QuotaExceededError';
    const what = isFull ? 'the browser gives no more room' : `storage failed (${messageOf(error)})`;
    this.tell(
      isFull ? 'full' : 'storage',
      `${what}. A reload goes back to what is stored. Tried again while it is played.`,
      error,
    );
  }
}
