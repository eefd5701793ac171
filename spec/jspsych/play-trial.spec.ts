import { firstValueFrom, map, NEVER, Observable, of, pipe, tap, type SchedulerLike } from 'rxjs';
import {
  actions,
  stepWith,
  type AnyStep,
  type ParallelStep,
  type Round,
  type RoundsConfig,
  type Step,
} from '../../src/index.js';
import { playTrial, type Trial, type TrialEnv } from '../../src/jspsych/play-trial.js';
import type { RoundsView } from '../../src/jspsych/rounds-view.js';
import { fakeParallel, fakeSingle, type FakeEnv } from '../agents/fake-env.js';
import { idle } from '../persist/games.js';
import { runMarbles } from '../operators/run-marbles.js';
import { fillStorage, readAll, untilRead, useFakeStorage } from '../records/fake-storage.js';

/** A view without a page: what it was told, in words. */
function fakeView(start$: RoundsView['start$'] = of(true)) {
  const told: string[] = [];
  const view: RoundsView = {
    canvas: null,
    start$,
    show: (event: Round<AnyStep>) => {
      told.push(event.type);
    },
    score: ({ total }) => told.push(`score ${total instanceof Map ? 'by agent' : (total as number)}`),
    saving: () => told.push('saving'),
  };
  return { view, told };
}

const withFrames = <S>(env: FakeEnv<S>) => Object.assign(env, { frames$: NEVER });

function trialOf<S extends AnyStep>(
  env: TrialEnv<S>,
  view: RoundsView,
  config: RoundsConfig = {},
  more: Partial<Trial<S>> = {},
): Trial<S> {
  const play = pipe(actions(env, of(1) as never), stepWith(env)) as unknown as Trial<S>['play'];
  return {
    env,
    play,
    config,
    view,
    paint: {},
    record: null,
    persist: null,
    resultTime: 0,
    recordWait: 1000,
    steps: false,
    ...more,
  };
}

