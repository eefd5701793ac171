import { EMPTY, Subject, map, of, take, throwError } from 'rxjs';
import { Choice, stepWith, type Autoreset, type Steppable } from '../../src/index.js';
import { fakeSingle } from '../agents/fake-env.js';
import { usageError } from './usage-error.js';

describe('stepWith past the end of an episode', () => {
  const steps = (autoreset: Autoreset | undefined) => {
    const env = fakeSingle({ length: 2 });
    const seen: unknown[] = [];
    const actions$ = new Subject<number>();
    const play = () =>
      actions$.pipe(stepWith(env, { autoreset })).subscribe(({ action, observation, index, episode, done, info }) => {
        seen.push([action, observation, index, episode, done, 'final_obs' in info]);
      });
    return { env, seen, play, act: (action: number) => actions$.next(action) };
  };

  it('sends it on, for the env to refuse, by default', () => {
    const { env, play, act } = steps(undefined);
    play();
    for (const action of [1, 2, 3]) act(action);
    expect(env.log).toEqual(['step 1', 'step 2', 'step 3']);
  });

  it('resets in place of the next step, whose action is not stepped', () => {
    const { env, seen, play, act } = steps('next-step');
    env.reset().subscribe();
    play();
    for (const action of [1, 2, 3, 4]) act(action);
    expect(env.log.slice(1)).toEqual(['step 1', 'step 2', 'reset undefined', 'step 4']);
    expect(seen).toEqual([
      [1, 1, 1, 1, false, false],
      [2, 2, 2, 1, true, false],
      [null, 0, 0, 2, false, false],
      [4, 1, 1, 2, false, false],
    ]);
  });

  it('resets in the same step, and keeps the last observation beside it', () => {
    const { env, seen, play, act } = steps('same-step');
    env.reset().subscribe();
    play();
    for (const action of [1, 2, 3]) act(action);
    expect(env.log.slice(1)).toEqual(['step 1', 'step 2', 'reset undefined', 'step 3']);
    expect(seen[1]).toEqual([2, 0, 2, 1, true, true]);
  });

  it('knows that the episode was over before it was subscribed', () => {
    const { env, play, act } = steps('next-step');
    env.reset().subscribe();
    for (const action of [1, 2]) env.step(action).subscribe();
    play();
    act(3);
    expect(env.log.at(-1)).toBe('reset undefined');
  });

  it('refuses to do it for an env that does not say what came last', () => {
    const env: Steppable<number, number> = { step: (action) => of(action), reset: () => EMPTY };
    expect(() => stepWith(env, { autoreset: 'next-step' })).toThrow(usageError('stepWith.autoreset'));
    expect(() => stepWith(fakeSingle(), { autoreset: 'never' as never })).toThrow(usageError('stepWith.autoreset'));
  });
});

describe('a choice', () => {
  const origin = { by: 'policy', at: 5 } as const;

  it('is made when its step is due, and its step says where the action comes from', () => {
    const order: string[] = [];
    const steps: unknown[] = [];
    const answer$ = new Subject<void>();
    const slow: Steppable<number, unknown> = {
      reset: () => EMPTY,
      step: (action) => {
        order.push(`step ${action}`);
        return answer$.pipe(
          take(1),
          map(() => ({ index: 1 })),
        );
      },
    };
    let asked = 0;
    const choice = () =>
      new Choice<number>(() => {
        asked += 1;
        order.push(`choose ${asked}`);
        return of({ action: asked, origin });
      });
    const choices$ = new Subject<Choice<number>>();
    choices$.pipe(stepWith(slow)).subscribe((step) => steps.push(step));
    choices$.next(choice());
    choices$.next(choice());
    expect(order).toEqual(['choose 1', 'step 1']);
    answer$.next();
    expect(order).toEqual(['choose 1', 'step 1', 'choose 2', 'step 2']);
    expect(steps).toEqual([{ index: 1, origin, startedAt: expect.any(Number) as number }]);
  });

  it('that waits is not queued a second time', () => {
    const choice = new Choice<number>(() => of({ action: 1, origin }));
    let taken = 0;
    const answers$ = new Subject<number>();
    const env: Steppable<number, number> = { reset: () => EMPTY, step: () => ((taken += 1), answers$) };
    const choices$ = new Subject<Choice<number>>();
    const errors: unknown[] = [];
    choices$.pipe(stepWith(env, { limit: 2 })).subscribe({ error: (error: unknown) => errors.push(error) });
    for (let i = 0; i < 9; i++) choices$.next(choice);
    answers$.next(1);
    answers$.next(2);
    expect([taken, errors]).toEqual([2, []]);
  });

  it('without an action takes no step', () => {
    const env = fakeSingle();
    of(new Choice<number>(() => EMPTY), 4)
      .pipe(stepWith(env))
      .subscribe();
    expect(env.log).toEqual(['step 4']);
  });

  it('is given up when it is unsubscribed, and its error is that of the steps', () => {
    const waiting$ = new Subject<never>();
    const env = fakeSingle();
    const playing = of(new Choice<number>(() => waiting$))
      .pipe(stepWith(env))
      .subscribe();
    expect(waiting$.observed).toBe(true);
    playing.unsubscribe();
    expect(waiting$.observed).toBe(false);
    const errors: unknown[] = [];
    of(new Choice<number>(() => throwError(() => new Error('broken'))))
      .pipe(stepWith(env))
      .subscribe({ error: (error: unknown) => errors.push(error) });
    expect(errors).toEqual([new Error('broken')]);
  });
});
