// The protocol as data; PROTOCOL.md says what each message means. Grouped by sender.

import type { BootStage } from '../errors.js';
import type { Packed } from './pack.js';

/** Raised whenever a message changes its form, so that a stale worker script is noticed at once. */
export const protocolVersion = 1;

// ---- page → worker, on the worker itself, once ----

export interface Connect {
  readonly type: 'connect';
  readonly version: number;
  /** Everything else runs over this port. */
  readonly port: MessagePort;
  /** One byte to interrupt Python with; null where the page is not cross-origin isolated. */
  readonly interrupt: SharedArrayBuffer | null;
  /** For steps that come at each other's heels; null where there is no use in it. */
  readonly mailbox: SharedArrayBuffer | null;
  /** The name of a lock that the worker holds as long as it lives, or else of a database that it keeps open. */
  readonly lock: string;
}

// ---- page → worker, on the port ----

interface Numbered {
  readonly id: number;
  /** Buffers of frames that the page is done with, to be used for the next. */
  readonly spare?: readonly ArrayBuffer[];
}

export interface Boot {
  readonly type: 'boot';
  /** Absolute, with a trailing slash. */
  readonly indexURL: string;
  /** The memory of a booted interpreter, to start from; null for a cold start. */
  readonly snapshot: ArrayBuffer | null;
  /** Answer such a memory, of an interpreter that is good for nothing else. */
  readonly makeSnapshot: boolean;
  /** Start from the memory that the browser's storage has, if it has one; of `makeSnapshot`: put it there. */
  readonly cache: boolean;
  /** The address of an image to start from, before all else; null for none. */
  readonly image: string | null;
  /** Going to be installed: download their wheels meanwhile. */
  readonly packages: readonly string[];
  /** How long a download may bring no byte, in ms. */
  readonly stall: number;
}
export interface Install {
  readonly type: 'install';
  readonly packages: readonly string[];
  /** As for `boot`. */
  readonly stall: number;
}
export interface SetGlobals {
  readonly type: 'setGlobals';
  readonly globals: Packed;
}
export interface Run {
  readonly type: 'run';
  readonly code: string;
  readonly globals: Packed;
}
export interface SetUp {
  readonly type: 'setUp';
  readonly env: number;
  readonly spec: Packed;
  /** The address of the image that the env comes from; null where the spec says it. */
  readonly image: string | null;
}
export interface ResetEnv {
  readonly type: 'reset';
  readonly env: number;
  readonly options: Packed;
  readonly render: boolean;
}
export interface StepEnv {
  readonly type: 'step';
  readonly env: number;
  readonly action: Packed;
  readonly render: boolean;
  /** Whether the answer is to say how long it took. */
  readonly timed: boolean;
}
/** Step after step, until one ends the episode or raises. */
export interface StepMany {
  readonly type: 'stepMany';
  readonly env: number;
  /** A list of actions. */
  readonly actions: Packed;
  /** Renders after the last. */
  readonly render: boolean;
  /** Whether the answer is to say how long it took. */
  readonly timed: boolean;
}
/** Steps that answer columns instead of rows. */
export interface RollOut {
  readonly type: 'rollout';
  readonly env: number;
  readonly options: Packed;
}
export interface RenderEnv {
  readonly type: 'render';
  readonly env: number;
}
export interface GetState {
  readonly type: 'getState';
  readonly env: number;
}
export interface SetState {
  readonly type: 'setState';
  readonly env: number;
  readonly state: Packed;
  /** With what the state knows of `__main__`: on a way back. */
  readonly main: boolean;
}
export interface StateHash {
  readonly type: 'stateHash';
  readonly env: number;
}
export interface SeedEnv {
  readonly type: 'seed';
  readonly env: number;
  readonly seed: number;
}
/** Does again, unseen, what was acknowledged before an interpreter died. */
export interface Replay {
  readonly type: 'replay';
  readonly env: number;
  readonly entries: readonly ReplayEntry[];
  /** The place of the first in the env's log. */
  readonly from: number;
  /** Passes over what was replayed in this interpreter's `__main__` already, for another env. */
  readonly once: boolean;
}
/** Ends all envs and empties `__main__`; what was imported stays. */
export interface Forget {
  readonly type: 'forget';
}
export interface CloseEnv {
  readonly type: 'close';
  readonly env: number;
}

export type CommandBody =
  | Boot
  | Install
  | SetGlobals
  | Run
  | SetUp
  | ResetEnv
  | StepEnv
  | StepMany
  | RollOut
  | RenderEnv
  | GetState
  | SetState
  | StateHash
  | SeedEnv
  | Replay
  | Forget
  | CloseEnv;
/** One request; the worker gives it exactly one {@link Answer} or {@link Failure} with the same id. */
export type Command = CommandBody & Numbered;
export type CommandType = CommandBody['type'];

/** What is done to an env and logged. */
export type Deed =
  | { readonly kind: 'step' | 'reset' | 'rollout' | 'setState'; readonly data: Packed }
  | { readonly kind: 'seed'; readonly seed: number };

/** What is done in `__main__`. */
export type MainDeed =
  | { readonly kind: 'run'; readonly code: string; readonly globals: Packed }
  | { readonly kind: 'setGlobals'; readonly globals: Packed };

/** `came`: the digest of what came of it (of a seed, null), or the type of what it raised. */
export type Operation = Deed & { readonly came: number | string | null };
/** `number` counts all that is logged in a runtime. */
export type MainEntry = MainDeed & { readonly number: number };
export type ReplayEntry = MainEntry | (Operation & { readonly number: number });

// ---- worker → page, on the port ----

export interface ProgressReport {
  readonly type: 'progress';
  readonly stage: BootStage;
  readonly label: string;
  /** Bytes so far and in all; null where there are no bytes to count. */
  readonly loaded: number | null;
  readonly total: number | null;
}
export interface Output {
  readonly type: 'output';
  readonly stream: 'stdout' | 'stderr';
  readonly line: string;
}
/** The worker holds its lock: when the page gets it, the worker is dead. */
export interface Alive {
  readonly type: 'alive';
}
/** Something went wrong in the worker that nothing caught; it is not to be trusted any more. */
export interface Fault {
  readonly type: 'fault';
  readonly cause: Death | 'worker-error';
  readonly message: string;
}
export interface Answer extends Numbered {
  readonly type: 'answer';
  readonly value: Packed;
  /** Of a command that asked for it. */
  readonly times?: WorkerTimes;
}
/** What a command took, in ms. */
export interface WorkerTimes {
  /** In `env.step()`. */
  readonly python: number;
  /** In the worker, in all. */
  readonly worker: number;
}
export interface Failure extends Numbered {
  readonly type: 'failure';
  readonly error: RemoteError;
}
export type FromWorker = ProgressReport | Output | Alive | Fault | Answer | Failure;

/** What an interpreter dies of by itself. */
export type Death = 'fatal' | 'exit' | 'memory' | 'stack';

/** An error on its way from worker to page. */
export type RemoteError =
  | {
      readonly kind: 'python';
      readonly type: string;
      readonly message: string;
      readonly traceback: string;
    }
  | {
      readonly kind: 'boot';
      readonly stage: BootStage;
      readonly url: string;
      readonly message: string;
    }
  | { readonly kind: 'crash'; readonly cause: Death; readonly message: string }
  /** The env's state can be neither asked for nor pickled. */
  | { readonly kind: 'state'; readonly message: string }
  /** The replay came to something else than before, with the entry at that place. */
  | { readonly kind: 'diverged'; readonly at: number; readonly message: string }
  | { readonly kind: 'protocol'; readonly expected: string; readonly got: string };
