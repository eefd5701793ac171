import type { Value } from '../protocol/values.js';
import type { AgentId } from './step.js';

/** A Gymnasium space, described: its class and those of the fields below that it has. */
export interface Space {
  /** The class's name: `'Discrete'`, `'Box'`, `'MultiDiscrete'`, `'MultiBinary'`, `'Tuple'`, `'Dict'`, `'Text'`, `'Graph'`, … */
  readonly type: string;
  /** Discrete: how many; MultiBinary: how many, or the shape. */
  readonly n?: Value;
  /** Discrete: the first of them. */
  readonly start?: Value;
  readonly nvec?: Value;
  readonly shape?: readonly number[];
  /** By NumPy's names. */
  readonly dtype?: string;
  /** Box: one number where it is the same everywhere, or else an array. */
  readonly low?: Value;
  /** As `low`. */
  readonly high?: Value;
  readonly min_length?: Value;
  readonly max_length?: Value;
  /** Tuple: one after the other; Dict: by key. */
  readonly spaces?: readonly Space[] | ReadonlyMap<Value, Space>;
  /** Sequence: what it is a sequence of. */
  readonly feature_space?: Space;
  /** Sequence: whether its elements come as one batch. */
  readonly stack?: boolean;
  /** Graph: of each node. */
  readonly node_space?: Space;
  /** Graph: of each edge; missing where edges have none. */
  readonly edge_space?: Space;
  /** Text: those that it may have. */
  readonly characters?: string;
}

/** The same for all, or by agent. */
export type PerAgent<T> = T | ReadonlyMap<AgentId, T>;

/**
 * How an env's agents act: the only one (`Step`), all at the same time (`ParallelStep`), in turns (`TurnStep`), or each in
 * an env of its own that is one of a Gymnasium vector env's (`VectorStep`).
 */
export type EnvKind = 'single' | 'parallel' | 'turns' | 'vector';

/**
 * What an env says of itself when it is set up, and when a reset has made or changed its spaces. For a PettingZoo env the
 * spaces are Maps by agent.
 */
export interface EnvReady {
  /**
   * As far as it is known at the set-up. What gives agents away only by its values is `'single'` until then: an env
   * without `possible_agents` and spaces by agent, or one whose values are lists.
   */
  readonly kind: EnvKind;
  /**
   * All agents that the env names, by `possible_agents`, `agents` or its spaces; empty where it names none before its
   * reset, and null for a single-agent or a vector env.
   */
  readonly agents: readonly AgentId[] | null;
  /** The same agents as Python has them, in the same order: a tuple as an array. */
  readonly agentIds: readonly Value[] | null;
  /** How many envs a vector env has; null for any other. Its spaces are those of all of them together. */
  readonly numEnvs: number | null;
  /** Null where the env has none, or none that can be had: `problems$` says why. */
  readonly actionSpace: PerAgent<Space | null>;
  readonly observationSpace: PerAgent<Space | null>;
  readonly metadata: Value;
  /** Which of the runtime's interpreters the env lives in, from 1. */
  readonly attempt: number;
}
