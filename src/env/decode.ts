// From what bridge.py answers to what the public types promise.

import { ProtocolError } from '../errors.js';
import { describe } from '../protocol/decode.js';
import { isNdArray } from '../protocol/ndarray.js';
import type { Value } from '../protocol/values.js';
import type { EnvReady } from './spaces.js';
import type { AnyStep, DrawableObject, Frame, Reset } from './step.js';

/** A step or reset, with the frame that was rendered after it, if one was. */
export interface Seen<T> {
  readonly result: T;
  readonly frame: Frame | null;
}

export function decodeStep(value: Value): Seen<AnyStep> {
  const [observation, reward, terminated, truncated, info, done, index, episode, total, frame] = list(
    value,
    10,
    'step',
  );
  const single = typeof reward === 'number' && typeof terminated === 'boolean' && typeof truncated === 'boolean';
  const parallel = reward instanceof Map && terminated instanceof Map && truncated instanceof Map;
  if (!(single || parallel) || typeof done !== 'boolean' || typeof index !== 'number' || typeof episode !== 'number') {
    throw new ProtocolError('a step', describe({ reward, done, index, episode }));
  }
  const step = { observation, reward, terminated, truncated, info, done, index, episode, return: total };
  return { result: step as unknown as AnyStep, frame: decodeFrame(frame ?? null) };
}

export function decodeReset(value: Value): Seen<Reset> {
  const [observation = null, info = null, episode, frame] = list(value, 4, 'reset');
  if (typeof episode !== 'number') throw new ProtocolError("a reset's episode", describe(episode));
  return { result: { observation, info, episode }, frame: decodeFrame(frame ?? null) };
}

export function decodeReady(value: Value, attempt: number): EnvReady {
  const [agents, actionSpace, observationSpace, metadata] = list(value, 4, 'env');
  return { agents, actionSpace, observationSpace, metadata, attempt } as unknown as EnvReady;
}

export function decodeFrame(value: Value): Frame | null {
  if (value === null) return null;
  const frame = value as Partial<Record<string, Value>>;
  const { kind } = frame;
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

function list(value: Value, length: number, what: string): readonly Value[] {
  if (Array.isArray(value) && value.length === length) return value as readonly Value[];
  throw new ProtocolError(`${what}: ${length} values`, Array.isArray(value) ? String(value.length) : typeof value);
}
