import { EMPTY, defer, expand, map, mergeMap, range, type Observable } from 'rxjs';
import { anyRule, check, checkOptions, countRule, deadlineRule, type Rules } from '../check.js';
import { describe } from '../describe.js';
import { ProtocolError } from '../errors.js';
import { isNdArray, type NdArray } from '../protocol/ndarray.js';
import { pack, type Packed } from '../protocol/pack.js';
import type { Data, Value } from '../protocol/values.js';
import { crashRule } from './command-rules.js';
import type { Action, AgentId, AnyStep, CrashPolicy } from './step.js';

/** Where a rollout's actions come from: exactly one of `actions` and `policy`. */
export interface RolloutOptions {
  /**
   * The actions, one a step: an array of them, or an array whose rows they are. A parallel env's are by agent each, as
   * `step` takes them; a turn-based env's are each for whoever acts then.
   */
  readonly actions?: readonly Action[] | NdArray | ArrayBufferView | undefined;
  /**
   * `'random'`, which samples the env's `action_space`, or Python source that leaves a function `policy(observation)`. Of
   * several agents, `'random'` respects the action masks in infos and observations, and the function is called for each
   * agent that acts: `policy(observation)`, `policy(observation, agent)` or `policy(observation, agent, info)`. An object or
   * a Map has one or the other by agent. After a crash the function is made anew: let it depend on nothing but what it is
   * given and `random`.
   */
  readonly policy?: string | Readonly<Record<string, string>> | ReadonlyMap<AgentId, string> | undefined;
  /** How many steps; default: as many as there are actions. A policy needs it, or `until`. */
  readonly steps?: number | undefined;
  /** `'done'` ends the rollout with the episode. */
  readonly until?: 'done' | undefined;
  /**
   * Steps a chunk; a whole number from 1. Default: 16 to begin with, then, also in the next rollout, as many as take 25 to
   * 100 ms and whose observations fit into 16 MiB.
   */
  readonly every?: number | undefined;
  /** In ms for each chunk, from its start in the worker; default: the runtime's `deadlines.run`. */
  readonly deadline?: number | undefined;
  /** Default `'error'`. */
  readonly onCrash?: CrashPolicy | undefined;
}

const rolloutRules: Rules<RolloutOptions> = {
  actions: anyRule,
  policy: {
    expected: "'random' or Python code, or an object or a Map of these by agent",
    fits: (value) => typeof value === 'string' || byAgent(value).every(([, each]) => typeof each === 'string'),
  },
  steps: countRule,
  until: { words: ['done'] },
  every: countRule,
  deadline: deadlineRule,
  onCrash: crashRule,
};

/** What the chunks of all rollouts have. */
export interface RolloutChunk {
  /** The episodes that began in the chunk. */
  readonly resets: readonly RolloutReset[];
  /** How many steps there were before the chunk. */
  readonly from: number;
  readonly count: number;
  /** How many steps the rollout has in all; null where it ends with the episode. */
  readonly total: number | null;
  /** True when the last step ended an episode. */
  readonly done: boolean;
  /** The last step's place in its episode, from 1. */
  readonly index: number;
  /** The last step's episode. */
  readonly episode: number;
}

/** A chunk of a rollout: `count` steps, one row each. */
export interface Rollout extends RolloutChunk {
  /** The steps' observations: one array of shape count × the observation's, or a list where they differ in kind. */
  readonly observations: NdArray | readonly Value[];
  /** What was done, in the same form. */
  readonly actions: NdArray | readonly Value[];
  /** float64, of shape [count]; where the env's rewards are vectors, of shape [count, objectives]. */
  readonly rewards: NdArray;
  /** bool, of shape [count]. */
  readonly terminations: NdArray;
  /** bool, of shape [count]. */
  readonly truncations: NdArray;
}

/** A chunk of a rollout of a parallel or turn-based env: `count` steps, in columns by agent. */
export interface AgentsRollout extends RolloutChunk {
  /** Of each agent that did, saw or got something in the chunk. */
  readonly agents: ReadonlyMap<AgentId, AgentColumns>;
}

/**
 * One agent's part of a chunk. Agents come and go, and act in turns, so that columns have a row for some of the chunk's steps
 * only: `rows`, `acted` and `observed` say for which, from 0, in rising order (int32).
 */
