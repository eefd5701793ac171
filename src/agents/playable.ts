import type { Observable } from 'rxjs';
import type { EnvReady } from '../env/spaces.js';
import type { Action, AnyStep, Reset } from '../env/step.js';
import type { Steppable } from '../operators/steppable.js';

/** What a game needs of an env beside its steps: what it said last, and what it says of itself. A `GymEnv` is one. */
export interface Playable<S extends AnyStep> extends Steppable<Action, S> {
  /** Its latest step, or its reset where none was taken since; null where that is not known. */
  readonly latest: Reset | S | null;
  /** Emits when it is set up, at once to a late subscriber. */
  readonly ready$: Observable<EnvReady>;
}
