import type { Action, NdArray, Space } from '../index.js';
import { describe } from '../describe.js';
import { draw, type Legal, type Random } from './draw.js';
import { OnnxActionError } from './errors.js';
import { flatten, product } from './flatten.js';
import type { Tensor } from './messages.js';
import { toNdArray } from './tensor.js';

export interface ActionOptions {
  readonly sample: 'softmax' | 'argmax' | 'none';
  readonly temperature: number;
}

/** What the env says of the action. */
export interface Asked {
  readonly space: Space | undefined;
  /** Undefined also where the mask is to be left aside. */
  readonly mask: unknown;
}

/**
 * The action that an output stands for. A Box gets the numbers themselves, within its bounds. Else an output of integers, or
 * of a single number, is the action; any other is logits: of one choice, or of several one after the other (MultiDiscrete).
 * Throws an {@link OnnxActionError} where it is neither.
 */
export function actionOf(output: Tensor, { space, mask }: Asked, options: ActionOptions, random: Random): Action {
  if (options.sample === 'none') return toNdArray(output);
  const numbers = Array.from(output.data as ArrayLike<number | bigint>, Number);
  const known: Space = space ?? { type: 'Discrete' };
  const { type } = known;
  if (type === 'Box') return withinBox(numbers, known);
  if (type !== 'Discrete' && type !== 'MultiDiscrete') {
    const advice = "sample: 'none' hands the output on as it is";
    throw new OnnxActionError('space', `there is no rule for actions of a ${type} space; ${advice}`);
  }
  const heads = headsOf(known);
  const count = heads?.reduce((sum, { n }) => sum + n, 0);
  const legal = legalOf(mask, count);
  // where there is but one action, a single number is its logit
  if (output.type.includes('int') || (numbers.length === 1 && count !== 1)) return chosen(numbers, heads, legal, type);

  const expected = count ?? legal?.length ?? numbers.length;
  if (numbers.length !== expected || output.shape.slice(0, -1).some((length) => length !== 1)) {
    const shape = `[${output.shape.join(', ')}]`;
    throw new OnnxActionError(
      'length',
      `expected ${expected} logits for the ${type} action space, got ${numbers.length} (shape ${shape}); check the ` +
        'options `output` and `shape`, and that the model is of this env',
    );
  }
  let from = 0;
  const actions = (heads ?? [{ n: expected, start: 0 }]).map(({ n, start }) => {
    const end = from + n;
    const index = draw(numbers.slice(from, end), legal?.slice(from, end), options as Drawn, random);
    from = end;
    return index + start;
  });
  return type === 'Discrete' ? actions[0] : actions;
}

type Drawn = ActionOptions & { readonly sample: 'softmax' | 'argmax' };

/** One choice: how many there are, and what the first is called. */
interface Head {
  readonly n: number;
  readonly start: number;
}

/** Undefined where the space is not known. */
function headsOf(space: Space): readonly Head[] | undefined {
  const sizes = numbersOf(space.type === 'Discrete' ? space.n : space.nvec);
  const starts = numbersOf(space.start ?? 0);
  return sizes.length === 0 ? undefined : sizes.map((n, at) => ({ n, start: starts[at] ?? 0 }));
}

function legalOf(mask: unknown, count: number | undefined): Legal {
  if (mask === undefined || mask === null) return undefined;
  const flags = numbersOf(mask);
  if (flags.length === 0 || (count !== undefined && flags.length !== count)) {
    const expected = count === undefined ? 'flags' : `${count} flags`;
    throw new OnnxActionError(
      'length',
      `the mask has ${flags.length}, not ${expected} (${describe(mask)}); mask: false leaves it aside`,
    );
  }
  return flags.map((flag) => flag !== 0);
}

/** What the model chose itself. */
function chosen(numbers: readonly number[], heads: readonly Head[] | undefined, legal: Legal, type: string): Action {
  const expected = type === 'Discrete' ? 1 : (heads?.length ?? numbers.length);
  if (numbers.length !== expected) {
    throw new OnnxActionError(
      'length',
      `expected ${expected === 1 ? 'one action' : `${expected} actions`} for the ${type} action space, got ${numbers.length}`,
    );
  }
  let from = 0;
  for (const [at, number] of numbers.entries()) {
    if (!Number.isInteger(number)) {
      throw new OnnxActionError('nan', `the model answered ${number} as action, which is no whole number`);
    }
    const { n, start } = heads?.[at] ?? { n: Infinity, start: 0 };
    if (number < start || number >= start + n) {
      throw new OnnxActionError(
        'illegal',
        `the model answered the action ${number}, which the ${type} space does not have`,
      );
    }
    if (legal && legal[from + number - start] !== true) {
      throw new OnnxActionError(
        'illegal',
        `the model answered the action ${number}, which the mask forbids; a model of logits can keep a mask, and ` +
          'mask: false leaves it aside',
      );
    }
    from += n;
  }
  return type === 'Discrete' ? numbers[0] : numbers;
}

function withinBox(numbers: readonly number[], { shape = [], low, high }: Space): NdArray {
  const count = product(shape);
  if (numbers.length !== count) {
    const twice = numbers.length === 2 * count ? ' (means and deviations, perhaps)' : '';
    throw new OnnxActionError(
      'length',
      `expected ${count} numbers for the Box action space of shape [${shape.join(', ')}], got ${numbers.length}${twice}; ` +
        "sample: 'none' hands the output on as it is",
    );
  }
  const bad = numbers.findIndex(Number.isNaN);
  if (bad >= 0) {
    throw new OnnxActionError('nan', `the model answered NaN as number ${bad} of the action; check the observation`);
  }
  const lows = boundsOf(low, -Infinity);
  const highs = boundsOf(high, Infinity);
  const data = Float32Array.from(numbers, (number, at) => Math.min(Math.max(number, lows(at)), highs(at)));
  return { data, shape, dtype: 'float32' };
}

/** The bound at each place: one for all, or an array. */
function boundsOf(bound: unknown, none: number): (at: number) => number {
  const bounds = numbersOf(bound);
  return (at) => bounds[bounds.length === 1 ? 0 : at] ?? none;
}

/** What the env says of its space, or its mask, as numbers; a space of another kind has none. */
function numbersOf(value: unknown): readonly number[] {
  try {
    return value === undefined ? [] : Array.from(flatten(value).numbers);
  } catch {
    return [];
  }
}