describe('a trial', () => {
  useFakeStorage();
  const rounds = (scheduler: SchedulerLike, more: RoundsConfig = {}): RoundsConfig => ({
    fps: 100,
    scheduler,
    ...more,
  });

  it('gives its data when all rounds are over, a round each', () =>
    runMarbles(({ scheduler, expectObservable }) => {
      const env = withFrames(fakeSingle({ length: 3 }));
      const data$ = playTrial(trialOf<Step>(env, fakeView().view, rounds(scheduler, { count: 2, seed: 5 })));
      const round = { end: 'terminated', steps: 3, return: 3 };
      expectObservable(data$).toBe('50ms (a|)', {
        a: {
          rounds: [
            { round: 0, episode: 1, seed: 5, ...round },
            { round: 1, episode: 2, seed: 6, ...round },
          ],
          return: 6,
          steps: 6,
          session: null,
          recorded: null,
          step_rows: null,
          lost_rows: 0,
        },
      });
    }));

  it('tells its view where the game stands, in order', () =>
    runMarbles(({ scheduler, flush }) => {
      const { view, told } = fakeView();
      const config = rounds(scheduler, { countdown: 1, maxSteps: 2, ready: view.start$ });
      playTrial(trialOf<Step>(withFrames(fakeSingle()), view, config)).subscribe();
      flush();
      expect(told.filter((each) => !each.startsWith('score'))).toEqual([
        ...['loading', 'loading', 'waiting', 'countdown', 'playing', 'playing', 'playing', 'over', 'finished'],
      ]);
      expect(told.filter((each) => each.startsWith('score')).at(-1)).toBe('score 2');
    }));

  it('has a row for each step on demand, in the form of jsPsych', async () => {
    const env = withFrames(fakeParallel({ you: 2, bot: 2 }));
    const play: Trial<ParallelStep>['play'] = pipe(
      map(() => new Map([['you', 1]])),
      stepWith(env),
    );
    const trial = trialOf<ParallelStep>(env, fakeView().view, { fps: 500 }, { steps: true, play });
    const { step_rows, return: sum } = await firstValueFrom(playTrial(trial));
    expect(step_rows).toHaveLength(2);
    expect(step_rows?.[1]).toEqual({
      ...{ round: 0, episode: 1, index: 2, at: expect.any(Number), action: { you: 1 }, reward: { you: 1, bot: 1 } },
      ...{ terminated: { you: true, bot: true }, truncated: { you: false, bot: false }, origin: null },
    });
    expect(sum).toEqual({ you: 2, bot: 2 });
  });

  it('shows the last result before it ends', () =>
    runMarbles(({ scheduler, expectObservable }) => {
      const trial = trialOf<Step>(withFrames(fakeSingle()), fakeView().view, rounds(scheduler), { resultTime: 500 });
      expectObservable(playTrial(trial).pipe(map(({ steps }) => steps))).toBe('520ms (3|)', { 3: 3 });
    }));

  it('ends when its records are stored', async () => {
    const { view, told } = fakeView();
    const record = { study: 'trial', session: 's' };
    const trial = trialOf<Step>(withFrames(fakeSingle()), view, { fps: 500 }, { record });
    const data = await firstValueFrom(playTrial(trial));
    expect(data).toMatchObject({ session: 's', recorded: true, steps: 3 });
    expect(told.at(-1)).toBe('saving');
    const types = (await readAll('trial')).map(({ type }) => type);
    expect(types).toEqual(['opened', 'round', 'play', 'step', 'step', 'step', 'over', 'finished']);
  });

  it('ends without them after its patience, and says so', async () => {
    const empty = fillStorage();
    const record = { study: 'full', session: 's', onProblem: () => undefined };
    const trial = trialOf<Step>(withFrames(fakeSingle()), fakeView().view, { fps: 500 }, { record, recordWait: 50 });
    expect(await firstValueFrom(playTrial(trial))).toMatchObject({ recorded: false, steps: 3 });
    empty();
    await untilRead('full', (records) => records.length === 8); // later than the trial, but not lost
  });

  it('goes on in the middle of a round when its page is loaded again, with the rounds before', async () => {
    const persist = { key: 'trial', onProblem: () => undefined };
    const config = { fps: 500, count: 2, seed: 1 };
    const first = withFrames(fakeSingle({ length: 3 }));
    await firstValueFrom(
      new Observable((subscriber) => {
        const play: Trial<Step>['play'] = pipe(
          map(() => 1),
          stepWith(first),
          tap(({ episode, index }) => episode === 2 && index === 2 && subscriber.next(null)),
        );
        return playTrial(trialOf<Step>(first, fakeView().view, config, { persist, play })).subscribe();
      }),
    );
    await idle();
    const again = withFrames(fakeSingle({ length: 3 }));
    const { view, told } = fakeView();
    const data = await firstValueFrom(playTrial(trialOf<Step>(again, view, config, { persist })));
    expect(data.rounds.map(({ round, steps, end }) => [round, steps, end])).toEqual([
      [0, 3, 'terminated'],
      [1, 3, 'terminated'],
    ]);
    // the begin of play, and the steps that the first page's game had not emitted
    expect(told.filter((each) => !/loading|score/.test(each))).toEqual([
      ...['resumed', 'playing', 'playing', 'playing', 'over', 'finished'],
    ]);
  });

  it('steps no more when it is given up', () =>
    runMarbles(({ scheduler, flush }) => {
      const env = withFrames(fakeSingle({ length: 50 }));
      const subscription = playTrial(trialOf<Step>(env, fakeView().view, rounds(scheduler))).subscribe();
      scheduler.schedule(() => subscription.unsubscribe(), 35);
      flush();
      expect(env.log.filter((entry) => entry.startsWith('step'))).toHaveLength(4); // at 0, 10, 20, 30
    }));

  it('errors for a bad option of rounds', () => {
    const errors: unknown[] = [];
    const trial = trialOf<Step>(withFrames(fakeSingle()), fakeView().view, { fps: -1 });
    playTrial(trial).subscribe({ error: (error: unknown) => errors.push(error) });
    expect(errors).toEqual([expect.objectContaining({ name: 'UsageError', option: 'rounds.fps' })]);
  });
});
