import type { NdArray } from '../protocol/ndarray.js';
import type { Data, Value } from '../protocol/values.js';

/**
 * What an agent is called: a string or an int in Python, and the same here. An agent that is neither has the text of its
 * `str()`: the tuple `('red', 1)` is `"('red', 1)"`; `ready.agentIds` has it as it is. Actions by agent take the same.
 */
export type AgentId = string | number;

/** What an env takes as an action: plain data, in the form that its `action_space` asks for. */
export type Action = Data;

/**
 * How an action came about: `'input'`, a person's key, button or touch; `'policy'`, what a policy answered; `'constant'`;
 * `'idle'`, since nothing was given (or the same action as then); `'previous'`, the agent's last action again; `'late'`, in place of a policy's answer that
 * did not come in time.
 */
export type ActedBy = 'input' | 'policy' | 'constant' | 'idle' | 'previous' | 'late';

/** Where an agent's action comes from. */
export interface Origin {
  readonly by: ActedBy;
  /**
   * When it was given, on the clock of `performance.now()`: when the policy answered, or when the page was told of the key.
   * What is held has the time of its beginning in each step.
   */
  readonly at: number;
}

/** What rxgym keeps beside what the env says. */
export interface StepCounters {
  /** What was stepped; null for a step that reset the env instead. */
  readonly action: Action;
  /** Where the action comes from, by agent where the action is; only after `actions`, which chose it. */
  readonly origin?: Origin | ReadonlyMap<AgentId, Origin>;
  /**
   * When the step was sent, on the clock of `performance.now()`; only after `stepWith` and `episodes`. Steps of one message
   * (`lookahead`) have the time of the message.
   */
  readonly startedAt?: number;
  /** Steps since the reset: 1 for the first step of an episode. */
  readonly index: number;
  /** Resets so far, also over restarts: 1 for the first episode. */
  readonly episode: number;
  /** True when the episode is over: terminated or truncated (for all agents). */
  readonly done: boolean;
}

/**
 * One step of a single-agent env, in Gymnasium's words. Where the env's reward is a vector, one number for each objective,
 * write `Step<Value, NdArray>`: reward and return are then float64 arrays.
 */
export interface Step<Observation = Value, Reward = number> extends StepCounters {
  readonly observation: Observation;
  readonly reward: Reward;
  readonly terminated: boolean;
  /** Truncated by the env, or by `maxSteps`. */
  readonly truncated: boolean;
  readonly info: Readonly<Record<string, Value>>;
  /** The sum of the episode's rewards so far. */
  readonly return: Reward;
}

/**
 * One step of a PettingZoo parallel env: the same fields, each by agent. An `int` agent is a number here, and the agents
 * of an env whose values are lists are 0, 1, 2, …
 */
export interface ParallelStep<Observation = Value, Reward = number> extends StepCounters {
  readonly observation: ReadonlyMap<AgentId, Observation>;
  readonly reward: ReadonlyMap<AgentId, Reward>;
  readonly terminated: ReadonlyMap<AgentId, boolean>;
  readonly truncated: ReadonlyMap<AgentId, boolean>;
  readonly info: ReadonlyMap<AgentId, Readonly<Record<string, Value>>>;
  /** By agent, the sum of its rewards so far. */
  readonly return: ReadonlyMap<AgentId, Reward>;
}

/**
 * One step of a turn-based (PettingZoo AEC) env (https://pettingzoo.farama.org/api/aec/): what it came to, and whose turn
 * is next. The turns of agents that are terminated or truncated are taken for them, by `step(None)`.
 */
export interface TurnStep<Observation = Value, Reward = number> extends StepCounters {
  /** Who acts next; null when the episode is over. */
  readonly agent: AgentId | null;
  /** What that agent observes; null where the env has nothing for it, or the episode is over. */
  readonly observation: Observation | null;
  /** Its info; `action_mask` is here wherever the env has it, also where that is in the observation. */
  readonly info: Readonly<Record<string, Value>>;
  /** By agent, what this step gave, with what the turns of dead agents after it gave. */
  readonly reward: ReadonlyMap<AgentId, Reward>;
  /** Of the agents that were there; one that is terminated is not in the steps after. */
  readonly terminated: ReadonlyMap<AgentId, boolean>;
  /** By the env, or for all by `maxSteps`. */
  readonly truncated: ReadonlyMap<AgentId, boolean>;
  /** By agent, the sum of its rewards so far; also of those that are not there any more. */
  readonly return: ReadonlyMap<AgentId, Reward>;
}

