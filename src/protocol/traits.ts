// How page and worker treat each command; what it says is in commands.ts. The two tables are apart since a page never
// decodes a command.

import type { CommandType } from './commands.js';
import type { EnvOperation, MainOperation } from './operations.js';

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

const reading = { changes: 'nothing', logs: null, interruptible: true, lane: 'user', deadline: 'step' } as const;
const settingUp = { ...reading, lane: 'setup' } as const;
const acting = { ...reading, changes: 'env', logs: 'step' } as const;

const traits = {
  boot: { ...settingUp, interruptible: false, deadline: 'boot' },
  // it waits for the network, not for Python
  install: { ...settingUp, interruptible: false, deadline: 'install' },
  writeFiles: { ...settingUp, interruptible: false, deadline: 'install' },
  // it is over at once: interrupted, nobody would know which names are set
  setGlobals: { ...reading, changes: 'main', logs: 'setGlobals', interruptible: false, deadline: 'run' },
  run: { ...reading, changes: 'main', logs: 'run', deadline: 'run' },
  setUp: { ...settingUp, deadline: 'run' },
  reset: { ...acting, logs: 'reset', deadline: 'reset' },
  step: acting,
  stepMany: acting,
  rollout: { ...acting, logs: 'rollout', deadline: 'run' },
  render: reading,
  getState: reading,
  setState: { ...acting, logs: 'setState' },
  stateHash: reading,
  seed: { ...acting, logs: 'seed' },
  replay: { ...settingUp, deadline: null },
  forget: { ...settingUp, deadline: null },
  close: reading,
} as const satisfies Readonly<Record<CommandType, Traits>>;

/** The commands whose traits say so: `CommandWith<{ changes: 'env' }>`. */
export type CommandWith<T extends Partial<Traits>> = {
  [C in CommandType]: (typeof traits)[C] extends T ? C : never;
}[CommandType];

export const traitsOf = (type: CommandType): Traits => traits[type];
