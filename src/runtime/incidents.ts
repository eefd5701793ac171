import {
  type CrashError,
  DeadlineError,
  PythonError,
  ReplayDivergedError,
  StateError,
  type CrashCause,
} from '../errors.js';
import type { BootKind } from './session.js';

/** What happened to a runtime's interpreter or to one of its envs, and how it went on. */
export type Incident = Crashed | Recovered | Unrecoverable;

/** An interpreter that was ready died. */
export interface Crashed {
  readonly type: 'crash';
  readonly error: CrashError;
}

/** An env was recovered: it stands behind its last acknowledged operation. */
export interface Recovered {
  readonly type: 'recovered';
  /** What its interpreter died of; or why an operation in the same interpreter was discarded. */
  readonly cause: CrashCause;
  /** The interpreter that it lives in now. */
  readonly attempt: number;
  /** How that came up; `same`: it had not died. */
  readonly how: BootKind | 'same';
  /** How many operations were replayed, unseen. */
  readonly replayed: number;
  /** True when the replay began at a checkpoint, false when at the set-up. */
  readonly checkpoint: boolean;
  /** From the news of the death (or of what was discarded) until the env was back, in ms; pauses and boots included. */
  readonly ms: number;
}

/** An env, or what ran in `__main__`, could not be recovered. The env is set up afresh. */
export interface Unrecoverable {
  readonly type: 'unrecoverable';
  readonly error: ReplayDivergedError | StateError | DeadlineError | PythonError;
}

/** The incident of a recovery that failed; undefined where the interpreter died, which is reported as a crash. */
export function unrecoverable(error: unknown): Unrecoverable | undefined {
  const isOne =
    error instanceof ReplayDivergedError ||
    error instanceof StateError ||
    error instanceof DeadlineError ||
    error instanceof PythonError;
  return isOne ? { type: 'unrecoverable', error } : undefined;
}
