import type { AnyStep, Reset } from '../../src/env/step.js';
import type { Round } from '../../src/loop/round.js';
import { Bodies } from '../../src/records/bodies.js';
import type { Provenance } from '../../src/env/provenance.js';
import { resetDigest, stepDigest } from '../../src/env/digest.js';
import { EMPTY } from 'rxjs';
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

  it('has all infos on demand, by agent too, and none without', () => {
    const all = new Bodies({ infos: true, observations: false });
    expect(all.of(stepAt(1))[1]).toMatchObject({ info: { score: 1, secret: 'x' } });
    const byAgent = new Map([['human', { score: 1 }]]);
    expect(all.of(stepAt(2, { info: byAgent }))[0]).toMatchObject({ info: byAgent });
    expect(new Bodies({ infos: [], observations: false }).of(stepAt(1))[1]).not.toHaveProperty('info');
  });

  it('says when a step began, where that is known', () => {
    const bodies = new Bodies({ infos: [], observations: false });
    expect(bodies.of(stepAt(1, { startedAt: 3.5 } as object))[1]).toMatchObject({ startedAt: 3.5 });
    expect(bodies.of(stepAt(2))[0]).not.toHaveProperty('startedAt');
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

  it('has what the reset observed, whichever event comes first', () => {
    const bodies = new Bodies({ infos: [], observations: true });
    const begun = { observation: [0], info: {}, episode: 1 };
    const waiting = (seen: Reset | AnyStep): Round<AnyStep> => ({ type: 'waiting', ...inRound, begun: seen });
    expect(bodies.of(waiting(begun))).toMatchObject([{ type: 'round', observation: [0] }]);
    const later = new Bodies({ infos: [], observations: true });
    expect(later.of(waiting(step(3)))).toEqual([{ type: 'round', ...place, rounds: 2, seed: 7 }]);
  });
});

describe('what is recorded of a game with its env', () => {
  const observed = { observation: [0], info: {}, episode: 1 };
  const begun = { reset: observed, seed: 3, options: undefined, before: undefined };
  const provenance: Provenance = {
    spec: { source: 'env = 1', input: () => '', render: { every: 2 }, packages: ['a.whl'], files: { a: { url: 'b' } } },
    ...{ entropy: 'e', episodes: 0, begun, runtime: { settings: { packages: ['numpy'] }, status$: EMPTY } },
  };
  const withEnv = (first: Provenance | null, observations = false) => {
    const env = { provenance: first };
    return { env, bodies: new Bodies({ infos: [], observations, env }) };
  };

  it('is how it was made, once a set-up, without what is no data', () => {
    const { env, bodies } = withEnv(provenance);
    const [made, ...rest] = bodies.of(playing(null));
    const [a, wheel] = [
      `${new URL('b', `file://${process.cwd()}/`)}`,
      `${new URL('a.whl', `file://${process.cwd()}/`)}`,
    ];
    expect(made).toMatchObject({ type: 'env', format: 1, packages: ['numpy'], episodes: 0, python: null });
    const spec = { source: 'env = 1', packages: [wheel], files: { a: { url: a } }, entropy: 'e' };
    expect((made as { spec: object }).spec).toEqual(spec);
    expect(rest.map(({ type }) => type)).toEqual(['round', 'play']);
    expect(bodies.of({ ...playing(null), episode: 2 }).map(({ type }) => type)).toEqual(['round', 'play']);
    env.provenance = { ...provenance, entropy: 'f' };
    expect(bodies.of({ ...playing(null), episode: 3 }).map(({ type }) => type)).toEqual(['env', 'round', 'play']);
  });

  it('is how each round began, where that is known', () => {
    const beginning = (changed: Partial<Provenance>, event: Parameters<Bodies['of']>[0] = stepAt(1)) =>
      withEnv({ ...provenance, ...changed }, true)
        .bodies.of(event)
        .find(({ type }) => type === 'round');
    const reset = { seed: 3, options: null, after: 0, digest: resetDigest(observed) };
    expect(beginning({})).toMatchObject({ seed: 3, reset, observation: [0] });
    expect(beginning({ begun: { ...begun, reset: { ...observed, episode: 2 } } })).not.toHaveProperty('reset');
    expect(beginning({ begun: null })).not.toHaveProperty('reset');
    expect(beginning({ begun: undefined })).toMatchObject({ reset: null });
    expect(beginning({ begun: undefined }, stepAt(2))).not.toHaveProperty('reset');
  });

  it('is a digest of each step', () => {
    const [made] = withEnv(provenance).bodies.of(stepAt(1)).slice(-1);
    expect(made).toMatchObject({ type: 'step', seed: 3, digest: stepDigest(stepAt(1)) });
  });
});
