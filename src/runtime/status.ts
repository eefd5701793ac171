import type { BootError, CrashError } from '../errors.js';
import type { BootKind } from './session.js';

/** What a runtime says when it is ready. */
export interface RuntimeReady {
  /** For instance `'3.14.2'`. */
  readonly python: string;
  readonly pyodide: string;
  /** Which of the runtime's interpreters it is, from 1. */
  readonly attempt: number;
  /**
   * How it came up: from nothing, from a snapshot of an interpreter's memory (of this page, or kept by the browser), from
   * a baked image, or as the spare that was waiting.
   */
  readonly how: BootKind;
  /** From the worker's spawn until ready, in ms. */
  readonly bootMs: number;
  /** True where Python can be interrupted without replacing its worker (COOP and COEP are set). */
  readonly isolated: boolean;
}

/** Where a runtime is; `attempt` counts its interpreters from 1. */
export type RuntimeStatus =
  | { readonly state: 'idle' }
  | { readonly state: 'booting'; readonly attempt: number }
  | { readonly state: 'ready'; readonly attempt: number; readonly ready: RuntimeReady }
  /** Between a crash and the next `ready`; `delay` is the pause in ms before the new worker is spawned. */
  | {
      readonly state: 'restarting';
      readonly attempt: number;
      readonly delay: number;
      readonly cause: CrashError | BootError;
    }
  /** `runtime.boot()` tries again. */
  | { readonly state: 'failed'; readonly error: Error }
  | { readonly state: 'disposed' };
