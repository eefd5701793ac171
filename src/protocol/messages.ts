// The protocol as data, grouped by sender; the commands have a table of their own in commands.ts. PROTOCOL.md says what
// each message means.

import type { BootStage } from '../errors.js';
import type { Packed } from './pack.js';

/**
 * Raised whenever a message changes its form. A worker of another version ignores `connect`, and the page gives it up
 * after `deadlines.stall`.
 */
export const protocolVersion = 4;

// ---- page → worker, on the worker itself, once ----

export interface Connect {
  readonly type: 'connect';
  readonly version: number;
  /** Everything else runs over this port. */
  readonly port: MessagePort;
  /** One byte to interrupt Python with; null where the page is not cross-origin isolated. */
  readonly interrupt: SharedArrayBuffer | null;
  /** Shared memory for fast steps, see Mailbox; null without cross-origin isolation or a core to spare. */
  readonly mailbox: SharedArrayBuffer | null;
  /** Shared memory for replies to Python's `input()`, see ReplyBox; null without cross-origin isolation. */
  readonly replies: SharedArrayBuffer | null;
  /** The name of a lock that the worker holds as long as it lives, or else of a database that it keeps open. */
  readonly lock: string;
}

// ---- page → worker, on the port: commands.ts ----

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
/** Something went wrong in an env and ends nothing. */
export interface ProblemReport {
  readonly type: 'problem';
  readonly env: number;
  readonly kind: ProblemKind;
  readonly message: string;
  /** What to do about it, where that is known. */
  readonly hint: string | null;
  /** In which episode of the env it came up; 0 before the first. */
  readonly episode: number;
  /** How often it came up since it was last told, this time included. */
  readonly count: number;
}
/** A reset has made or changed an env's spaces: what a set-up would answer now. */
export interface DescribedReport {
  readonly type: 'described';
  readonly env: number;
  readonly value: Packed;
}
/** Python's `input()` waits for the page's reply, in shared memory. */
export interface Question {
  readonly type: 'question';
  readonly prompt: string;
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
export interface Answer {
  readonly type: 'answer';
  /** The command's. */
  readonly id: number;
  readonly value: Packed;
  /** Where the command asked for it. */
  readonly times?: WorkerTimes;
}
/** What a command took, in ms. */
export interface WorkerTimes {
  /** In `env.step()`. */
  readonly python: number;
  /** In the worker, in all. */
  readonly worker: number;
}
export interface Failure {
  readonly type: 'failure';
  /** The command's. */
  readonly id: number;
  readonly error: RemoteError;
}
export type FromWorker =
  ProgressReport | Output | ProblemReport | DescribedReport | Question | Alive | Fault | Answer | Failure;

/** What a problem is about: pictures, spaces, what an agent observes, or the env's state. */
export type ProblemKind = 'render' | 'space' | 'observe' | 'state';

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
  /** A file of an env cannot be had; `status` is the server's, where it answered. */
  | {
      readonly kind: 'file';
      readonly path: string;
      readonly url: string | null;
      readonly status: number | null;
      readonly message: string;
    }
  /** The env's state can be neither asked for nor pickled. */
  | { readonly kind: 'state'; readonly message: string }
  /** A replay had another result than before, at the operation of that place. */
  | { readonly kind: 'diverged'; readonly at: number; readonly message: string }
  | { readonly kind: 'protocol'; readonly expected: string; readonly got: string };
