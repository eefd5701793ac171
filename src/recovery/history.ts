import type { LoggedMainOperation, LoggedOperation } from '../protocol/operations.js';
import type { Packed } from '../protocol/pack.js';
import type { EnvState } from './env-state.js';

/** What the log has of an env. Every part is in the order of its sequences. */
export interface History {
  /** The globals that every interpreter begins with; null for none. */
  readonly initialGlobals: Packed | null;
  /** What ran in `__main__` before the set-up. */
  readonly beforeSetUp: readonly LoggedMainOperation[];
  /** The sequence of the set-up; `Infinity` for one that is to come. */
  readonly setUpAt: number;
  /** What ran in `__main__` between the set-up and the checkpoint. */
  readonly beforeCheckpoint: readonly LoggedMainOperation[];
  readonly checkpoint: Checkpoint | undefined;
  /** What was acknowledged since the checkpoint, or else since the set-up: of the env, and in `__main__`. */
  readonly since: readonly LoggedOperation[];
  /** All since the set-up, where the log still has it: the way round a checkpoint that fails. */
  readonly whole: readonly LoggedOperation[] | undefined;
}

/** A state in which the env was known to be, at that sequence. */
export interface Checkpoint {
  readonly state: EnvState;
  readonly at: number;
}
