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
  /** The packages of its runtime; those of the spec come on top. */
  readonly packages: readonly string[];
  /** How many episodes it had before this set-up, in earlier interpreters. */
  readonly episodes: number;
  /** Undefined before the first reset; null where it is not known, as after `setState` and `rollout`. */
  readonly begun: Begun | null | undefined;
  /** Of its runtime, for the versions. */
  readonly status$: Observable<RuntimeStatus>;
}

/** The latest reset. */
export interface Begun {
  readonly reset: Reset;
  readonly seed: number | null;
  readonly options: Data;
  /** How many steps the episode before it had; null where that is not known. */
  readonly after: number | null;
}
