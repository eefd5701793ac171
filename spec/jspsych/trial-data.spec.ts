import type { Round, Step } from '../../src/index.js';
import { TrialData } from '../../src/jspsych/trial-data.js';

const at = { round: 0, rounds: 1, episode: 1, seed: null, begun: null };
const stepped = (index: number): Round => {
  const step: Step = {
    ...{ index, episode: 1, action: 1, observation: 0, reward: 1, return: index, info: {} },
    ...{ terminated: false, truncated: false, done: false },
  };
  return { type: 'playing', ...at, step, timeLeft: null };
};

describe('the data of a trial', () => {
  it('have no rows of steps unless they are asked for', () => {
    const data = new TrialData(false);
    data.take(stepped(1));
    expect(data.of(null, null)).toMatchObject({ step_rows: null, lost_rows: 0 });
  });

  it('have at most so many rows, and say how many came beyond', () => {
    const data = new TrialData(true, 2);
    for (const index of [1, 2, 3, 4]) data.take(stepped(index));
    const { step_rows, lost_rows } = data.of('s', true);
    expect(step_rows?.map(({ index }) => index)).toEqual([1, 2]);
    expect(lost_rows).toBe(2);
  });

  it('have no row for the begin of play, which is no step', () => {
    const data = new TrialData(true);
    data.take({ type: 'playing', ...at, step: null, timeLeft: null });
    expect(data.of(null, null).step_rows).toEqual([]);
  });
});
