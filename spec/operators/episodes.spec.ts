import { defer, EMPTY, map, NEVER, of, Subject, take, throwError, timer, type Observable } from 'rxjs';
import { UsageError } from '../../src/errors.js';
import type { EnvState } from '../../src/recovery/env-state.js';
import type { Reset, ResetOptions } from '../../src/env/step.js';
import { episodes, type PolicyContext } from '../../src/operators/episodes.js';
import type { Steppable } from '../../src/operators/steppable.js';
import { runMarbles } from './run-marbles.js';
import { usageError } from './usage-error.js';

interface CountingStep {
  readonly observation: string;
  readonly info: { readonly from: string };
  readonly done: boolean;
  readonly index: number;
  readonly episode: number;
}

/** An env whose episodes last `length` steps; `answer` delays the results of commands. */
function countingEnv(length: number, answer = <T>(value: T): Observable<T> => of(value)) {
  const log: string[] = [];
  let episode = 0;
  let index = 0;
  const env: Steppable<unknown, CountingStep> = {
    reset: ({ seed }: ResetOptions = {}) =>
      defer(() => {
        episode += 1;
        index = 0;
        log.push(`reset ${seed}`);
        return answer<Reset>({ observation: `${episode}.0`, info: { from: 'reset' }, episode });
      }),
    step: (action) =>
      defer(() => {
        index += 1;
        log.push(`step ${String(action)}`);
        const observation = `${episode}.${index}`;
        return answer({ observation, info: { from: 'step' }, done: index === length, index, episode });
      }),
  };
  return { env, log };
}

function collect<T>(source$: Observable<T>) {
  const seen: T[] = [];
  const ends: unknown[] = [];
  source$.subscribe({
    next: (value) => seen.push(value),
    error: (error: unknown) => ends.push(error),
    complete: () => ends.push('complete'),
  });
  return { seen, ends };
}

const startedAt = expect.any(Number) as number;

