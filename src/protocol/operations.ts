// What is logged, so that it can be replayed in another interpreter.

import { hasVariant, listOf, nullable, optional, packed, text, whole, type Check, type Fields } from './fields.js';
import type { Packed } from './pack.js';

/** By the name of the command that does it. */
const kinds = ['step', 'rollout', 'reset', 'setState', 'seed', 'render'] as const;

/** What is done to an env: the kind, and what the bridge was given for it. */
export interface EnvOperation {
  readonly kind: (typeof kinds)[number];
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

const result: Check<Result> = (value): value is Result => nullable(whole)(value) || text(value);
const answers = optional(listOf(text));
const ofEnv = { sequence: whole, data: packed, result, answers };

const fields: Readonly<Record<string, Fields>> = {
  ...Object.fromEntries(kinds.map((kind) => [kind, ofEnv])),
  run: { sequence: whole, code: text, globals: packed, answers },
  setGlobals: { sequence: whole, globals: packed },
};

export const loggedOperation: Check<LoggedOperation> = (value): value is LoggedOperation =>
  hasVariant(value, 'kind', fields);
