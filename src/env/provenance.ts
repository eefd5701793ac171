import type { Observable } from 'rxjs';
import type { Data } from '../protocol/values.js';
import type { RuntimeStatus } from '../runtime/status.js';
import type { EnvSpec } from './spec.js';
import type { Reset } from './step.js';

/** How an env was made, and how its latest episode began. With these and the actions, another env comes to the same. */
export interface Provenance {
  readonly spec: EnvSpec;
  /** What it gets for the system's entropy was made of this: `spec.entropy`, or what was drawn at its set-up. */
  readonly entropy: string;
  /** How many episodes it had before this set-up, in earlier interpreters. */
  readonly episodes: number;
  /** Undefined before the first reset; null where it is not known, as after `setState` and `rollout`. */
  readonly begun?: Begun | null | undefined;
  readonly runtime: {
    /** `packages`: those that it installs, beside the spec's. */
    readonly settings: { readonly packages: readonly string[] };
    readonly status$: Observable<RuntimeStatus>;
  };
}

/** The latest reset. */
export interface Begun {
  readonly reset: Reset;
  readonly seed: number | undefined;
  readonly options: Data;
  /** What the env had said last, see `GymEnv.latest`: undefined for the first reset, null where it is not known. */
  readonly before: object | null | undefined;
}