/**
 * One step of a Gymnasium vector env, which resets its envs itself: the same fields, each an array with an element for
 * each env. `done` is true at `maxSteps` only, since the whole of it has no end of its own.
 */
export interface VectorStep<Observation = Value> extends StepCounters {
  readonly observation: Observation;
  readonly reward: NdArray;
  /** Of dtype `bool`: 0 and 1. */
  readonly terminated: NdArray;
  /** Of dtype `bool`: 0 and 1. */
  readonly truncated: NdArray;
  /** As Gymnasium has it: arrays, each with a mask under its name and a `_` before it. */
  readonly info: Readonly<Record<string, Value>>;
  /** `float64`: by env, the sum of its episode's rewards so far. */
  readonly return: NdArray;
}

/** A step of any kind of env, its rewards numbers or vectors. */
export type AnyStep =
  | Step
  | Step<Value, NdArray>
  | ParallelStep
  | ParallelStep<Value, NdArray>
  | TurnStep
  | TurnStep<Value, NdArray>
  | VectorStep;

/**
 * What `reset` answers. For a PettingZoo parallel env observation and info are Maps by agent; for a turn-based one they are
 * those of `agent`.
 */
export interface Reset {
  /** Of a turn-based env: who acts first. */
  readonly agent?: AgentId | null;
  readonly observation: Value;
  readonly info: Value;
  /** The episode that begins, from 1. */
  readonly episode: number;
}

/** `seed` is an integer (0 is a seed); `options` is handed to the env's `reset` as it is. */
export interface ResetOptions {
  readonly seed?: number | undefined;
  readonly options?: Data;
  /** Default `'error'`. */
  readonly onCrash?: CrashPolicy | undefined;
  /** In ms from the command's start; default: the runtime's `deadlines.reset`. */
  readonly deadline?: number | undefined;
}

/**
 * What becomes of a command whose interpreter dies, or that passes its deadline: `error` ends it with that error;
 * `resume` sends it again after the recovery. It is begun at most `restart.limit` times in all, and at least once.
 */
export type CrashPolicy = 'error' | 'resume';

export interface StepOptions {
  /** Default `'error'`. */
  readonly onCrash?: CrashPolicy | undefined;
  /** In ms from the command's start; default: the runtime's `deadlines.step`. */
  readonly deadline?: number | undefined;
}

/**
 * Pixels: `data` is height × width × channels bytes, row by row from the top; channels 1 is grey, 3 RGB, 4 RGBA. An env's
 * frames are RGBA, whatever its `render()` returned; {@link paint} takes all three.
 */
export interface PixelFrame {
  readonly kind: 'pixels';
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3 | 4;
  readonly data: Uint8Array;
}

/** One thing to draw, in Interactive Gym's form. Positions and lengths are shares of the canvas, 0 to 1. */
export interface DrawableObject {
  readonly object_type: string;
  readonly uuid?: string | number;
  /** Painted from the smallest depth to the greatest; default 0. */
  readonly depth?: number;
  /** Stays until it is removed by name, also when later frames leave it out. */
  readonly permanent?: boolean;
  readonly [field: string]: Value | undefined;
}

/** A list of objects. A delta changes and removes objects of the scene so far; a full frame replaces it. */
export interface ObjectFrame {
  readonly kind: 'objects';
  readonly objects: readonly DrawableObject[];
  readonly delta: boolean;
  /** The `uuid`s that a delta takes away. */
  readonly removed: readonly (string | number)[];
  /**
   * True where a scene begins: nothing of the one before stays, permanent objects neither. The first frame behind a reset or
   * a `setState` is such a one, and that of a subscriber who comes late: it has all objects.
   */
  readonly first?: boolean;
}

/** What a `render_mode='ansi'` env shows. */
export interface TextFrame {
  readonly kind: 'text';
  readonly text: string;
}

/** What there is to see after a step or a reset. */
export type Frame = PixelFrame | ObjectFrame | TextFrame;
