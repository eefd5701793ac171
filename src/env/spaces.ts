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
 * What an env says of itself when it is set up, and when a reset has made or changed its spaces. For a PettingZoo env the spaces are Maps by agent.
 */
export interface EnvReady {
  /** A PettingZoo env's `possible_agents`; null for a single-agent env. */
  readonly agents: readonly AgentId[] | null;
  /** How many envs a vector env has; null for any other. Its spaces are those of all of them together. */
  readonly numEnvs: number | null;
  /** Null where the env has none, or none that can be had: `problems$` says why. */
  readonly actionSpace: PerAgent<Space | null>;
  readonly observationSpace: PerAgent<Space | null>;
  readonly metadata: Value;
  /** Which of the runtime's interpreters the env lives in, from 1. */
  readonly attempt: number;
}