describe('episodes', () => {
  it('plays one episode by default: resets, steps until done, completes', () => {
    const { env, log } = countingEnv(3);
    const { seen, ends } = collect(episodes(env, () => 'go'));
    expect(seen.map(({ observation }) => observation)).toEqual(['1.1', '1.2', '1.3']);
    expect(log).toEqual(['reset undefined', 'step go', 'step go', 'step go']);
    expect(ends).toEqual(['complete']);
  });

  it('does nothing before it is subscribed, and plays afresh for each subscriber', () => {
    const { env, log } = countingEnv(1);
    const steps$ = episodes(env, () => 'go');
    expect(log).toEqual([]);
    collect(steps$);
    const { seen } = collect(steps$);
    expect(seen.map(({ observation }) => observation)).toEqual(['2.1']);
  });

  it('hands the policy what the reset and then each step observed, and counts as the env does', () => {
    const { env } = countingEnv(2);
    const contexts: PolicyContext<CountingStep>[] = [];
    const { seen } = collect(episodes(env, (context) => contexts.push(context), { count: 2 }));
    expect(contexts).toEqual([
      { observation: '1.0', info: { from: 'reset' }, episode: 1, index: 1, last: undefined },
      { observation: '1.1', info: { from: 'step' }, episode: 1, index: 2, last: seen[0] },
      { observation: '2.0', info: { from: 'reset' }, episode: 2, index: 1, last: undefined },
      { observation: '2.1', info: { from: 'step' }, episode: 2, index: 2, last: seen[2] },
    ]);
    expect(seen.map(({ index }) => index)).toEqual(contexts.map(({ index }) => index));
  });

  it.each([
    ['a Promise', () => Promise.resolve('go')],
    ['an Observable, of which the first value counts', () => of('go', 'ignored')],
    ['the action itself', () => 'go'],
  ])('waits for the action of a policy that returns %s', async (_, policy) => {
    const { env, log } = countingEnv(1);
    await new Promise<void>((resolve) => episodes(env, policy).subscribe({ complete: resolve }));
    expect(log).toEqual(['reset undefined', 'step go']);
  });

  it.each([
    ['a list', [0.5, -0.5]],
    ['a typed array', new Float32Array([0.5])],
    ['a Map', new Map([['agent', 1]])],
    ['null', null],
  ])('takes an action that is %s as it is', (_, action) => {
    const actions: unknown[] = [];
    const { env } = countingEnv(1);
    const logging = { ...env, step: (given: unknown) => (actions.push(given), env.step(given)) };
    collect(episodes(logging, () => action));
    expect(actions).toEqual([action]);
  });

  it('ends with UsageError when a policy completes without an action', () => {
    const { ends } = collect(episodes(countingEnv(1).env, () => EMPTY));
    expect(ends).toEqual([new UsageError('episodes.policy', 'an action', 'an Observable that completed without one')]);
  });

  it('adds the round to a seed, from the seed itself on; 0 is a seed', () => {
    const { env, log } = countingEnv(1);
    collect(episodes(env, () => 'go', { count: 3, seed: 0 }));
    expect(log.filter((entry) => entry.startsWith('reset'))).toEqual(['reset 0', 'reset 1', 'reset 2']);
  });

  it('asks a seed function for the seed of each round', () => {
    const { env, log } = countingEnv(1);
    collect(episodes(env, () => 'go', { count: 2, seed: (round) => 100 + 10 * round }));
    expect(log.filter((entry) => entry.startsWith('reset'))).toEqual(['reset 100', 'reset 110']);
  });

  it('waits `between` ms between two episodes, and not after the last', () =>
    runMarbles(({ expectObservable }) => {
      const { env } = countingEnv(2, (value) => timer(1).pipe(map(() => value)));
      const steps = episodes(env, () => 'go', { count: 2, between: 5 }).pipe(map(({ observation }) => observation));
      const expected = '--ab------c(d|)';
      expectObservable(steps).toBe(expected, { a: '1.1', b: '1.2', c: '2.1', d: '2.2' });
    }));

  it('sends a command only when the one before is answered', () =>
    runMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const reset = cold(' --(r|)', { r: { observation: 0, info: null, episode: 1 } });
      const resetSubs = '  ^-!';
      const first = cold('   ---(a|)', { a: { observation: 1, info: null, done: false } });
      const firstSubs = '  --^--!';
      const second = cold('     --(z|)', { z: { observation: 2, info: null, done: true } });
      const secondSubs = ' -----^-!';
      const expected = '   -----a-(z|)';
      const steps = [first, second];
      const env = { reset: () => reset, step: () => defer(() => steps.shift() ?? NEVER) };
      expectObservable(episodes(env, () => 'go')).toBe(expected, {
        a: { observation: 1, info: null, done: false, startedAt },
        z: { observation: 2, info: null, done: true, startedAt },
      });
      expectSubscriptions(reset.subscriptions).toBe(resetSubs);
      expectSubscriptions(first.subscriptions).toBe(firstSubs);
      expectSubscriptions(second.subscriptions).toBe(secondSubs);
    }));

  it('unsubscribes from a policy after its first action', () =>
    runMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const policy = cold(' --p-#');
      const policySubs = '  ^-!';
      const step = cold('     ---(z|)', { z: { observation: 1, info: null, done: true } });
      const stepSubs = '    --^--!';
      const expected = '    -----(z|)';
      const reset = () => of({ observation: 0, info: null, episode: 1 });
      const steps = episodes({ reset, step: () => step }, () => policy);
      expectObservable(steps).toBe(expected, { z: { observation: 1, info: null, done: true, startedAt } });
      expectSubscriptions(policy.subscriptions).toBe(policySubs);
      expectSubscriptions(step.subscriptions).toBe(stepSubs);
    }));

  it('cancels what is under way when unsubscribed: a step, a policy, or a pause', () =>
    runMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const reset = of({ observation: 0, info: null, episode: 1 });
      const step = cold('  ----(z|)', { z: { observation: 1, info: null, done: true } });
      const stepSubs = '   ^-!';
      const policy = cold('----(p|)');
      const policySubs = ' ^-!';
      const pause = cold(' ----|');
      const pauseSubs = '  ^-!';
      const unsub = '      --!';
      expectObservable(
        episodes({ reset: () => reset, step: () => step }, () => 'go'),
        unsub,
      ).toBe('---');
      expectSubscriptions(step.subscriptions).toBe(stepSubs);
      expectObservable(
        episodes({ reset: () => reset, step: () => NEVER }, () => policy),
        unsub,
      ).toBe('---');
      expectSubscriptions(policy.subscriptions).toBe(policySubs);
      const done = { observation: 1, info: null, done: true };
      const paused$ = episodes({ reset: () => reset, step: () => of(done) }, () => 'go', {
        count: 2,
        between: () => pause,
      });
      expectObservable(paused$, unsub).toBe('z--', { z: { ...done, startedAt } });
      expectSubscriptions(pause.subscriptions).toBe(pauseSubs);
    }));

  it('awaits what a `between` function returns, and hands it the round that ended', () =>
    runMarbles(({ cold, expectObservable, flush }) => {
      const { env } = countingEnv(1);
      const rounds: number[] = [];
      const pause = cold('--x--|');
      const expected = '  a----b----(c|)';
      const between = (round: number) => (rounds.push(round), pause);
      const steps = episodes(env, () => 'go', { count: 3, between }).pipe(map(({ observation }) => observation));
      expectObservable(steps).toBe(expected, { a: '1.1', b: '2.1', c: '3.1' });
      flush();
      expect(rounds).toEqual([0, 1]);
    }));

  it('calls `before` behind each reset, and steps when that completes', () =>
    runMarbles(({ cold, expectObservable, flush }) => {
      const { env, log } = countingEnv(1);
      const countdown = cold('--x--|');
      const before = (round: number) => (log.push(`before ${round}`), countdown);
      const steps = episodes(env, () => 'go', { count: 2, before }).pipe(map(({ observation }) => observation));
      expectObservable(steps).toBe('-----a----(b|)', { a: '1.1', b: '2.1' });
      flush();
      expect(log).toEqual(['reset undefined', 'before 0', 'step go', 'reset undefined', 'before 1', 'step go']);
    }));

  it('waits for a tick before each step, also over the end of an episode', () =>
    runMarbles(({ expectObservable, hot }) => {
      const { env } = countingEnv(2);
      const fps = hot('--t--t---t-t-t');
      const steps = episodes(env, () => 'go', { count: 2, fps }).pipe(map(({ observation }) => observation));
      expectObservable(steps).toBe('--a--b---c-(d|)', { a: '1.1', b: '1.2', c: '2.1', d: '2.2' });
    }));

  it('hands onCrash and its deadline on', () => {
    const { env } = countingEnv(1);
    const options: unknown[] = [];
    const noting: typeof env = {
      reset: (given) => (options.push(given), env.reset(given)),
      step: (action, given) => (options.push(given), env.step(action)),
    };
    episodes(noting, () => 'go', { onCrash: 'resume', deadline: 250 }).subscribe();
    expect(options).toEqual([
      { seed: undefined, onCrash: 'resume' },
      { onCrash: 'resume', deadline: 250 },
    ]);
  });

  it('goes on in the middle of a round, as its policy would have', () => {
    const { env, log } = countingEnv(9);
    const restored = { ...env, setState: (state: EnvState) => (log.push(`setState ${state.bytes[0]}`), of(null)) };
    const latest = { observation: '4.7', info: {}, done: false, index: 7, episode: 4 };
    const asked: PolicyContext<CountingStep>[] = [];
    const policy = (context: PolicyContext<CountingStep>) => (asked.push(context), 'go');
    const from = { round: 2, state: { format: 2, bytes: new Uint8Array([5]), latest } } as const;
    episodes(restored, policy, { count: 4, seed: 10, from }).pipe(take(10)).subscribe();
    expect(log.slice(0, 2)).toEqual(['setState 5', 'step go']);
    expect(log).toContain('reset 13');
    expect(asked[0]).toMatchObject({ observation: '4.7', index: 8, episode: 4, last: latest });
  });

  it('begins the next round where the state is that of an episode that is over', () => {
    const { env, log } = countingEnv(1);
    const restored = { ...env, setState: () => of(null) };
    const latest = { observation: '', info: {}, done: true, index: 7, episode: 4 };
    const from = { round: 0, state: { format: 2, bytes: new Uint8Array(), latest } } as const;
    episodes(restored, () => 'go', { count: 2, seed: 10, from }).subscribe();
    expect(log).toEqual(['reset 11', 'step go']);
  });

  it('refuses to go on from a state that does not say what the env had said', () => {
    const { env } = countingEnv(1);
    const restored = { ...env, setState: () => of(null) };
    const from = { round: 0, state: { format: 2, bytes: new Uint8Array() } } as const;
    expect(collect(episodes(restored, () => 'go', { from })).ends).toEqual([usageError('episodes.from')]);
    expect(collect(episodes(env, () => 'go', { from })).ends).toEqual([usageError('episodes.from')]);
  });

  it.each([
    ['the reset', { reset: () => throwError(() => new Error('broken')), step: () => NEVER }, () => 'go'],
    [
      'a step',
      { reset: () => of({ observation: 0, info: 0, episode: 1 }), step: () => throwError(() => new Error('broken')) },
      () => 'go',
    ],
    [
      'the policy',
      { reset: () => of({ observation: 0, info: 0, episode: 1 }), step: () => NEVER },
      () => {
        throw new Error('broken');
      },
    ],
  ])('ends with the error of %s', (_, env, policy) => {
    const { ends } = collect(episodes<string, CountingStep>(env, policy));
    expect(ends).toEqual([new Error('broken')]);
  });

  it('passes a step on before it asks the policy for the next action', () => {
    const { env } = countingEnv(2);
    const order: string[] = [];
    episodes(env, ({ index }) => order.push(`ask ${index}`)).subscribe(({ index }) => order.push(`step ${index}`));
    expect(order).toEqual(['ask 1', 'step 1', 'ask 2', 'step 2']);
  });

  it('does not grow the stack in 10,000 synchronous steps', () => {
    let last = 0;
    episodes(countingEnv(10_000).env, () => 'go').subscribe(({ index }) => (last = index));
    expect(last).toBe(10_000);
  });

  it('does not grow the stack in 5,000 synchronous episodes', () => {
    const { env } = countingEnv(1);
    let last = 0;
    episodes(env, () => 'go', { count: 5_000 }).subscribe(({ episode }) => (last = episode));
    expect(last).toBe(5_000);
  });

  it('goes on with count: Infinity until it is unsubscribed', () => {
    const answers$ = new Subject<void>();
    const { env, log } = countingEnv(1);
    const seen: unknown[] = [];
    const subscription = episodes(env, () => answers$, { count: Infinity }).subscribe((step) => seen.push(step));
    for (let i = 0; i < 100; i++) answers$.next();
    subscription.unsubscribe();
    answers$.next();
    expect(seen).toHaveLength(100);
    expect(log).toHaveLength(201);
    expect(answers$.observed).toBe(false);
  });

  it.each([
    ['episodes.count', { count: 0 }],
    ['episodes.count', { count: 2.5 }],
    ['episodes.seed', { seed: -1 }],
    ['episodes.seed', { seed: 0.5 }],
    ['episodes.between', { between: -1 }],
    ['episodes.between', { between: Infinity }],
    ['episodes.fps', { fps: 30 as never }],
    ['episodes.onCrash', { onCrash: 'reset' as never }],
    ['episodes.from', { from: 3 as never }],
  ])('refuses a bad %s: %j', (option, config) => {
    expect(() => episodes(countingEnv(1).env, () => 0, config)).toThrow(usageError(option));
  });
});
