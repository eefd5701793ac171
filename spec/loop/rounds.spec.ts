import {
  EMPTY,
  endWith,
  filter,
  map,
  pipe,
  takeUntil,
  tap,
  throwError,
  type Observable,
  type SchedulerLike,
} from 'rxjs';
import {
  actions,
  rounds,
  scoreboard$,
  stepWith,
  type Over,
  type Round,
  type RoundsConfig,
  type Step,
} from '../../src/index.js';
import { fakeParallel, fakeSingle, type FakeEnv } from '../agents/fake-env.js';
import { runMarbles } from '../operators/run-marbles.js';
import { usageError } from '../operators/usage-error.js';

/** An event in a word or two. */
function word(event: Round): string {
  switch (event.type) {
    case 'loading':
      return `loading ${event.progress.ratio}`;
    case 'resumed':
      return `resumed ${event.round}`;
    case 'waiting':
      return `waiting ${event.round}`;
    case 'countdown':
      return `countdown ${event.seconds}`;
    case 'playing':
      return event.step ? `step ${event.step.index}` : 'playing';
    case 'paused':
      return 'paused';
    case 'over':
      return `over ${event.round}: ${event.end} ${event.steps} ${String(event.return)}`;
    case 'finished':
      return `finished ${event.results.length}`;
    case 'failed':
      return `failed ${event.error.message}`;
  }
}

/** Plays in virtual time, at a tick each 10 ms, and returns what was heard, each with its time. */
function played(
  env: FakeEnv<Step>,
  config: (scheduler: SchedulerLike, cold: (marbles: string) => Observable<string>) => RoundsConfig,
  { until = '', play = pipe(actions(env, 5), stepWith(env)) } = {},
): readonly string[] {
  const heard: string[] = [];
  runMarbles(({ scheduler, cold, flush }) => {
    const game$ = rounds(env, play, { fps: 100, scheduler, ...config(scheduler, cold) });
    const subscription = game$.subscribe({
      next: (event) => event.type !== 'loading' && heard.push(`${scheduler.now()} ${word(event)}`),
      error: (error: unknown) => heard.push(`${scheduler.now()} error ${String(error)}`),
      complete: () => heard.push(`${scheduler.now()} complete`),
    });
    if (until) cold(until).subscribe({ complete: () => subscription.unsubscribe() });
    flush();
  });
  return heard;
}

