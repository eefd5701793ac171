import { BehaviorSubject, NEVER, Subject, map, of, take, throwError, timer, toArray, type Observable } from 'rxjs';
import {
  actions,
  stepWith,
  inputs,
  type AgentOptions,
  type AgentStep,
  type Origin,
  type ParallelStep,
  type PolicyContext,
} from '../../src/index.js';
import { withIdles } from '../../src/operators/idle.js';
import { runMarbles } from '../operators/run-marbles.js';
import { usageError } from '../operators/usage-error.js';
import { fakeParallel, fakeSingle, fakeTurns } from './fake-env.js';

/** Ticks that a spec gives. */
function clock() {
  const ticks$ = new Subject<void>();
  return { ticks$, tick: (times = 1) => Array.from({ length: times }, () => ticks$.next()) };
}

type Asked = PolicyContext<AgentStep>;

describe('actions', () => {
  describe('of one agent', () => {
    it('asks its policy with what the step before came to, and marks the step', () => {
      const env = fakeSingle();
      const { ticks$, tick } = clock();
      const asked: Asked[] = [];
      const steps: unknown[] = [];
      const policy = (context: Asked) => {
        asked.push(context);
        return Number(context.observation) * 10;
      };
      ticks$.pipe(actions(env, policy), stepWith(env)).subscribe((step) => steps.push(step));
      tick(2);
      expect(env.log).toEqual(['reset undefined', 'step 0', 'step 10']);
      expect(asked).toMatchObject([
        { observation: 0, index: 1, episode: 1, last: undefined, space: { type: 'Discrete', n: 3 } },
        { observation: 1, index: 2, episode: 1, last: { index: 1 } },
      ]);
      expect(steps).toMatchObject([{ action: 0, origin: { by: 'policy' } }, { action: 10 }]);
    });

    it('takes a constant, a list among them, as its action', () => {
      const env = fakeSingle();
      const { ticks$, tick } = clock();
      ticks$.pipe(actions(env, [1, 2]), stepWith(env)).subscribe();
      tick();
      expect(env.log[1]).toBe('step [1,2]');
    });

    it('reads at each step what is held', () => {
      const env = fakeSingle({ length: 9 });
      const { ticks$, tick } = clock();
      const keys$ = new BehaviorSubject(0);
      ticks$.pipe(actions(env, keys$), stepWith(env)).subscribe();
      tick(2);
      keys$.next(1);
      tick(2);
      expect(env.log.slice(1)).toEqual(['step 0', 'step 0', 'step 1', 'step 1']);
    });

    it('counts for one step what was held for less than one', () => {
      const env = fakeSingle({ length: 9 });
      const { ticks$, tick } = clock();
      const keys$ = new BehaviorSubject(0);
      ticks$.pipe(actions(env, keys$), stepWith(env)).subscribe();
      tick();
      keys$.next(1);
      keys$.next(0);
      tick(2);
      expect(env.log.slice(1)).toEqual(['step 0', 'step 1', 'step 0']);
    });

    it('waits for a person who gives actions one by one, and takes the latest', () => {
      const env = fakeSingle();
      const { ticks$, tick } = clock();
      const clicks$ = new Subject<number>();
      ticks$.pipe(actions(env, clicks$), stepWith(env)).subscribe();
      tick(3);
      expect(env.log).toEqual(['reset undefined']);
      clicks$.next(1);
      clicks$.next(2);
      tick(2);
      expect(env.log.slice(1)).toEqual(['step 2']);
    });

    it('does `idle` where that is given, and says so', () => {
      const env = fakeSingle();
      const { ticks$, tick } = clock();
      const clicks$ = new Subject<number>();
      const origins: unknown[] = [];
      ticks$
        .pipe(actions(env, clicks$, { idle: 7 }), stepWith(env))
        .subscribe(({ action, origin }) => origins.push([action, (origin as { by: string }).by]));
      tick();
      clicks$.next(1);
      tick();
      expect(origins).toEqual([
        [7, 'idle'],
        [1, 'input'],
      ]);
    });

    it('asks a policy at every n-th step, and does its last action or `idle` in between', () => {
      const play = (options: AgentOptions) => {
        const env = fakeSingle({ length: 9 });
        const { ticks$, tick } = clock();
        ticks$
          .pipe(
            actions(env, ({ index }: Asked) => index, options),
            stepWith(env),
          )
          .subscribe();
        tick(5);
        return env.log.slice(1);
      };
      expect(play({ every: 3 })).toEqual(['step 1', 'step 1', 'step 1', 'step 4', 'step 4']);
      expect(play({ every: 3, meanwhile: 'idle', idle: 0 })).toEqual([
        'step 1',
        'step 0',
        'step 0',
        'step 4',
        'step 0',
      ]);
    });

    it('asks nobody when the episode is over', () => {
      const env = fakeSingle({ length: 1 });
      const { ticks$, tick } = clock();
      let asked = 0;
      ticks$
        .pipe(
          actions(env, () => (asked += 1)),
          stepWith(env),
        )
        .subscribe();
      tick(2);
      expect([asked, env.log.at(-1)]).toEqual([1, 'step null']);
    });
  });

  describe('a policy that answers later', () => {
    it('is waited for by default; ticks that come meanwhile count once', () =>
      runMarbles(({ scheduler, cold, expectObservable, flush }) => {
        const env = fakeSingle({ length: 9 });
        const ticks$ = cold('abcdefg-----------|');
        const policy = ({ index }: Asked): Observable<number> => timer(5, scheduler).pipe(map(() => index));
        const steps$ = ticks$.pipe(
          actions(env, policy),
          stepWith(env),
          map(({ action }) => JSON.stringify(action)),
        );
        expectObservable(steps$).toBe('-----1----2----3--|');
        flush();
      }));

    it.each([
      ['previous', ['step 1', 'step 1', 'step 3']],
      ['idle', ['step 1', 'step 0', 'step 3']],
    ] as const)('counts for nothing where it is late: %s', (late, log) =>
      runMarbles(({ scheduler, cold, flush }) => {
        const env = fakeSingle({ length: 9 });
        const origins: unknown[] = [];
        const policy = ({ index }: Asked) => timer(index === 2 ? 9 : 2, scheduler).pipe(map(() => index));
        cold('a---------b---------c----------|')
          .pipe(actions(env, policy, { late, idle: 0, deadline: 5 }), stepWith(env))
          .subscribe(({ origin }) => origins.push((origin as { by: string }).by));
        flush();
        expect(env.log.slice(1)).toEqual(log);
        expect(origins).toEqual(['policy', 'late', 'policy']);
      }),
    );

    it('is replaced by `idle` at the first step of an episode: what was done before it does not count', () =>
      runMarbles(({ scheduler, cold, flush }) => {
        const env = fakeSingle({ length: 1 });
        const policy = ({ episode }: Asked) => timer(episode === 1 ? 1 : 99, scheduler).pipe(map(() => 8));
        cold('a---------b---------c----------|')
          .pipe(
            actions(env, policy, { late: 'previous', idle: 0, deadline: 5 }),
            stepWith(env, { autoreset: 'next-step' }),
          )
          .subscribe();
        flush();
        expect(env.log.slice(1)).toEqual(['step 8', 'reset undefined', 'step 0']);
      }));

    it('may be a Promise', async () => {
      const env = fakeSingle();
      const steps$ = of(1).pipe(
        actions(env, () => Promise.resolve(5)),
        stepWith(env),
        toArray(),
      );
      await new Promise((resolve) => steps$.subscribe({ complete: () => resolve(null) }));
      expect(env.log[1]).toBe('step 5');
    });
  });

  describe('in an episode that was begun on another page', () => {
    const before = { episode: 1, observation: 3, info: {}, done: false, index: 3 };

    it('does its last action again until it is its turn to be asked', () => {
      const env = fakeSingle({ length: 9 });
      env.setState({ format: 2, bytes: new Uint8Array(), latest: { ...before, action: 7 } }).subscribe();
      const { ticks$, tick } = clock();
      const origins: unknown[] = [];
      ticks$
        .pipe(
          actions(env, ({ index }: Asked) => index, { every: 4 }),
          stepWith(env),
        )
        .subscribe(({ origin }) => origins.push((origin as { by: string }).by));
      tick(3);
      expect(env.log.slice(1)).toEqual(['step 7', 'step 5', 'step 5']);
      expect(origins).toEqual(['previous', 'policy', 'previous']);
    });

    it('does so by agent', () => {
      const env = fakeParallel({ ann: 9, bob: 9 });
      const action = new Map([
        ['ann', 7],
        ['bob', 8],
      ]);
      const observation = new Map([
        ['ann', 'ann 3'],
        ['bob', 'bob 3'],
      ]);
      env.setState({ format: 2, bytes: new Uint8Array(), latest: { ...before, observation, action } }).subscribe();
      const { ticks$, tick } = clock();
      const policy = ({ index }: Asked) => index;
      ticks$
        .pipe(actions(env, { ann: policy, bob: policy }, { ann: { every: 4 }, bob: { every: 2 } }), stepWith(env))
        .subscribe();
      tick(2);
      expect(env.log.slice(1)).toEqual(['step [["ann",7],["bob",8]]', 'step [["ann",5],["bob",5]]']);
    });

    it('does its last action again where its answer is late', () =>
      runMarbles(({ scheduler, cold, flush }) => {
        const env = fakeSingle({ length: 9 });
        env.setState({ format: 2, bytes: new Uint8Array(), latest: { ...before, action: 7 } }).subscribe();
        const policy = ({ index }: Asked) => timer(index === 4 ? 9 : 2, scheduler).pipe(map(() => index));
        cold('a---------b----|')
          .pipe(actions(env, policy, { late: 'previous', idle: 0, deadline: 5 }), stepWith(env))
          .subscribe();
        flush();
        expect(env.log.slice(1)).toEqual(['step 7', 'step 5']);
      }));

    it('asks at once where what it did is not known: of a turn-based env', () => {
      const env = fakeTurns(9);
      const latest = { ...before, agent: 'o', action: 7 };
      env.setState({ format: 2, bytes: new Uint8Array(), latest }).subscribe();
      const { ticks$, tick } = clock();
      ticks$
        .pipe(actions(env, { x: 1, o: ({ index }: Asked) => index }, { o: { every: 4 } }), stepWith(env))
        .subscribe();
      tick();
      expect(env.log.slice(1)).toEqual(['step 4']);
    });
  });

  describe('of a parallel env', () => {
    it('joins the actions of those who are still there, and says where each comes from', () => {
      const env = fakeParallel({ ann: 2, bob: 3 });
      const { ticks$, tick } = clock();
      const asked: Asked[] = [];
      const steps: ParallelStep[] = [];
      const bot = (context: Asked) => {
        asked.push(context);
        return context.index;
      };
      ticks$
        .pipe(actions(env, { ann: new BehaviorSubject(8), bob: bot }), stepWith(env))
        .subscribe((s) => steps.push(s));
      tick(3);
      expect(env.log.slice(1)).toEqual([
        'step [["ann",8],["bob",1]]',
        'step [["ann",8],["bob",2]]',
        'step [["bob",3]]',
      ]);
      expect(asked[1]).toMatchObject({ agent: 'bob', observation: 'bob 1', mask: [1, 0, 1], index: 2 });
      expect(steps[0]?.origin).toEqual(
        new Map([
          ['ann', { by: 'input', at: expect.any(Number) as number }],
          ['bob', { by: 'policy', at: expect.any(Number) as number }],
        ]),
      );
    });

    it.each<[string, readonly Observable<number>[], object]>([
      ['its source', [withIdles(new BehaviorSubject(6), [6])], {}],
      ['one of several sources', [withIdles(new BehaviorSubject(6), [6]), NEVER], {}],
      ['the options', [new BehaviorSubject(6)], { ann: { idle: 6 } }],
    ])('says that a person is idle, by %s', (_, sources, options) => {
      const env = fakeParallel({ ann: 2 });
      const { ticks$, tick } = clock();
      const steps: ParallelStep[] = [];
      const ann: Observable<number> = sources.length > 1 ? inputs(...(sources as [Observable<number>])) : sources[0]!;
      ticks$.pipe(actions(env, { ann }, options), stepWith(env)).subscribe((s) => steps.push(s));
      tick(1);
      (sources[0] as BehaviorSubject<number>).next(5);
      tick(1);
      const by = steps.map(({ origin }) => (origin as ReadonlyMap<string, Origin>).get('ann')?.by);
      expect(by).toEqual(['idle', 'input']);
    });

    it('asks no policy while a person has given nothing', () => {
      const env = fakeParallel({ ann: 2, bob: 3 });
      const { ticks$, tick } = clock();
      const clicks$ = new Subject<number>();
      let asked = 0;
      ticks$.pipe(actions(env, { ann: clicks$, bob: () => (asked += 1) }), stepWith(env)).subscribe();
      tick(3);
      expect(asked).toBe(0);
      clicks$.next(4);
      tick();
      expect([asked, env.log.at(-1)]).toEqual([1, 'step [["ann",4],["bob",1]]']);
    });

    it('refuses an agent without a source', () => {
      const env = fakeParallel({ ann: 2, bob: 3 });
      const errors: unknown[] = [];
      of(1)
        .pipe(actions(env, { ann: 1, bbo: 2 }), stepWith(env))
        .subscribe({ error: (error: unknown) => errors.push(error) });
      const message = expect.stringMatching(/a source for the agent bob, got .*ann, bbo/) as string;
      expect(errors).toMatchObject([{ name: 'UsageError', option: 'actions.sources', message }]);
    });

    it('refuses sources by agent for an env with one agent', () => {
      const env = fakeSingle();
      const errors: unknown[] = [];
      of(1)
        .pipe(actions(env, { ann: 1 }), stepWith(env))
        .subscribe({ error: (error: unknown) => errors.push(error) });
      expect(errors).toMatchObject([{ name: 'UsageError', option: 'actions.sources' }]);
    });

    it('refuses one source for all', () => {
      const env = fakeParallel({ ann: 2, bob: 3 });
      const errors: unknown[] = [];
      of(1)
        .pipe(actions(env, 3), stepWith(env))
        .subscribe({ error: (error: unknown) => errors.push(error) });
      expect(errors).toMatchObject([{ name: 'UsageError', option: 'actions.sources' }]);
    });
  });

  describe('of a turn-based env', () => {
    it('asks whose turn it is, and waits for a person as long as it takes', () => {
      const env = fakeTurns();
      const { ticks$, tick } = clock();
      const clicks$ = new Subject<number>();
      ticks$.pipe(actions(env, { x: clicks$, o: () => 9 }), stepWith(env)).subscribe();
      tick(5);
      expect(env.log).toEqual(['reset undefined']);
      clicks$.next(1);
      tick(5);
      expect(env.log.slice(1)).toEqual(['step 1', 'step 9']);
    });

    it('leaves out what a person gave while it was the turn of another', () => {
      const env = fakeTurns();
      const { ticks$, tick } = clock();
      const clicks$ = new Subject<number>();
      ticks$.pipe(actions(env, { x: clicks$, o: () => 9 }), stepWith(env)).subscribe();
      tick();
      clicks$.next(1);
      tick(); // x has stepped
      clicks$.next(2);
      tick(3); // o has stepped, and x is to move
      expect(env.log.slice(1)).toEqual(['step 1', 'step 9']);
      clicks$.next(3);
      tick();
      expect(env.log.at(-1)).toBe('step 3');
    });
  });

  it('listens while it is subscribed', () => {
    const env = fakeSingle();
    const clicks$ = new Subject<number>();
    const playing = NEVER.pipe(actions(env, clicks$)).subscribe();
    expect(clicks$.observed).toBe(true);
    playing.unsubscribe();
    expect(clicks$.observed).toBe(false);
  });

  it('errors when a source, a policy or its answer does', () => {
    const env = fakeSingle();
    const error = new Error('broken');
    const outcomes: unknown[] = [];
    const play = (source: Parameters<typeof actions>[1]) =>
      of(1)
        .pipe(actions(env, source), stepWith(env), take(1))
        .subscribe({ error: (caught: unknown) => outcomes.push(caught) });
    play(throwError(() => error));
    play(() => {
      throw error;
    });
    play(() => throwError(() => error));
    play(() => NEVER.pipe(take(0)));
    expect(outcomes).toMatchObject([error, error, error, { name: 'UsageError', option: 'actions' }]);
  });

  it.each<[string, AgentOptions, string]>([
    ["late 'previous' without a deadline", { late: 'previous', idle: 0 }, 'actions.deadline'],
    ['late without an idle action', { late: 'idle', deadline: 5 }, 'actions.idle'],
    ['meanwhile idle without an idle action', { meanwhile: 'idle', every: 2 }, 'actions.idle'],
  ])('refuses %s', (_, options, option) => {
    expect(() => actions(fakeSingle(), () => 0, options)).toThrow(usageError(option));
  });
});
