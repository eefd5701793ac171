import type { Observable } from 'rxjs';
import type { AnyStep } from '../env/step.js';
import type { PlayableInRounds } from '../loop/play-round.js';
import type { Data } from '../protocol/values.js';
import type { EnvState } from '../recovery/env-state.js';

/** What {@link persist} needs of an env. A `GymEnv` is one. */
export interface Persistable<S extends AnyStep> extends PlayableInRounds<S> {
  /** With what the env had said last, as its `latest`. */
  getState(): Observable<EnvState>;
  /** Shows the env as it is. */
  render?(): Observable<unknown>;
  /** @internal What it is made from: another one does not go on with what is stored. */
  readonly spec?: object;
}

/** A policy with a state, such as `onnxPolicy` makes. */
export interface PersistablePolicy {
  /** Of all its agents, at once, as plain data. */
  getState(): Data;
  /** Goes on from there. */
  setState(state: Data): void;
}
