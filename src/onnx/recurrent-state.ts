import { isNdArray, UsageError, type AgentId, type Data, type NdArray } from '../index.js';
import { describe } from '../describe.js';
import type { Tensors } from './messages.js';
import type { Plan } from './plan.js';
import { fromNdArray, toNdArray } from './tensor.js';

/** Whose question it is; null for the only agent of an env. */
export type Asker = AgentId | null;

interface Kept {
  /** Null where it was given, and goes on in whatever episode is asked for first. */
  readonly episode: number | null;
  readonly tensors: Tensors;
}

interface When {
  readonly episode: number;
  readonly index: number;
}

/** The recurrent state of each agent. It belongs to an episode: another one begins with zeros. */
export class RecurrentState {
  #kept = new Map<Asker, Kept>();
  /** Changes when the state is given anew: what was asked before that is over. */
  #generation = 0;

  get generation(): number {
    return this.#generation;
  }

  /** What the model takes in, by input. */
  before(agent: Asker, { episode, index }: When, { state }: Plan): Tensors {
    const kept = this.#kept.get(agent);
    const goesOn = kept && index > 1 && (kept.episode === null || kept.episode === episode);
    return Object.fromEntries(
      [...state].map(([name, { first }]) => [name, goesOn ? (kept.tensors[name] ?? first) : first]),
    );
  }

  /** Keeps what the model gave back, unless a state was given since. */
  after(agent: Asker, { episode }: When, { state }: Plan, outputs: Tensors, generation: number): void {
    if (state.size === 0 || generation !== this.#generation) return;
    // agents that come and go leave nothing behind
    for (const [other, kept] of this.#kept) {
      if (kept.episode !== null && kept.episode !== episode) this.#kept.delete(other);
    }
    const tensors = [...state].flatMap(([name, { output }]) => {
      const tensor = outputs[output];
      return tensor ? [[name, tensor] as const] : [];
    });
    this.#kept.set(agent, { episode, tensors: Object.fromEntries(tensors) });
  }

  get(): Data {
    return [...this.#kept].map(([agent, { tensors }]) => ({
      agent,
      tensors: Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, copied(toNdArray(tensor))])),
    }));
  }

  /** Throws a `UsageError` for what is no state. */
  set(state: unknown): void {
    const kept = readState(state);
    if (!kept) throw new UsageError('state', 'what getState() of an ONNX policy returned', describe(state));
    this.#kept = new Map(kept);
    this.#generation++;
  }
}

function readState(state: unknown): (readonly [Asker, Kept])[] | undefined {
  if (!Array.isArray(state)) return undefined;
  const kept: [Asker, Kept][] = [];
  for (const each of state as readonly unknown[]) {
    if (typeof each !== 'object' || each === null) return undefined;
    const { agent, tensors } = each as { readonly agent?: unknown; readonly tensors?: unknown };
    if (agent !== null && typeof agent !== 'string' && typeof agent !== 'number') return undefined;
    if (typeof tensors !== 'object' || tensors === null) return undefined;
    const entries = Object.entries(tensors as Record<string, unknown>);
    if (!entries.every((entry): entry is [string, NdArray] => isNdArray(entry[1]))) return undefined;
    const named = entries.map(([name, array]) => [name, fromNdArray(copied(array))] as const);
    kept.push([agent, { episode: null, tensors: Object.fromEntries(named) }]);
  }
  return kept;
}

const copied = ({ data, shape, dtype }: NdArray): NdArray => ({ data: data.slice(), shape: [...shape], dtype });
