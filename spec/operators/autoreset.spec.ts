import type { TurnStep } from '../../src/index';
import { stepAndReset, stepOfReset } from '../../src/operators/autoreset.js';

const both = <T>(crosses: T, noughts: T): ReadonlyMap<string, T> =>
  new Map([
    ['crosses', crosses],
    ['noughts', noughts],
  ]);
const last: TurnStep = {
  agent: null,
  action: 4,
  observation: null,
  reward: both(1, -1),
  terminated: both(true, true),
  truncated: both(false, false),
  info: {},
  done: true,
  index: 5,
  episode: 1,
  return: both(1, -1),
};
const reset = { agent: 'crosses', observation: new Map([[1, 'a board']]), info: { legal: 9 }, episode: 2 };

it('takes a reset of a turn-based env for a step of all its agents, and says who acts', () => {
  expect(stepOfReset(last, reset)).toEqual({
    ...reset,
    action: null,
    reward: both(0, 0),
    terminated: both(false, false),
    truncated: both(false, false),
    done: false,
    index: 0,
    return: both(0, 0),
  });
});

it('keeps what ended a turn-based env’s episode beside the reset that followed', () => {
  expect(stepAndReset(last, reset)).toEqual({
    ...last,
    agent: 'crosses',
    observation: reset.observation,
    info: { legal: 9, final_obs: null, final_info: {} },
  });
});
