// Every command that the page sends, in one table: its fields, from which its type and its check are made. How it is
// treated is in traits.ts; PROTOCOL.md says what each means.

import {
  amount,
  buffer,
  flag,
  hasFields,
  hasVariant,
  listOf,
  nullable,
  optional,
  packed,
  text,
  whole,
  type Check,
  type Checked,
  type Fields,
} from './fields.js';
import type { LoggedOperation, Result } from './operations.js';

const result: Check<Result> = (value): value is Result => nullable(whole)(value) || text(value);
const answers = optional(listOf(text));
const ofEnv = { sequence: whole, data: packed, result, answers };

const operations: Readonly<Record<LoggedOperation['kind'], Fields>> = {
  step: ofEnv,
  rollout: ofEnv,
  reset: ofEnv,
  setState: ofEnv,
  seed: ofEnv,
  render: ofEnv,
  run: { sequence: whole, code: text, globals: packed, answers },
  setGlobals: { sequence: whole, globals: packed },
};

const loggedOperation: Check<LoggedOperation> = (value): value is LoggedOperation =>
  hasVariant(value, 'kind', operations);

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
  boot: {
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
  install: { packages: listOf(text), stall: amount },
  writeFiles: { files: listOf(file), stall: amount },
  setGlobals: { globals: packed },
  run: { code: text, globals: packed },
  setUp: { env, spec: packed, image: nullable(text) },
  reset: { env, options: packed, render: flag },
  step: { env, action: packed, render: flag, timed: flag },
  stepMany: { env, actions: packed, render: flag, timed: flag },
  rollout: { env, options: packed },
  render: { env },
  getState: { env, within: nullable(amount) },
  setState: { env, state: packed, main: flag },
  stateHash: { env },
  seed: { env, seed: whole },
  replay: { env, operations: listOf(loggedOperation), from: whole, once: flag },
  forget: {},
  close: { env },
} as const satisfies Readonly<Record<string, Fields>>;

type Commands = typeof commands;
export type CommandType = keyof Commands;

/** What a command of that type says, without the number by which it is answered. */
export type CommandOf<T extends CommandType> = { readonly type: T } & Checked<Commands[T]>;
export type CommandBody = { [T in CommandType]: CommandOf<T> }[CommandType];

/** One request; the worker gives it exactly one answer or failure with the same `id`. */
export type Command = CommandBody & {
  readonly id: number;
  /** Buffers of frames that the page is done with, to be used for the next. */
  readonly recycled?: readonly ArrayBuffer[];
};
