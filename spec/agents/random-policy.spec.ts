import {
  isNdArray,
  randomPolicy,
  type NdArray,
  type PolicyContext,
  type AgentStep,
  type Space,
} from '../../src/index.js';
import { usageError } from '../operators/usage-error.js';

const discrete: Space = { type: 'Discrete', n: 4 };
const context = (more: Partial<PolicyContext<AgentStep>> = {}): PolicyContext<AgentStep> => ({
  observation: null,
  info: {},
  episode: 1,
  index: 1,
  last: undefined,
  ...more,
});
/** Its actions at the first steps of an episode. */
const actions = (
  policy: ReturnType<typeof randomPolicy>,
  count: number,
  more: Partial<PolicyContext<AgentStep>> = {},
) => Array.from({ length: count }, (_, i) => policy(context({ index: i + 1, ...more })));

describe('randomPolicy', () => {
  it('draws evenly from a Discrete space', () => {
    const drawn = actions(randomPolicy(discrete, { seed: 1 }), 4000) as number[];
    for (const action of [0, 1, 2, 3]) {
      const share = drawn.filter((each) => each === action).length / drawn.length;
      expect(Math.abs(share - 0.25)).toBeLessThan(0.03);
    }
  });

  it('gives the same action again for the same seed, agent, episode and step', () => {
    const [one, same, other] = [1, 1, 2].map((seed) => actions(randomPolicy(discrete, { seed }), 20));
    expect(same).toEqual(one);
    expect(other).not.toEqual(one);
    const policy = randomPolicy(discrete, { seed: 1 });
    expect(actions(policy, 20, { episode: 2 })).not.toEqual(one);
    expect(actions(policy, 20, { agent: 'bob' })).not.toEqual(one);
    // whatever was drawn in between
    expect(actions(policy, 20)).toEqual(one);
  });

  it('draws legal actions only, and takes the space that it is told of', () => {
    const policy = randomPolicy(undefined, { seed: 3 });
    const mask = { data: new Int8Array([0, 1, 0, 1]), shape: [4], dtype: 'int8' } as NdArray;
    expect(new Set(actions(policy, 50, { mask, space: discrete }))).toEqual(new Set([1, 3]));
    const parts = [
      [1, 0],
      [0, 0, 1],
    ];
    const space: Space = { type: 'MultiDiscrete', nvec: [2, 3] };
    expect(actions(policy, 1, { mask: parts, space })).toEqual([[0, 2]]);
  });

  it('begins a Discrete space where it begins', () => {
    const drawn = actions(randomPolicy({ ...discrete, start: -1 }, { seed: 1 }), 100) as number[];
    expect([Math.min(...drawn), Math.max(...drawn)]).toEqual([-1, 2]);
  });

  it('stays within the bounds of a Box, in its dtype', () => {
    const box: Space = { type: 'Box', shape: [2, 2], low: -1, high: [1, 2, 3, 4], dtype: 'float32' };
    const drawn = actions(randomPolicy(box, { seed: 5 }), 200) as NdArray[];
    expect(drawn.every(isNdArray)).toBe(true);
    expect(drawn[0]).toMatchObject({ shape: [2, 2], dtype: 'float32' });
    const last = drawn.map(({ data }) => Number(data[3]));
    expect(Math.min(...last)).toBeGreaterThanOrEqual(-1);
    expect(Math.max(...last)).toBeLessThanOrEqual(4);
    expect(Math.max(...last)).toBeGreaterThan(2);
    const whole: Space = { type: 'Box', shape: [1], low: 0, high: 2, dtype: 'uint8' };
    expect(new Set(actions(randomPolicy(whole, { seed: 1 }), 60).map((each) => (each as NdArray).data[0]))).toEqual(
      new Set([0, 1, 2]),
    );
    const open: Space = { type: 'Box', shape: [1], low: 5, high: Infinity, dtype: 'float64' };
    const far = actions(randomPolicy(open, { seed: 1 }), 60).map((each) => Number((each as NdArray).data[0]));
    expect(Math.min(...far)).toBeGreaterThanOrEqual(5);
  });

  it('draws each part of Tuple, Dict and MultiBinary spaces', () => {
    const space: Space = {
      type: 'Tuple',
      spaces: [discrete, { type: 'Dict', spaces: new Map([['on', { type: 'MultiBinary', n: 3 }]]) }],
    };
    const [action] = actions(randomPolicy(space, { seed: 1 }), 1) as [[number, ReadonlyMap<string, number[]>]];
    expect(action[0]).toBeLessThan(4);
    expect(action[1].get('on')).toHaveLength(3);
  });

  it.each<[string, Space | undefined, Partial<PolicyContext<AgentStep>>, string]>([
    ['no space', undefined, {}, 'randomPolicy.space'],
    ['a space that has no end of elements', { type: 'Text' }, {}, 'randomPolicy.space'],
    ['a mask without a legal action', discrete, { mask: [0, 0, 0, 0] }, 'action_mask'],
    ['a mask of another length', discrete, { mask: [1, 1] }, 'action_mask'],
  ])('refuses %s', (_, space, more, option) => {
    expect(() => randomPolicy(space)(context(more))).toThrow(usageError(option));
  });

  it('refuses options in the place of the space', () => {
    expect(() => randomPolicy({ seed: 7 } as unknown as Space)).toThrow(usageError('randomPolicy.space'));
  });
});
