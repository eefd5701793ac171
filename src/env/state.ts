import { describe } from '../describe.js';
import { UsageError } from '../errors.js';
import { isNdArray } from '../protocol/ndarray.js';
import { pack, type Packed } from '../protocol/pack.js';
import type { Value } from '../protocol/values.js';

/**
 * An env's state with its counters and the states of Python's and NumPy's global random generators. Opaque: keep it,
 * store it, send it (it survives structured clone), and give it to `setState` of an env of the same spec. It is a
 * pickle: take none from people you do not trust.
 */
export interface EnvState {
  readonly format: 1;
  readonly bytes: Uint8Array;
}

export function decodeState(value: Value): EnvState {
  if (isNdArray(value) && value.data instanceof Uint8Array) return { format: 1, bytes: value.data };
  throw new UsageError('getState', 'bytes', describe(value));
}

export function packState(state: EnvState): Packed {
  const { format, bytes } = state as Partial<EnvState>;
  if (format === 1 && ArrayBuffer.isView(bytes)) return pack(bytes, 'state');
  throw new UsageError('state', 'an EnvState, as getState answers it', describe(state));
}
