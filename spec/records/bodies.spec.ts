import type { AnyStep } from '../../src/env/step.js';
import type { Round } from '../../src/loop/round.js';
import { Bodies } from '../../src/records/bodies.js';
import { stepAt } from './fake-storage.js';

const place = { round: 0, episode: 1 };
const begun = { observation: [0], info: {}, episode: 1 };
const inRound = { ...place, rounds: 2, seed: 7, begun };
const step = (index: number, more: object = {}) => stepAt(index, more) as unknown as AnyStep;
const playing = (each: AnyStep | null): Round<AnyStep> => ({ type: 'playing', step: each, timeLeft: null, ...inRound });

describe('what is recorded of a game', () => {
  it('is the begin and the end of each round, its steps and its pauses', () => {
    const bodies = new Bodies({ infos: [], observations: false });
    const events: Round<AnyStep>[] = [
      { type: 'waiting', ...inRound },
      { type: 'countdown', seconds: 3, ...inRound },
      playing(null),
      playing(step(1)),
      { type: 'paused', ...inRound },
      playing(null),
      playing(step(2)),
      { type: 'over', end: 'terminated', steps: 2, return: 2, ...inRound },
      { type: 'finished', results: [] },
      { type: 'failed', error: new TypeError('no'), retry: () => undefined },
    ];
    const made = events.flatMap((event) => bodies.of(event));
    expect(made.map(({ type }) => type).join(' ')).toBe('round play step paused play step over finished failed');
    const { begun: _, ...ofRound } = inRound;
    expect(made[0]).toEqual({ type: 'round', ...ofRound });
    expect(made[2]).toMatchObject({ ...place, seed: 7, index: 1, action: 1 });
    expect(made[6]).toEqual({ type: 'over', ...place, seed: 7, end: 'terminated', steps: 2, return: 2 });
    expect(made[8]).toEqual({ type: 'failed', error: 'TypeError: no' });
  });

  it('has the observation of the reset on demand, whichever event comes first', () => {
    for (const first of [playing(null), { type: 'countdown', seconds: 3, ...inRound } as const]) {
      const bodies = new Bodies({ infos: [], observations: true });
      expect(bodies.of(first)[0]).toMatchObject({ type: 'round', observation: [0] });
    }
  });

  it('is a step once, though it is told again', () => {
    const bodies = new Bodies({ infos: [], observations: false });
    const first = playing(step(1));
    expect(bodies.of(first)).toHaveLength(2);
    expect(bodies.of({ ...first })).toEqual([]);
  });

  it('has infos and origins by agent, and observations on demand', () => {
    const bodies = new Bodies({ infos: ['score'], observations: true });
    const origin = new Map([['human', { by: 'input', at: 12 }]]);
    const info = new Map([
      ['human', { score: 1, secret: 'x' }],
      ['bot', { secret: 'y' }],
    ]);
    const [, made] = bodies.of(stepAt(1, { info, ...{ origin } }));
    const expected = new Map<string, object>([
      ['human', { score: 1 }],
      ['bot', {}],
    ]);
    expect(made).toMatchObject({ info: expected, origin, observation: [1] });
  });

  it('tells of a picture once, for the latest step', () => {
    const bodies = new Bodies({ infos: [], observations: false });
    expect(bodies.ofPainted()).toEqual([]);
    bodies.of(playing(step(1)));
    bodies.of(playing(step(2)));
    expect(bodies.ofPainted()).toEqual([{ type: 'painted', ...place, index: 2 }]);
    expect(bodies.ofPainted()).toEqual([]);
  });

  it('has the end of an episode also where there are no rounds', () => {
    const bodies = new Bodies({ infos: [], observations: false });
    const done = { done: true, terminated: new Map([['a', true]]) };
    expect(bodies.of(stepAt(1, done)).map(({ type }) => type)).toEqual(['round', 'step', 'over']);
    expect(bodies.of(stepAt(1, { episode: 2 })).map(({ type }) => type)).toEqual(['round', 'step']);
    expect(bodies.of(stepAt(2, { episode: 2, done: true, truncated: true }))[1]).toMatchObject({ end: 'truncated' });
  });
});