export interface AgentColumns {
  /** The steps that the agent was there in: those of `rewards`, `terminations` and `truncations`. */
  readonly rows: NdArray;
  /** float64, one for each of `rows`. */
  readonly rewards: NdArray;
  /** bool, one for each of `rows`. */
  readonly terminations: NdArray;
  /** bool, one for each of `rows`. */
  readonly truncations: NdArray;
  /** The steps that the agent acted in. */
  readonly acted: NdArray;
  /** Its actions, one for each of `acted`, in the form of {@link Rollout}'s columns. */
  readonly actions: NdArray | readonly Value[];
  /** The steps after which the agent observed something: in a turn-based env, those before its turns. */
  readonly observed: NdArray;
  /** What it observed, one for each of `observed`, in the same form. */
  readonly observations: NdArray | readonly Value[];
}

/** A chunk of a rollout of an env with such steps. */
export type RolloutOf<S extends AnyStep> = S['reward'] extends ReadonlyMap<AgentId, unknown> ? AgentsRollout : Rollout;

/** An episode's beginning; `at`: which of the chunk's steps, from 0, was its first. */
export interface RolloutReset {
  readonly at: number;
  readonly episode: number;
  readonly observation: Value;
  readonly info: Value;
  /** Of a turn-based env: who acts first. */
  readonly agent?: AgentId | null;
}

/** A chunk as Python answers it, with the digest for a replay. */
export interface RolledOut {
  readonly chunk: Omit<Rollout, 'from' | 'total'> | Omit<AgentsRollout, 'from' | 'total'>;
  readonly digest: number;
}

/**
 * Emits chunk after chunk. With a fixed `every` and no `until`, the next chunk is queued while one runs. Otherwise the next
 * depends on the one before, and is sent when that was handed on.
 */
export function rollout(
  options: RolloutOptions,
  take: (options: Packed) => Observable<RolledOut['chunk']>,
  pace: Pace,
): Observable<Rollout | AgentsRollout> {
  return defer(() => {
    const { every, until, rows, total, policy } = checked(options);
    const name = typeof policy === 'object' ? JSON.stringify(byAgent(policy)) : policy;
    if (pace.policy !== name) Object.assign(pace, firstPace(name));
    const chunk = (from: number): Observable<Rollout | AgentsRollout> => {
      const steps = Math.min(every ?? pace.size, total - from);
      const begun = performance.now();
      const body = { actions: rows?.(from, from + steps) ?? null, policy, steps, once: until === 'done' };
      return take(pack(body, 'rollout')).pipe(
        map((rolled) => {
          if (every === undefined && rolled.count === pace.size) pace.size = fitting(rolled, performance.now() - begun);
          return { ...rolled, from, total: Number.isFinite(total) ? total : null };
        }),
      );
    };
    if (until !== 'done' && every !== undefined) {
      return range(Math.ceil(total / every)).pipe(mergeMap((n) => chunk(n * every), 2));
    }
    const isLast = ({ done, from, count }: RolloutChunk): boolean =>
      (until === 'done' && done) || from + count >= total;
    return chunk(0).pipe(expand((last) => (isLast(last) ? EMPTY : chunk(last.from + last.count))));
  });
}

/** How many steps the next chunk is to have where nobody says. An env keeps it from rollout to rollout of one policy. */
export interface Pace {
  policy: string | undefined;
  size: number;
}

export const firstPace = (policy?: string): Pace => ({ policy, size: 16 });

/** What is asked of the next chunk, so that a bar moves, the worker seldom waits for the page, and memory is enough. */
function fitting(chunk: RolledOut['chunk'], ms: number): number {
  const { count } = chunk;
  const inTime = ms > 100 ? Math.ceil(count / 2) : ms < 25 ? 8 * count : count;
  const inMemory = Math.floor((16 * 2 ** 20 * count) / bytesOf('agents' in chunk ? chunk.agents : chunk.observations));
  return Math.max(1, Math.min(inTime, inMemory, 16_384));
}

/** Of all arrays in a value, and a byte for what is none. */
function bytesOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1;
  if (isNdArray(value)) return Math.max(1, value.data.byteLength);
  const parts: unknown[] = value instanceof Map ? [...value.values()] : Object.values(value);
  return parts.reduce((sum: number, each) => sum + bytesOf(each), 1);
}

