import type { Data } from '../protocol/values.js';
import { messageOf } from '../records/database.js';
import type { GameLog } from './game-log.js';
import type { PersistablePolicy } from './persistable.js';

export type Policies = Readonly<Record<string, PersistablePolicy>>;
export type States = Readonly<Record<string, Data>>;

/** Takes and sets the states of a game's policies, by name. What fails is told once, and then that policy has none. */
export class StatesOfPolicies {
  readonly #policies: Map<string, PersistablePolicy>;

  constructor(
    policies: Policies,
    private readonly log: GameLog,
  ) {
    this.#policies = new Map(Object.entries(policies));
  }

  /** Undefined where no policy has a state. */
  take(): States | undefined {
    const states: Record<string, Data> = {};
    this.#each((policy, name) => (states[name] = policy.getState()));
    return this.#policies.size > 0 ? states : undefined;
  }

  set(states: States): void {
    this.#each((policy, name) => {
      if (Object.hasOwn(states, name)) policy.setState(states[name]);
    });
  }

  #each(work: (policy: PersistablePolicy, name: string) => void): void {
    for (const [name, policy] of this.#policies) {
      try {
        work(policy, name);
      } catch (cause) {
        this.#policies.delete(name);
        const problem = `the state of the policy ${name} does not go with it (${messageOf(cause)}).`;
        this.log.tell('policy', problem, cause);
      }
    }
  }
}
