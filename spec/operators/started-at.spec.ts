import { EMPTY, Subject, defer, from, map, mergeMap, of, take, type Observable } from 'rxjs';
import { Choice, episodes, stepWith, type Steppable, type StepWithConfig } from '../../src/index.js';
import { fakeSingle } from '../agents/fake-env.js';

interface Sent {
  readonly done: boolean;
  readonly startedAt?: number;
}

describe('when a step was sent', () => {
  let now = 0;
  beforeEach(() => {
    now = 0;
    jest.spyOn(performance, 'now').mockImplementation(() => now);
  });
  afterEach(() => jest.restoreAllMocks());

  /** An env whose steps come when they are answered. */
  function game(actions: readonly (number | Choice<number>)[], config?: StepWithConfig) {
    const answer$ = new Subject<void>();
    const steps: Sent[] = [];
    const all = (count: number) =>
      answer$.pipe(
        take(1),
        mergeMap(() => Array.from({ length: count }, (): Sent => ({ done: false }))),
      );
    const env: Steppable<number, Sent> = {
      step: () => all(1),
      stepMany: ({ length }) => all(length),
      reset: () => EMPTY,
    };
    from(actions)
      .pipe(stepWith(env, config))
      .subscribe((step) => steps.push(step));
    const answer = (at: number) => {
      now = at;
      answer$.next();
    };
    return { answer, times: () => steps.map(({ startedAt }) => startedAt) };
  }

  it('is after the step before it, not when its action came or when it was answered', () => {
    const { answer, times } = game([1, 2, 3]);
    for (const at of [10, 20, 30]) answer(at);
    expect(times()).toEqual([0, 10, 20]);
  });

  it('is after its action was chosen', () => {
    const origin = { by: 'policy', at: 5 } as const;
    const chosen$ = new Subject<number>();
    const { answer, times } = game([new Choice(() => chosen$.pipe(map((action) => ({ action, origin }))))]);
    now = 7;
    chosen$.next(1);
    answer(10);
    expect(times()).toEqual([7]);
  });

  it('is one time for the steps of one message', () => {
    const { answer, times } = game([1, 2, 3], { lookahead: 2 });
    for (const at of [10, 20]) answer(at);
    expect(times()).toEqual([0, 10, 10]);
  });

  it('is told of a step that resets, too, and of the step where a reset comes with it', () => {
    for (const autoreset of ['next-step', 'same-step'] as const) {
      const fake = fakeSingle({ length: 1 });
      const later = <T>(answer$: Observable<T>) =>
        defer(() => {
          now += 10;
          return answer$;
        });
      const env = {
        step: (action: number) => later(fake.step(action)),
        reset: () => later(fake.reset()),
        get latest() {
          return fake.latest;
        },
      };
      const times: (number | undefined)[] = [];
      now = 0;
      env.reset().subscribe();
      from([1, 2])
        .pipe(stepWith(env, { autoreset }))
        .subscribe(({ startedAt }) => times.push(startedAt));
      expect(times).toEqual(autoreset === 'next-step' ? [10, 20] : [10, 30]);
    }
  });

  it('is told by `episodes`, after the policy answered', () => {
    const times: (number | undefined)[] = [];
    const policy = () => (now += 10);
    episodes(fakeSingle({ length: 2 }), policy).subscribe(({ startedAt }) => times.push(startedAt));
    expect(times).toEqual([10, 20]);
  });

  it('leaves lists of steps and what is no step as they are', () => {
    const list = [{ done: false }];
    for (const step of [list, 7, null]) {
      const env: Steppable<number, unknown> = { step: () => of(step), reset: () => EMPTY };
      of(1)
        .pipe(stepWith(env))
        .subscribe((seen) => expect(seen).toBe(step));
    }
    expect.assertions(3);
  });
});