/** What an object or a Map has by agent; one that is neither has nothing that fits. */
function byAgent(policies: unknown): readonly (readonly [AgentId, unknown])[] {
  if (typeof policies !== 'object' || policies === null || Array.isArray(policies)) return [['', policies]];
  return policies instanceof Map ? [...(policies as Map<AgentId, unknown>)] : Object.entries(policies);
}

type Rows = (from: number, to: number) => Data;

function checked(options: RolloutOptions) {
  checkOptions('rollout', options, rolloutRules);
  const { actions, policy, steps, until, every } = options;
  check('rollout', policy === undefined ? 'none of them' : 'both', 'one of actions and policy', !actions !== !policy);
  const given = actions && rowsOf(actions);
  const ends = given ?? steps ?? until;
  check('rollout.steps', steps, 'a number of steps, or until', ends !== undefined);
  const total = steps ?? given?.length ?? Infinity;
  check('rollout.steps', steps, `at most the ${given?.length} actions`, !given || total <= given.length);
  return { every, until, total, policy, rows: given?.rows };
}

function rowsOf(actions: NonNullable<RolloutOptions['actions']>): { readonly length: number; readonly rows: Rows } {
  if (Array.isArray(actions)) {
    const list = actions as readonly Action[];
    return { length: list.length, rows: (from, to) => list.slice(from, to) };
  }
  if (isNdArray(actions)) {
    const { data, shape, dtype } = actions;
    const [length = 0, ...row] = shape;
    const size = length && data.length / length;
    const rows: Rows = (from, to) => ({
      data: data.subarray(from * size, to * size),
      shape: [to - from, ...row],
      dtype,
    });
    return { length, rows };
  }
  const isList = ArrayBuffer.isView(actions) && 'subarray' in actions;
  check('rollout.actions', actions, 'an array of actions, a typed array or an NdArray', isList);
  const list = actions as unknown as Uint8Array;
  return { length: list.length, rows: (from, to) => list.subarray(from, to) };
}

export function decodeRollout(value: Value): RolledOut {
  if (Array.isArray(value) && value.length === 7) return decodeAgentsRollout(value as readonly Value[]);
  const [count, observations, actions, rewards, terminations, truncations, done, index, episode, resets, digest] =
    Array.isArray(value) && value.length === 11 ? (value as Value[]) : [];
  const arrays = [rewards, terminations, truncations];
  const numbers = [count, index, episode, digest];
  const fits = arrays.every(isNdArray) && numbers.every((number) => typeof number === 'number');
  if (!fits || !Array.isArray(resets))
    throw new ProtocolError('a rollout: 7 or 11 values', describe({ count, digest }));
  const columns = { observations, actions, rewards, terminations, truncations, resets: decodeResets(resets) };
  return { chunk: { ...columns, count, done, index, episode } as RolledOut['chunk'], digest: digest as number };
}

function decodeAgentsRollout(value: readonly Value[]): RolledOut {
  const [count, agents, done, index, episode, resets, digest] = value;
  const numbers = [count, index, episode, digest];
  if (!(agents instanceof Map && Array.isArray(resets) && numbers.every((number) => typeof number === 'number'))) {
    throw new ProtocolError("a rollout's columns by agent", describe({ count, digest }));
  }
  const columns = [...(agents as ReadonlyMap<AgentId, readonly Value[]>)].map(([agent, values]) => {
    const [rows, rewards, terminations, truncations, acted, actions, observed, observations] = values;
    return [agent, { rows, rewards, terminations, truncations, acted, actions, observed, observations }] as const;
  });
  const chunk = { agents: new Map(columns), resets: decodeResets(resets as Value[]), count, done, index, episode };
  return { chunk: chunk as unknown as RolledOut['chunk'], digest: digest as number };
}

/** A turn-based env's have one value more. */
const decodeResets = (resets: readonly Value[]) =>
  (resets as readonly (readonly Value[])[]).map(([at, episode, observation, info, ...agent]) => ({
    at,
    episode,
    observation,
    info,
    ...(agent.length && { agent: agent[0] }),
  }));
