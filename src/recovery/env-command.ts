import type { CommandOf, CommandType } from '../protocol/commands.js';
import type { EnvOperation, Result } from '../protocol/operations.js';
import type { CommandWith } from '../protocol/traits.js';
import type { Value } from '../protocol/values.js';
import type { EnvState } from './env-state.js';

type EnvCommandType = { [C in CommandType]: CommandOf<C> extends { readonly env: number } ? C : never }[CommandType];

/** What a command of an env sends, what its answer means, and what the log has of it. */
export type EnvCommand<T, C extends EnvCommandType = EnvCommandType> =
  C extends CommandWith<{ readonly changes: 'env' }> ? Changing<T, C> : Reading<T, C>;

/** A command that changes the env is logged: without its operations it does not compile. */
export interface Changing<T, C extends CommandType> {
  readonly body: CommandOf<C>;
  /** What it does, in order. */
  readonly operations: readonly EnvOperation[];
  readonly decode: (value: Value) => {
    readonly value: T;
    /** For each of the operations that were done, what it led to. */
    readonly results: readonly Result[];
    /** It rendered after these, and that changed the env. */
    readonly rendered?: boolean;
  };
}

export interface Reading<T, C extends CommandType> {
  readonly body: CommandOf<C>;
  readonly operations?: never;
  readonly decode: (value: Value) => {
    readonly value: T;
    /** The state in which the env is now, where the answer says it. */
    readonly state?: EnvState;
    readonly rendered?: boolean;
  };
}
