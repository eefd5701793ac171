import { describe } from '../describe.js';
import { ProtocolError, UsageError } from '../errors.js';
import { isNdArray } from '../protocol/ndarray.js';
import { pack, type Packed } from '../protocol/pack.js';
import type { Value } from '../protocol/values.js';

/**
 * An env's state with its counters and the states of Python's and NumPy's global random generators. Opaque: keep it,
 * store it, send it (it survives structured clone), and give it to `setState` of an env of the same spec. It is a
 * pickle: take none from people you do not trust.
 */
export interface EnvState {
  readonly format: 2;
  readonly bytes: Uint8Array;
  /** What the env had said last, see `GymEnv.latest`. */
  readonly latest?: unknown;
  /** The objects that it had shown: its next frame may tell only what has changed. */
  readonly shown?: unknown;
}

/** What an env answers when its state is asked for. */
export interface TakenState {
  /** Null where it would have taken longer than it might. */
  readonly state: EnvState | null;
  /** It was brought back into other objects, which were alike; a state of the env's own making cannot be. */
  readonly isProved: boolean;
  /** How long it took, in ms. */
  readonly ms: number;
}

export function decodeState(value: Value): TakenState {
  const [bytes, isProved, ms] = Array.isArray(value) ? (value as readonly Value[]) : [];
  const isState = bytes === null || (isNdArray(bytes) && bytes.data instanceof Uint8Array);
  if (!isState || typeof isProved !== 'boolean' || typeof ms !== 'number') {
    throw new ProtocolError('a state, whether it is proved, and ms', describe(value));
  }
  return { state: bytes && { format: 2, bytes: bytes.data as Uint8Array }, isProved, ms };
}

export function packState(state: EnvState): Packed {
  const { format, bytes } = state as Partial<EnvState>;
  if (format === 2 && ArrayBuffer.isView(bytes)) return pack(bytes, 'state');
  throw new UsageError('state', 'an EnvState, as getState answers it', describe(state));
}
