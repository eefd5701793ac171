// What is logged, so that it can be replayed in another interpreter.

import type { Packed } from './pack.js';

/** What is done to an env: the kind, and what the bridge was given for it. */
export interface EnvOperation {
  /** By the name of the command that does it. */
  readonly kind: 'step' | 'rollout' | 'reset' | 'setState' | 'seed' | 'render';
  readonly data: Packed;
  /** What the page answered to `input()` meanwhile: a replay gets the same. */
  readonly answers?: readonly string[];
}

/** What is done in `__main__`. */
export type MainOperation =
  | { readonly kind: 'run'; readonly code: string; readonly globals: Packed; readonly answers?: readonly string[] }
  | { readonly kind: 'setGlobals'; readonly globals: Packed };

/** What an operation led to: a digest (null where there is none), or the type of what it raised. */
export type Result = number | string | null;

interface Logged {
  /**
   * Its place among the operations, set-ups and checkpoints of a runtime, from 1: a log sequence number
   * (https://www.postgresql.org/docs/current/datatype-pg-lsn.html).
   */
  readonly sequence: number;
}
export type LoggedEnvOperation = EnvOperation & Logged & { readonly result: Result };
export type LoggedMainOperation = MainOperation & Logged;
export type LoggedOperation = LoggedEnvOperation | LoggedMainOperation;

export const isOfMain = (operation: LoggedOperation): operation is LoggedMainOperation => !('result' in operation);