describe('rounds', () => {
  it('plays one round by default: plays, is over, and finishes', () => {
    expect(played(fakeSingle(), () => ({}))).toEqual([
      '0 playing',
      '0 step 1',
      '10 step 2',
      '20 step 3',
      '20 over 0: terminated 3 3',
      '20 finished 1',
      '20 complete',
    ]);
  });

  it('goes from round to round, seeded, with a pause in between', () => {
    const env = fakeSingle({ length: 1 });
    const heard = played(env, () => ({ count: 2, seed: 40, between: 50 }));
    expect(heard).toEqual([
      '0 playing',
      '0 step 1',
      '0 over 0: terminated 1 1',
      '50 playing',
      '50 step 1',
      '50 over 1: terminated 1 1',
      '50 finished 2',
      '50 complete',
    ]);
    expect(env.log.filter((each) => each.startsWith('reset'))).toEqual(['reset 40', 'reset 41']);
  });

  it('waits, behind the reset, until the player is ready, and counts down', () => {
    const env = fakeSingle({ length: 1 });
    const heard = played(env, (_, cold) => ({ ready: cold('-----r-----r'), countdown: 2 }));
    expect(heard).toEqual([
      '0 waiting 0',
      '5 countdown 2',
      '1005 countdown 1',
      '2005 playing',
      '2005 step 1',
      '2005 over 0: terminated 1 1',
      '2005 finished 1',
      '2005 complete',
    ]);
  });

  it('may wait for the first round only, and count down from a number for each', () => {
    const env = fakeSingle({ length: 1 });
    const heard = played(env, (_, cold) => ({
      count: 2,
      ready: (round) => (round ? EMPTY : cold('--r')),
      countdown: (round) => round,
    }));
    expect(heard).toEqual([
      '0 waiting 0',
      '2 playing',
      '2 step 1',
      '2 over 0: terminated 1 1',
      '2 waiting 1',
      '2 countdown 1',
      '1002 playing',
      '1002 step 1',
      '1002 over 1: terminated 1 1',
      '1002 finished 2',
      '1002 complete',
    ]);
  });

  it('tells how far the env is until it is reset', () => {
    const loading = (scheduler: SchedulerLike) => fakeSingle({ length: 1, reset: 30, scheduler });
    runMarbles(({ scheduler, flush }) => {
      const env = loading(scheduler);
      const heard: string[] = [];
      rounds(env, pipe(actions(env, 5), stepWith(env)), { fps: 100, scheduler }).subscribe((event) =>
        heard.push(`${scheduler.now()} ${word(event)}`),
      );
      flush();
      expect(heard.slice(0, 4)).toEqual(['0 loading 0', '30 loading 1', '30 playing', '30 step 1']);
    });
  });

  it('takes no step while it is paused, takes the one that is under way, and keeps its beat', () => {
    runMarbles(({ scheduler, cold, flush }) => {
      const env = fakeSingle({ length: 4, step: 4, scheduler });
      const heard: string[] = [];
      const paused$ = cold('------------p----------------------g', { p: true, g: false });
      const game$ = rounds(env, pipe(actions(env, 5), stepWith(env)), { fps: 100, scheduler, pauseWhen: paused$ });
      game$.pipe(filter(({ type }) => type !== 'loading')).subscribe((event) => {
        heard.push(`${scheduler.now()} ${word(event)}`);
      });
      flush();
      expect(heard).toEqual([
        '0 playing',
        '4 step 1',
        '12 paused',
        '14 step 2',
        '14 paused',
        '35 playing',
        '44 step 3',
        '54 step 4',
        '54 over 0: terminated 4 4',
        '54 finished 1',
      ]);
    });
  });

  it('begins no step that was due when it was paused, or when its time ended', () => {
    const env = (scheduler: SchedulerLike) => fakeSingle({ length: 9, step: 25, scheduler });
    const heardOf = (config: (cold: (marbles: string) => Observable<string>) => RoundsConfig) => {
      const heard: string[] = [];
      runMarbles(({ scheduler, cold, flush }) => {
        const slow = env(scheduler);
        const play = pipe(actions(slow, 5), stepWith(slow));
        const end$ = cold('170ms |');
        const game$ = rounds(slow, play, { fps: 100, scheduler, ...config(cold) });
        game$.pipe(takeUntil(end$.pipe(endWith(0)))).subscribe((event) => {
          if (event.type !== 'loading') heard.push(`${scheduler.now()} ${word(event)}`);
        });
        flush();
      });
      return heard;
    };
    const pauseWhen = (cold: (marbles: string) => Observable<string>) =>
      cold('35ms p 74ms g').pipe(map((letter) => letter === 'p'));
    expect(heardOf((cold) => ({ pauseWhen: pauseWhen(cold) }))).toEqual([
      '0 playing',
      '25 step 1',
      '35 paused',
      '50 step 2',
      '50 paused',
      '110 playing',
      '135 step 3',
      '160 step 4',
    ]);
    expect(heardOf(() => ({ timeLimit: 0.035 }))).toEqual([
      '0 playing',
      '25 step 1',
      '50 step 2',
      '50 over 0: time-limit 2 2',
      '50 finished 1',
    ]);
  });

  it('does not take what was pressed in a pause', () => {
    runMarbles(({ scheduler, cold, flush }) => {
      const env = fakeSingle({ length: 9, scheduler });
      const presses$ = cold('a-----------b------c---|').pipe(map((letter) => 'abc'.indexOf(letter)));
      const paused$ = cold('-------p-------g').pipe(map((letter) => letter === 'p'));
      const game$ = rounds(env, pipe(actions(env, presses$), stepWith(env)), {
        fps: 100,
        scheduler,
        pauseWhen: paused$,
      });
      game$.pipe(takeUntil(cold('40ms |').pipe(endWith(0)))).subscribe();
      flush();
      expect(env.log).toEqual(['reset undefined', 'step 0', 'step 2']);
    });
  });

  it('begins paused where it is paused, and counts a second anew that was interrupted', () => {
    const env = fakeSingle({ length: 1 });
    const heard = played(env, (_, cold) => ({
      countdown: 1,
      pauseWhen: cold('p 99ms g 499ms p 99ms g').pipe(map((letter) => letter === 'p')),
    }));
    expect(heard).toEqual([
      '0 countdown 1',
      '0 paused',
      '100 countdown 1',
      '600 paused',
      '700 countdown 1',
      '1700 playing',
      '1700 step 1',
      '1700 over 0: terminated 1 1',
      '1700 finished 1',
      '1700 complete',
    ]);
  });

  it.each<[string, RoundsConfig, string]>([
    ['its number of steps', { maxSteps: 2 }, '10 over 0: max-steps 2 2'],
    ['its time', { timeLimit: 0.025 }, '25 over 0: time-limit 3 3'],
  ])('ends by %s', (_, config, end) => {
    expect(played(fakeSingle({ length: 9 }), () => config)).toContain(end);
  });

  it('leaves pauses out of its time, and takes the step that is under way at its end', () => {
    runMarbles(({ scheduler, cold, flush }) => {
      const env = fakeSingle({ length: 99, step: 8, scheduler });
      const heard: string[] = [];
      const pauseWhen = cold('-----p----g', { p: true, g: false });
      rounds(env, pipe(actions(env, 5), stepWith(env)), { fps: 100, scheduler, pauseWhen, timeLimit: 0.016 }).subscribe(
        (event) => heard.push(`${scheduler.now()} ${word(event)}`),
      );
      flush();
      // played from 0 to 5 and from 10 to 21
      expect(heard.slice(-4)).toEqual(['18 step 2', '28 step 3', '28 over 0: time-limit 3 3', '28 finished 1']);
    });
  });

  it('ends when play does', () => {
    const env = fakeSingle({ length: 9 });
    expect(played(env, (_, cold) => ({ fps: cold('a-b-|') }))).toContain('4 over 0: stopped 2 2');
  });

  it('says how much time is left, by its time or by its steps', () => {
    const left = (config: RoundsConfig) => {
      const seen: (number | null)[] = [];
      runMarbles(({ scheduler, flush }) => {
        const env = fakeSingle({ length: 3 });
        rounds(env, pipe(actions(env, 5), stepWith(env)), { fps: 100, scheduler, ...config }).subscribe((event) => {
          if (event.type === 'playing') seen.push(event.timeLeft);
        });
        flush();
      });
      return seen;
    };
    expect(left({ timeLimit: 1 })).toEqual([1, 1, 0.99, 0.98]);
    expect(left({ maxSteps: 50 })).toEqual([0.5, 0.49, 0.48, 0.47]);
    expect(left({})).toEqual([null, null, null, null]);
  });

  it('emits what failed, and begins the round anew where that is asked for', () => {
    const env = fakeSingle({ length: 2 });
    const heard: string[] = [];
    let isBroken = true;
    const play = pipe(
      actions(env, 5),
      stepWith(env),
      tap(({ index, episode }) => {
        if (isBroken && episode === 2 && index === 1) throw new Error('broken');
      }),
    );
    runMarbles(({ scheduler, flush }) => {
      rounds(env, play, { count: 2, fps: 100, scheduler }).subscribe((event) => {
        heard.push(word(event));
        if (event.type === 'failed') {
          scheduler.schedule(() => {
            isBroken = false;
            event.retry();
          }, 500);
        }
      });
      flush();
    });
    expect(heard.slice(5)).toEqual([
      'over 0: terminated 2 2',
      'playing',
      'failed broken',
      'playing',
      'step 1',
      'step 2',
      'over 1: terminated 2 2',
      'finished 2',
    ]);
    expect(env.log).toContain('boot');
  });

  it('fails again where the boot does', () => {
    const env = fakeSingle();
    env.reset = () => throwError(() => new Error('no Python'));
    const booted: string[] = [];
    env.boot = () => throwError(() => new Error(`no boot ${booted.push('boot')}`));
    const heard: string[] = [];
    rounds(env, pipe(actions(env, 5), stepWith(env))).subscribe((event) => {
      heard.push(word(event));
      if (event.type === 'failed' && booted.length < 2) event.retry();
    });
    expect(heard.filter((each) => each.startsWith('failed'))).toEqual([
      'failed no Python',
      'failed no boot 1',
      'failed no boot 2',
    ]);
  });

  it('goes on in a round that was begun before', () => {
    const env = fakeSingle({ length: 3 });
    const latest = { index: 2, episode: 7, observation: 2, info: {}, done: false, return: 2 };
    const heard = played(env, () => ({
      count: 2,
      seed: 10,
      from: { round: 1, state: { format: 2, bytes: new Uint8Array(), latest } },
    }));
    expect(heard).toEqual([
      '0 resumed 1',
      '0 playing',
      '0 step 3',
      '0 over 1: terminated 3 3',
      '0 finished 1',
      '0 complete',
    ]);
    expect(env.log).toEqual(['setState', 'step 5']);
  });

  const left = { index: 2, episode: 7, observation: 2, info: {}, done: false, terminated: false, return: 2 };
  const state = { format: 2, bytes: new Uint8Array(), latest: left } as const;

  it('is brought back by what emits true, and reset where that emits false', () => {
    const env = fakeSingle({ length: 3 });
    const back = (isBack: boolean) => ({
      round: 0,
      state: env.setState(state).pipe(map(() => isBack)),
      seed: 5,
    });
    expect(played(env, () => ({ from: back(true) }))).toContain('0 step 3');
    expect(played(env, () => ({ from: back(false) }))).toContain('20 over 0: terminated 3 3');
    expect(env.log.filter((each) => each.startsWith('reset'))).toEqual(['reset 5']);
  });

  it('begins a round that it went on in anew with the seed that was stored', () => {
    const env = fakeSingle({ length: 3 });
    let isBroken = true;
    const play = pipe(
      actions(env, 5),
      stepWith(env),
      tap(() => {
        if (isBroken) throw new Error('broken');
      }),
    );
    const heard: string[] = [];
    runMarbles(({ scheduler, flush }) => {
      const config = { count: 2, seed: 40, fps: 100, scheduler, from: { round: 0, state, seed: 5 } };
      rounds(env, play, config).subscribe((event) => {
        if (event.type !== 'playing' && event.type !== 'loading') heard.push(word(event));
        if (event.type !== 'failed') return;
        isBroken = false;
        event.retry();
      });
      flush();
    });
    expect(heard).toEqual([
      'resumed 0',
      'failed broken',
      'over 0: terminated 3 3',
      'over 1: terminated 3 3',
      'finished 2',
    ]);
    expect(env.log.filter((each) => each.startsWith('reset'))).toEqual(['reset 5', 'reset 41']);
  });

  it('has the time that was left, and the results before', () => {
    const env = fakeSingle({ length: 99 });
    const before = { type: 'over', round: 0, rounds: 2, episode: 1, seed: null, end: 'stopped', steps: 4, return: 9 };
    const from = { round: 1, state, timeLeft: 0.015, results: [before as Over] };
    const heard = played(env, () => ({ count: 2, timeLimit: 9, from }));
    expect(heard).toEqual([
      '0 resumed 1',
      '0 playing',
      '0 step 3',
      '10 step 4',
      '15 over 1: time-limit 4 4',
      '15 finished 2',
      '15 complete',
    ]);
  });

  it('is over at once where it was left behind the last step, or behind the last round', () => {
    const env = fakeSingle();
    const done = { ...state, latest: { ...left, index: 3, done: true, terminated: true, return: 3 } };
    expect(played(env, () => ({ countdown: 3, from: { round: 0, state: done } }))).toEqual([
      '0 resumed 0',
      '0 over 0: terminated 3 3',
      '0 finished 1',
      '0 complete',
    ]);
    expect(played(env, () => ({ from: { round: 1 } }))).toEqual(['0 finished 0', '0 complete']);
  });

  it('ends everything when it is unsubscribed', () => {
    const env = fakeSingle({ length: 99 });
    const heard = played(env, () => ({}), { until: '25ms |' });
    expect(heard.at(-1)).toBe('20 step 3');
  });

  it.each<[string, RoundsConfig]>([
    ['rounds.count', { count: 0 }],
    ['rounds.fps', { fps: 0 }],
    ['rounds.ready', { ready: 5 as never }],
    ['rounds.countdown', { countdown: 1.5 }],
    ['rounds.timeLimit', { timeLimit: 0 }],
    ['rounds.pauseWhen', { pauseWhen: true as never }],
  ])('refuses a bad %s', (option, config) => {
    const env = fakeSingle();
    expect(() => rounds(env, pipe(actions(env, 5), stepWith(env)), config)).toThrow(usageError(option));
  });
});

