import { Runtime } from '../runtime/runtime.js';
import { GymEnv } from './env.js';
import type { EnvSpec } from './spec.js';
import type { AnyStep, Step } from './step.js';

/** A {@link Runtime} that holds envs. */
export class PythonRuntime extends Runtime {
  #lastEnv = 0;

  /**
   * An env in this runtime; nothing is set up before its first command. Several may live side by side, but their
   * sources share Python's `__main__`.
   */
  env<S extends AnyStep = Step>(spec: EnvSpec): GymEnv<S> {
    return new GymEnv<S>(this.host, ++this.#lastEnv, spec);
  }
}
