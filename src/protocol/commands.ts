// Every command that the page sends, in one table: its fields, from which its type and its check are made, and its
// traits, by which page and worker treat it. PROTOCOL.md says what each means.

import {
  amount,
  buffer,
  flag,
  hasFields,
  listOf,
  nullable,
  packed,
  text,
  whole,
  type Check,
  type Checked,
  type Fields,
} from './fields.js';
import { loggedOperation, type EnvOperation, type MainOperation } from './operations.js';

/**
 * What the log records of a command, for a recovery to replay: its scope and its kind of operation. When it is late
 * or cancelled while it runs, its env is recovered; what it did in `__main__` stays.
 */
type Effect =
  | { readonly changes: 'env'; readonly logs: EnvOperation['kind'] }
  | { readonly changes: 'main'; readonly logs: MainOperation['kind'] }
  | { readonly changes: 'nothing'; readonly logs: null };

export type Traits = Effect & {
  /** Whether Python is interrupted when the command is cancelled or late. */
  readonly interruptible: boolean;
  /**
   * The queue that it waits in by default; all of `setup` runs before `user`. A command that is meant for `setup` is
   * never refused, even if it waits in a full `user` lane.
   */
  readonly lane: 'setup' | 'user';
  /** The runtime's deadline that it has, unless it was given one; null for none. */
  readonly deadline: 'boot' | 'install' | 'run' | 'reset' | 'step' | null;
};

const command = <F extends Fields, const T extends Traits>(fields: F, traits: T) => ({ fields, traits });

const env = whole;

/** Its bytes, or else the address from which the worker fetches them. */
interface File {
  readonly path: string;
  readonly bytes: ArrayBuffer | null;
  readonly url: string | null;
}
const file: Check<File> = (value): value is File =>
  hasFields(value, { path: text, bytes: nullable(buffer), url: nullable(text) });

/** Where snapshots are in the browser's storage, and how many bytes they may have there. */
export interface Cache {
  readonly key: string;
  readonly limit: number;
}
const cache: Check<Cache> = (value): value is Cache => hasFields(value, { key: text, limit: amount });

/** With packages and what envs import, or without. */
export type SnapshotKind = 'filled' | 'bare';
const snapshotKind: Check<SnapshotKind> = (value): value is SnapshotKind => value === 'filled' || value === 'bare';

export const commands = {
  boot: command(
    {
      indexURL: text,
      base: nullable(text),
      snapshot: nullable(buffer),
      makeSnapshot: nullable(snapshotKind),
      cache: nullable(cache),
      image: nullable(text),
      packages: listOf(text),
      specs: listOf(packed),
      stall: amount,
    },
    { changes: 'nothing', logs: null, interruptible: false, lane: 'setup', deadline: 'boot' },
  ),
  // it waits for the network, not for Python
  install: command(
    { packages: listOf(text), stall: amount },
    { changes: 'nothing', logs: null, interruptible: false, lane: 'setup', deadline: 'install' },
  ),
  writeFiles: command(
    { files: listOf(file), stall: amount },
    { changes: 'nothing', logs: null, interruptible: false, lane: 'setup', deadline: 'install' },
  ),
  // it is over at once: interrupted, nobody would know which names are set
  setGlobals: command(
    { globals: packed },
    { changes: 'main', logs: 'setGlobals', interruptible: false, lane: 'user', deadline: 'run' },
  ),
  run: command(
    { code: text, globals: packed },
    { changes: 'main', logs: 'run', interruptible: true, lane: 'user', deadline: 'run' },
  ),
  setUp: command(
    { env, spec: packed, image: nullable(text) },
    { changes: 'nothing', logs: null, interruptible: true, lane: 'setup', deadline: 'run' },
  ),
  reset: command(
    { env, options: packed, render: flag },
    { changes: 'env', logs: 'reset', interruptible: true, lane: 'user', deadline: 'reset' },
  ),
  step: command(
    { env, action: packed, render: flag, timed: flag },
    { changes: 'env', logs: 'step', interruptible: true, lane: 'user', deadline: 'step' },
  ),
  stepMany: command(
    { env, actions: packed, render: flag, timed: flag },
    { changes: 'env', logs: 'step', interruptible: true, lane: 'user', deadline: 'step' },
  ),
  rollout: command(
    { env, options: packed },
    { changes: 'env', logs: 'rollout', interruptible: true, lane: 'user', deadline: 'run' },
  ),
  render: command({ env }, { changes: 'nothing', logs: null, interruptible: true, lane: 'user', deadline: 'step' }),
  getState: command(
    { env, within: nullable(amount) },
    { changes: 'nothing', logs: null, interruptible: true, lane: 'user', deadline: 'step' },
  ),
  setState: command(
    { env, state: packed, main: flag },
    { changes: 'env', logs: 'setState', interruptible: true, lane: 'user', deadline: 'step' },
  ),
  stateHash: command({ env }, { changes: 'nothing', logs: null, interruptible: true, lane: 'user', deadline: 'step' }),
  seed: command(
    { env, seed: whole },
    { changes: 'env', logs: 'seed', interruptible: true, lane: 'user', deadline: 'step' },
  ),
  replay: command(
    { env, operations: listOf(loggedOperation), from: whole, once: flag },
    { changes: 'nothing', logs: null, interruptible: true, lane: 'setup', deadline: null },
  ),
  forget: command({}, { changes: 'nothing', logs: null, interruptible: true, lane: 'setup', deadline: null }),
  close: command({ env }, { changes: 'nothing', logs: null, interruptible: true, lane: 'user', deadline: 'step' }),
} as const satisfies Readonly<Record<string, { readonly fields: Fields; readonly traits: Traits }>>;

type Commands = typeof commands;
export type CommandType = keyof Commands;

/** What a command of that type says, without the number by which it is answered. */
export type CommandOf<T extends CommandType> = { readonly type: T } & Checked<Commands[T]['fields']>;
export type CommandBody = { [T in CommandType]: CommandOf<T> }[CommandType];

/** One request; the worker gives it exactly one answer or failure with the same `id`. */
export type Command = CommandBody & {
  readonly id: number;
  /** Buffers of frames that the page is done with, to be used for the next. */
  readonly recycled?: readonly ArrayBuffer[];
};

/** The commands whose traits say so: `CommandWith<{ changes: 'env' }>`. */
export type CommandWith<T extends Partial<Traits>> = {
  [C in CommandType]: Commands[C]['traits'] extends T ? C : never;
}[CommandType];

export const traitsOf = (type: CommandType): Traits => commands[type].traits;