describe('scoreboard$', () => {
  it('has the score of the round and of all, and the time left', () => {
    const seen: unknown[] = [];
    runMarbles(({ scheduler, flush }) => {
      const env = fakeSingle({ length: 2 });
      const game$ = rounds(env, pipe(actions(env, 5), stepWith(env)), { count: 2, fps: 100, timeLimit: 9, scheduler });
      scoreboard$(game$).subscribe(({ round, rounds, score, total, timeLeft }) =>
        seen.push([round, rounds, score, total, timeLeft]),
      );
      flush();
    });
    expect(seen).toEqual([
      [0, 2, 0, 0, 9],
      [0, 2, 1, 1, 9],
      [0, 2, 2, 2, 8.99],
      [0, 2, 2, 2, 0],
      [1, 2, 0, 2, 9],
      [1, 2, 1, 3, 8.99],
      [1, 2, 2, 4, 8.98],
      [1, 2, 2, 4, 0],
    ]);
  });

  it('has no time left where there is no limit', () => {
    const seen: unknown[] = [];
    runMarbles(({ scheduler, flush }) => {
      const env = fakeSingle({ length: 1 });
      const play = pipe(actions(env, 5), stepWith(env));
      scoreboard$(rounds(env, play, { count: 2, fps: 100, scheduler })).subscribe(({ timeLeft }) =>
        seen.push(timeLeft),
      );
      flush();
    });
    expect(seen).toEqual(Array(6).fill(null));
  });

  it('has them by agent', () => {
    const env = fakeParallel({ ann: 1, bob: 2 });
    const seen: unknown[] = [];
    runMarbles(({ scheduler, flush }) => {
      const play = pipe(actions(env, { ann: 1, bob: 2 }), stepWith(env));
      scoreboard$(rounds(env, play, { count: 2, fps: 100, scheduler })).subscribe(({ total }) =>
        seen.push(total instanceof Map ? Object.fromEntries(total) : total),
      );
      flush();
    });
    expect(seen.at(-1)).toEqual({ ann: 2, bob: 4 });
  });
});
