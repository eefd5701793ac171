import { describe } from '../describe.js';
import type { Space } from '../env/spaces.js';
import type { Action } from '../env/step.js';
import { UsageError } from '../errors.js';
import { isNdArray, type NdArray } from '../protocol/ndarray.js';
import type { Value } from '../protocol/values.js';
import type { Random } from './random.js';

/**
 * One element of a space, by the rules of Gymnasium's `sample`. `mask`: for Discrete 1 for each action that is legal; for
 * MultiDiscrete and Tuple a list of masks, for Dict an object of them.
 */
export function sample(space: Space, random: Random, mask?: Value): Action {
  switch (space.type) {
    case 'Discrete':
      return Number(space.start ?? 0) + pick(Number(space.n), random, mask);
    case 'MultiDiscrete':
      return flat(space.nvec).map((n, i) => pick(n, random, part(mask, i)));
    case 'MultiBinary':
      return Array.from({ length: flat(space.shape ?? space.n).reduce((all, n) => all * n, 1) }, () => pick(2, random));
    case 'Box':
      return sampleBox(space, random);
    case 'Tuple':
      return ((space.spaces ?? []) as readonly Space[]).map((each, i) => sample(each, random, part(mask, i)));
    case 'Dict': {
      const spaces = [...((space.spaces ?? new Map()) as ReadonlyMap<string, Space>)];
      return new Map(spaces.map(([key, each]): [string, Action] => [key, sample(each, random, part(mask, key))]));
    }
    default:
      throw new UsageError(
        'randomPolicy.space',
        'Discrete, MultiDiscrete, MultiBinary, Box, Tuple or Dict',
        space.type,
      );
  }
}

/** A whole number below n, evenly among those whose mask is not 0. */
function pick(n: number, random: Random, mask?: Value): number {
  if (mask === undefined || mask === null) return Math.floor(random() * n);
  const flags = flat(mask);
  const legal = flags.flatMap((flag, action) => (flag ? [action] : []));
  if (flags.length !== n || legal.length === 0) {
    throw new UsageError('action_mask', `${n} flags, one of them true at least`, describe(mask));
  }
  return legal[Math.floor(random() * legal.length)] ?? 0;
}

function sampleBox({ shape = [], low = null, high = null, dtype = 'float32' }: Space, random: Random): NdArray {
  const size = shape.reduce((all, n) => all * n, 1);
  const isWhole = dtype.includes('int');
  const bound = (bounds: Value, i: number): number => {
    const values = flat(bounds);
    return values[values.length === 1 ? 0 : i] ?? NaN;
  };
  const values = Array.from({ length: size }, (_, i) => {
    const [from, to] = [bound(low, i), bound(high, i)];
    // exponential where it is bounded at one side, normal where at none
    if (Number.isFinite(from) && Number.isFinite(to)) {
      return isWhole ? from + Math.floor(random() * (to - from + 1)) : from + random() * (to - from);
    }
    const far = -Math.log(1 - random());
    if (Number.isFinite(from)) return isWhole ? Math.floor(from + far) : from + far;
    if (Number.isFinite(to)) return isWhole ? Math.floor(to - far) : to - far;
    const normal = Math.sqrt(2 * far) * Math.cos(2 * Math.PI * random());
    return isWhole ? Math.floor(normal) : normal;
  });
  const data =
    dtype === 'float64' ? Float64Array.from(values) : isWhole ? Int32Array.from(values) : Float32Array.from(values);
  return { data, shape, dtype: dtype === 'float64' ? 'float64' : isWhole ? 'int32' : 'float32' };
}

/** The numbers and flags of a list, an array or a single value. */
function flat(values: unknown): readonly number[] {
  if (isNdArray(values)) return Array.from(values.data as Iterable<number | bigint>, Number);
  if (ArrayBuffer.isView(values)) return Array.from(values as unknown as Iterable<number>, Number);
  if (Array.isArray(values)) return values.flatMap((each) => flat(each));
  return values === undefined ? [] : [values === null ? NaN : Number(values)];
}

function part(mask: Value | undefined, key: string | number): Value | undefined {
  if (mask === undefined || mask === null) return undefined;
  if (mask instanceof Map) return mask.get(key) as Value | undefined;
  if (isNdArray(mask))
    throw new UsageError('action_mask', 'a list of masks, one for each part of the space', 'one array');
  return (mask as Readonly<Record<string | number, Value>>)[key];
}
