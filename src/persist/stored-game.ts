import type { Over } from '../loop/round.js';
import type { AnyStep } from '../env/step.js';
import type { Data } from '../protocol/values.js';
import type { EnvState } from '../recovery/env-state.js';

/** What is stored of a game beside its operations. */
export interface Head {
  readonly format: 1;
  /** Of the env and of the page; see {@link versionOf}. */
  readonly version: string;
  readonly round: number;
  /** Of the round's reset. */
  readonly seed: number | null;
  readonly isOver: boolean;
  /** Of all rounds that are over. */
  readonly results: readonly Over<AnyStep>[];
  /** The env behind the operations before `first`; null where the operations begin without one. */
  readonly checkpoint: EnvState | null;
  /** The number of the first operation to replay. */
  readonly first: number;
}

/** The env was reset, with this seed. */
export interface ResetOperation {
  readonly type: 'reset';
  /** Null where there was none, or none is known. */
  readonly seed: number | null;
}

/** The env was stepped. */
export interface StepOperation {
  readonly type: 'step';
  readonly action: unknown;
  /** Of what came of it. */
  readonly digest: string;
  /** Of the round, in seconds; see `Playing`. */
  readonly timeLeft: number | null;
}

export type Operation = ResetOperation | StepOperation;

/** The states of the policies behind an operation, by name. */
export interface PolicyStates {
  /** The operation's number. */
  readonly at: number;
  readonly states: Readonly<Record<string, Data>>;
}

export interface StoredGame {
  readonly head: Head;
  /** In order and without gaps, from `head.first` on. */
  readonly operations: readonly Operation[];
  readonly policies: PolicyStates | undefined;
  /** A write failed: others behind it lie in the storage. */
  readonly isCut: boolean;
}

/** Whether the operations can be replayed by an env that was just set up. */
export function isReplayable({ head, operations }: Pick<StoredGame, 'operations' | 'head'>): boolean {
  const [first] = operations;
  return head.checkpoint !== null || (first?.type === 'reset' && first.seed !== null);
}
