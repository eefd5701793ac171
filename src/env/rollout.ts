import { EMPTY, defer, expand, map, mergeMap, range, type Observable } from 'rxjs';
import { anyRule, check, checkOptions, countRule, deadlineRule, type Rules } from '../check.js';
import { describe } from '../describe.js';
import { ProtocolError } from '../errors.js';
import { isNdArray, type NdArray } from '../protocol/ndarray.js';
import { pack, type Packed } from '../protocol/pack.js';
import type { Data, Value } from '../protocol/values.js';
import { crashRule } from './command-rules.js';
import type { Action, CrashPolicy } from './step.js';

/** Where a rollout's actions come from: exactly one of `actions` and `policy`. */
export interface RolloutOptions {
  /** The actions, one a step: an array of them, or an array whose rows they are. */
  readonly actions?: readonly Action[] | NdArray | ArrayBufferView | undefined;
  /**
   * `'random'`, which samples the env's `action_space`, or Python source that leaves a function `policy(observation)`.
   * After a crash the function is made anew: let it depend on nothing but the observation and `random`.
   */
  readonly policy?: string | undefined;
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
  policy: { expected: "'random' or Python code", fits: (value) => typeof value === 'string' },
  steps: countRule,
  until: { words: ['done'] },
  every: countRule,
  deadline: deadlineRule,
  onCrash: crashRule,
};

/** A chunk of a rollout: `count` steps, one row each. */
export interface Rollout {
  /** The steps' observations: one array of shape count × the observation's, or a list where they differ in kind. */
  readonly observations: NdArray | readonly Value[];
  /** What was done, in the same form. */
  readonly actions: NdArray | readonly Value[];
  /** float64, of shape [count]. */
  readonly rewards: NdArray;
  /** bool, of shape [count]. */
  readonly terminations: NdArray;
  /** bool, of shape [count]. */
  readonly truncations: NdArray;
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

/** An episode's beginning; `at`: which of the chunk's steps, from 0, was its first. */
export interface RolloutReset {
  readonly at: number;
  readonly episode: number;
  readonly observation: Value;
  readonly info: Value;
}

/** A chunk as Python answers it, with the digest for a replay. */
export interface RolledOut {
  readonly chunk: Omit<Rollout, 'from' | 'total'>;
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
): Observable<Rollout> {
  return defer(() => {
    const { every, until, rows, total, policy } = checked(options);
    if (pace.policy !== policy) Object.assign(pace, firstPace(policy));
    const chunk = (from: number): Observable<Rollout> => {
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
    const isLast = ({ done, from, count }: Rollout): boolean => (until === 'done' && done) || from + count >= total;
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
function fitting({ count, observations }: RolledOut['chunk'], ms: number): number {
  const inTime = ms > 100 ? Math.ceil(count / 2) : ms < 25 ? 8 * count : count;
  const inMemory = Math.floor((16 * 2 ** 20 * count) / bytesOf(observations));
  return Math.max(1, Math.min(inTime, inMemory, 16_384));
}

/** Of all arrays in a value, and a byte for what is none. */
function bytesOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1;
  if (isNdArray(value)) return Math.max(1, value.data.byteLength);
  const parts: unknown[] = value instanceof Map ? [...value.values()] : Object.values(value);
  return parts.reduce((sum: number, each) => sum + bytesOf(each), 1);
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
  const [count, observations, actions, rewards, terminations, truncations, done, index, episode, resets, digest] =
    Array.isArray(value) && value.length === 11 ? (value as Value[]) : [];
  const arrays = [rewards, terminations, truncations];
  const numbers = [count, index, episode, digest];
  const fits = arrays.every(isNdArray) && numbers.every((number) => typeof number === 'number');
  if (!fits || !Array.isArray(resets)) throw new ProtocolError('a rollout: 11 values', describe({ count, digest }));
  const begun = (resets as Value[][]).map(([at, number, observation, info]) => ({
    at,
    episode: number,
    observation,
    info,
  }));
  const columns = { observations, actions, rewards, terminations, truncations, resets: begun };
  return { chunk: { ...columns, count, done, index, episode } as RolledOut['chunk'], digest: digest as number };
}
