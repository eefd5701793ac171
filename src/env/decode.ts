// From what worker/bridge answers to what the public types promise.

import { describe } from '../describe.js';
import { ProtocolError, type PythonErrorFacts } from '../errors.js';
import { isNdArray } from '../protocol/ndarray.js';
import type { Value } from '../protocol/values.js';
import type { EnvReady } from './spaces.js';
import type { AgentId, AnyStep, DrawableObject, Frame, Reset } from './step.js';

/** A decoded step or reset: the public part, the frame that was rendered after it, and the digest that a replay must have. */
export interface Outcome<T> {
  readonly result: T;
  readonly frame: Frame | null;
  readonly digest: number;
  /** The frame changed the env, so that a replay has to render it, too. */
  readonly rendered: boolean;
}

export function decodeStep(value: Value): Outcome<AnyStep> {
  // a turn-based env's has one more
  const [observation, reward, terminated, truncated, done, index, episode, ...more] = list(value, 'step', 11, 12);
  const agent = more.length === 5 ? { agent: more[0] } : {};
  const [info, total, digest, frame] = more.slice(-4);
  const isReward = typeof reward === 'number' || isNdArray(reward);
  const single = isReward && typeof terminated === 'boolean' && typeof truncated === 'boolean';
  const parallel = reward instanceof Map && terminated instanceof Map && truncated instanceof Map;
  const vector = [reward, terminated, truncated].every(isNdArray);
  const counted = typeof index === 'number' && typeof episode === 'number' && typeof digest === 'number';
  if (!(single || parallel || vector) || typeof done !== 'boolean' || !counted) {
    throw new ProtocolError('a step', describe({ reward, done, index, episode, digest }));
  }
  const step = { ...agent, observation, reward, terminated, truncated, info, done, index, episode, return: total };
  return { result: step as unknown as AnyStep, ...decodeRendered(frame ?? null), digest };
}

/** Steps of one message, and what the one after them raised. */
export function decodeSteps(value: Value): {
  readonly outcomes: readonly Outcome<AnyStep>[];
  readonly raised: PythonErrorFacts | null;
} {
  const [rows, raised] = list(value, 'steps', 2);
  if (!Array.isArray(rows) || !(rows.length || raised)) throw new ProtocolError('steps', describe(rows));
  const outcomes = (rows as readonly Value[]).map((row) => decodeStep(row));
  return { outcomes, raised: raised ? (raised as unknown as { readonly e: PythonErrorFacts }).e : null };
}

export function decodeReset(value: Value): Outcome<Reset> {
  const [observation = null, episode, ...more] = list(value, 'reset', 5, 6);
  const agent = more.length === 4 ? { agent: more[0] as AgentId | null } : {};
  const [info = null, digest, frame] = more.slice(-3);
  if (typeof episode !== 'number' || typeof digest !== 'number') {
    throw new ProtocolError("a reset's episode and digest", describe({ episode, digest }));
  }
  return { result: { ...agent, observation, info, episode }, ...decodeRendered(frame ?? null), digest };
}

export function decodeReady(value: Value, attempt: number): EnvReady {
  const [named, actionSpace, observationSpace, metadata, numEnvs, kind] = list(value, 'env', 6);
  const [agents, agentIds] = Array.isArray(named)
    ? [0, 1].map((i) => (named as readonly (readonly Value[])[]).map((names) => names[i]))
    : [null, null];
  const ready = { kind, agents, agentIds, numEnvs, actionSpace, observationSpace, metadata, attempt };
  return ready as unknown as EnvReady;
}

export function decodeRendered(value: Value): { readonly frame: Frame | null; readonly rendered: boolean } {
  const { changes } = (value ?? {}) as { readonly changes?: Value };
  return { frame: decodeFrame(value), rendered: changes === true };
}

function decodeFrame(value: Value): Frame | null {
  if (value === null) return null;
  const frame = value as Partial<Record<string, Value>>;
  const { kind } = frame;
  if (kind === 'nothing') return null;
  if (kind === 'text' && typeof frame['text'] === 'string') return { kind, text: frame['text'] };
  if (kind === 'objects' && Array.isArray(frame['objects']) && Array.isArray(frame['removed'])) {
    const objects = frame['objects'] as readonly DrawableObject[];
    return { kind, objects, delta: frame['delta'] === true, removed: frame['removed'] as readonly string[] };
  }
  if (kind === 'pixels' && isNdArray(frame['data'])) {
    const { data } = frame['data'];
    const { width, height, channels } = frame as { width: number; height: number; channels: 1 | 3 | 4 };
    if (data instanceof Uint8Array && data.length === width * height * channels) {
      return { kind, width, height, channels, data };
    }
  }
  throw new ProtocolError('a frame', describe(kind));
}

function list(value: Value, what: string, ...lengths: readonly number[]): readonly Value[] {
  if (Array.isArray(value) && lengths.includes(value.length)) return value as readonly Value[];
  throw new ProtocolError(
    `${what}: ${lengths.join(' or ')} values`,
    Array.isArray(value) ? String(value.length) : typeof value,
  );
}
