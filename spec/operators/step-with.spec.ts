import {
  concat,
  defer,
  EMPTY,
  finalize,
  from,
  mergeMap,
  NEVER,
  of,
  Subject,
  take,
  throwError,
  type Observable,
} from 'rxjs';
import type { RunHelpers } from 'rxjs/testing';
import {
  CrashError,
  DeadlineError,
  PythonError,
  QueueOverflowError,
  ReplayDivergedError,
  StateError,
  UsageError,
} from '../../src/errors.js';
import type { Reset, StepOptions } from '../../src/env/step.js';
import { stepWith, type BusyPolicy, type StepWithConfig } from '../../src/operators/step-with.js';
import type { Steppable } from '../../src/operators/steppable.js';
import { untilDone } from '../../src/operators/until-done.js';
import { runMarbles } from './run-marbles.js';
import { usageError } from './usage-error.js';

const newCrash = (): CrashError => new CrashError({ kind: 'fatal', message: 'memory access out of bounds' }, 'step', 1);
const crash = newCrash();
const diverged = new ReplayDivergedError(3, 'step returned another observation');
const resuming = { onCrash: 'resume' } as const;
const policies: readonly BusyPolicy[] = ['drop', 'queue', 'latest', 'interrupt'];

/** An env whose commands are given, by action. */
function envOf<S>(
  steps: Readonly<Record<string, Observable<S>>>,
  reset$: Observable<unknown> = throwError(() => new Error('no reset was expected')),
): Steppable<string, S> {
  return {
    step: (action) => steps[action] ?? throwError(() => new Error(`no step '${action}' was expected`)),
    reset: () => reset$ as Observable<Reset>,
  };
}

/** An env whose steps are synchronous, which logs its calls. */
function instantEnv() {
  const log: [action: number, options: StepOptions | undefined][] = [];
  const env: Steppable<number, number> = {
    step: (action, options) => {
      log.push([action, options]);
      return of(action);
    },
    reset: () => throwError(() => new Error('no reset was expected')),
  };
  return { env, log };
}

type Cold = ReturnType<RunHelpers['cold']>;

/** Asserts when each step was sent and ended; a step without marbles must not have been sent. */
function subscribed(
  expectSubscriptions: RunHelpers['expectSubscriptions'],
  ...steps: [step: Cold, marbles?: string][]
) {
  for (const [step, marbles] of steps) expectSubscriptions(step.subscriptions).toBe(marbles ?? []);
}

describe('stepWith', () => {
  describe("with busy: 'queue'", () => {
    it('steps every action in its order, one at a time', () =>
      runMarbles(({ cold, hot, expectObservable, expectSubscriptions }) => {
        const a = cold('      ---(A|)');
        const b = cold('         ---(B|)');
        const c = cold('            ---(C|)');
        const actions = hot('-abc----------|');
        const actionsSubs = '^-------------!';
        const expected = '   ----A--B--C---|';
        const aSubs = '      -^--!';
        const bSubs = '      ----^--!';
        const cSubs = '      -------^--!';
        expectObservable(actions.pipe(stepWith(envOf({ a, b, c })))).toBe(expected);
        subscribed(expectSubscriptions, [a, aSubs], [b, bSubs], [c, cSubs]);
        expectSubscriptions(actions.subscriptions).toBe(actionsSubs);
      }));

    it('still steps what waits when the actions complete, then completes', () =>
      runMarbles(({ cold, expectObservable, expectSubscriptions }) => {
        const a = cold('      ---(A|)');
        const aSubs = '       ^--!';
        const b = cold('         ---(B|)');
        const bSubs = '       ---^--!';
        const actions = cold('(ab|)');
        const expected = '    ---A--(B|)';
        expectObservable(actions.pipe(stepWith(envOf({ a, b })))).toBe(expected);
        subscribed(expectSubscriptions, [a, aSubs], [b, bSubs]);
      }));

    it('cancels the step under way and drops what waits when unsubscribed', () =>
      runMarbles(({ cold, hot, expectObservable, expectSubscriptions }) => {
        const a = cold('      ---(A|)');
        const aSubs = '      -^--!';
        const b = cold('         ---(B|)');
        const bSubs = '      ----^!';
        const c = cold('        ---(C|)');
        const actions = hot('-abc------');
        const actionsSubs = '^----!';
        const unsub = '      -----!';
        const expected = '   ----A-';
        expectObservable(actions.pipe(stepWith(envOf({ a, b, c }))), unsub).toBe(expected);
        subscribed(expectSubscriptions, [a, aSubs], [b, bSubs], [c]);
        expectSubscriptions(actions.subscriptions).toBe(actionsSubs);
      }));

    it('ends with the error of a step, and steps no further', () =>
      runMarbles(({ cold, hot, expectObservable, expectSubscriptions }) => {
        const a = cold('      ---#');
        const b = cold('       ---(B|)');
        const actions = hot('-ab---');
        const actionsSubs = '^---!';
        const expected = '   ----#';
        expectObservable(actions.pipe(stepWith(envOf({ a, b })))).toBe(expected);
        subscribed(expectSubscriptions, [b]);
        expectSubscriptions(actions.subscriptions).toBe(actionsSubs);
      }));

    it('ends with the error of the actions at once, and cancels the step under way', () =>
      runMarbles(({ cold, hot, expectObservable, expectSubscriptions }) => {
        const a = cold('      ---(A|)');
        const aSubs = '      -^-!';
        const actions = hot('-a-#');
        const expected = '   ---#';
        expectObservable(actions.pipe(stepWith(envOf({ a })))).toBe(expected);
        subscribed(expectSubscriptions, [a, aSubs]);
      }));

    it('ends with QueueOverflowError when more than `limit` actions wait', () =>
      runMarbles(({ cold, hot, expectObservable, expectSubscriptions }) => {
        const a = cold('      ------(A|)');
        const aSubs = '      -^--!';
        const b = cold('       ------(B|)');
        const actions = hot('-abcd');
        const expected = '   ----#';
        const error = new QueueOverflowError('stepWith', 2);
        expectObservable(actions.pipe(stepWith(envOf({ a, b }), { limit: 2 }))).toBe(expected, {}, error);
        subscribed(expectSubscriptions, [a, aSubs], [b]);
      }));

    it('holds exactly `limit` waiting actions without overflowing', () =>
      runMarbles(({ cold, hot, expectObservable }) => {
        const a = cold('      ---(A|)');
        const b = cold('         ---(B|)');
        const c = cold('            ---(C|)');
        const actions = hot('-abc--------|');
        const expected = '   ----A--B--C-|';
        expectObservable(actions.pipe(stepWith(envOf({ a, b, c }), { limit: 2 }))).toBe(expected);
      }));

    it("drops the oldest waiting action at the limit with overflow: 'drop-oldest'", () =>
      runMarbles(({ cold, hot, expectObservable, expectSubscriptions }) => {
        const a = cold('      ----(A|)');
        const b = cold('       ---(B|)');
        const c = cold('          ---(C|)');
        const cSubs = '      -----^--!';
        const d = cold('             ---(D|)');
        const dSubs = '      --------^--!';
        const actions = hot('-abcd---------|');
        const expected = '   -----A--C--D--|';
        const config: StepWithConfig = { limit: 2, overflow: 'drop-oldest' };
        expectObservable(actions.pipe(stepWith(envOf({ a, b, c, d }), config))).toBe(expected);
        subscribed(expectSubscriptions, [b], [c, cSubs], [d, dSubs]);
      }));

    it("drops the arriving action at the limit with overflow: 'drop-newest'", () =>
      runMarbles(({ cold, hot, expectObservable, expectSubscriptions }) => {
        const a = cold('      ----(A|)');
        const b = cold('          ---(B|)');
        const bSubs = '      -----^--!';
        const c = cold('             ---(C|)');
        const cSubs = '      --------^--!';
        const d = cold('         ---(D|)');
        const actions = hot('-abcd---------|');
        const expected = '   -----A--B--C--|';
        const config: StepWithConfig = { limit: 2, overflow: 'drop-newest' };
        expectObservable(actions.pipe(stepWith(envOf({ a, b, c, d }), config))).toBe(expected);
        subscribed(expectSubscriptions, [b, bSubs], [c, cSubs], [d]);
      }));

    it('lets 32 actions wait by default', () => {
      const busyEnv = envOf({ a: new Subject<string>() });
      const errors: unknown[] = [];
      const actions$ = new Subject<string>();
      actions$.pipe(stepWith(busyEnv)).subscribe({ error: (error: unknown) => errors.push(error) });
      for (let i = 0; i < 33; i++) actions$.next('a');
      expect(errors).toEqual([]);
      actions$.next('a');
      expect(errors).toEqual([new QueueOverflowError('stepWith', 32)]);
    });
  });

  describe("with busy: 'drop'", () => {
    it('ignores actions while a step is under way', () =>
      runMarbles(({ cold, hot, expectObservable, expectSubscriptions }) => {
        const a = cold('      ---(A|)');
        const aSubs = '      -^--!';
        const b = cold('       ---(B|)');
        const c = cold('           ---(C|)');
        const cSubs = '      ------^--!';
        const actions = hot('-ab---c------|');
        const expected = '   ----A----C---|';
        expectObservable(actions.pipe(stepWith(envOf({ a, b, c }), { busy: 'drop' }))).toBe(expected);
        subscribed(expectSubscriptions, [a, aSubs], [b], [c, cSubs]);
      }));

    it('completes with the step under way when the actions complete', () =>
      runMarbles(({ cold, hot, expectObservable }) => {
        const a = cold('      ---(A|)');
        const actions = hot('-a-|');
        const expected = '   ----(A|)';
        expectObservable(actions.pipe(stepWith(envOf({ a }), { busy: 'drop' }))).toBe(expected);
      }));

    it('cancels the step under way when unsubscribed', () =>
      runMarbles(({ cold, hot, expectObservable, expectSubscriptions }) => {
        const a = cold('      ---(A|)');
        const aSubs = '      -^!';
        const actions = hot('-a-----');
        const unsub = '      --!';
        const expected = '   ---';
        expectObservable(actions.pipe(stepWith(envOf({ a }), { busy: 'drop' })), unsub).toBe(expected);
        subscribed(expectSubscriptions, [a, aSubs]);
      }));

    it('ends with the error of a step', () =>
      runMarbles(({ cold, hot, expectObservable }) => {
        const a = cold('      --#');
        const actions = hot('-a-----');
        const expected = '   ---#';
        expectObservable(actions.pipe(stepWith(envOf({ a }), { busy: 'drop' }))).toBe(expected);
      }));
  });

  describe("with busy: 'latest'", () => {
    it('steps the newest of the actions that waited, and only that', () =>
      runMarbles(({ cold, hot, expectObservable, expectSubscriptions }) => {
        const a = cold('      ----(A|)');
        const aSubs = '      -^---!';
        const b = cold('       ---(B|)');
        const c = cold('        ---(C|)');
        const d = cold('          ---(D|)');
        const dSubs = '      -----^--!';
        const actions = hot('-abcd-------|');
        const expected = '   -----A--D---|';
        expectObservable(actions.pipe(stepWith(envOf({ a, b, c, d }), { busy: 'latest' }))).toBe(expected);
        subscribed(expectSubscriptions, [a, aSubs], [b], [c], [d, dSubs]);
      }));

    it('still steps the waiting action when the actions complete', () =>
      runMarbles(({ cold, hot, expectObservable }) => {
        const a = cold('      ---(A|)');
        const b = cold('         ---(B|)');
        const actions = hot('-ab|');
        const expected = '   ----A--(B|)';
        expectObservable(actions.pipe(stepWith(envOf({ a, b }), { busy: 'latest' }))).toBe(expected);
      }));

    it('drops the waiting action when unsubscribed', () =>
      runMarbles(({ cold, hot, expectObservable, expectSubscriptions }) => {
        const a = cold('      ---(A|)');
        const aSubs = '      -^-!';
        const b = cold('       ---(B|)');
        const actions = hot('-ab-------');
        const unsub = '      ---!';
        const expected = '   ----';
        expectObservable(actions.pipe(stepWith(envOf({ a, b }), { busy: 'latest' })), unsub).toBe(expected);
        subscribed(expectSubscriptions, [a, aSubs], [b]);
      }));

    it('ends with the error of a step, and drops the waiting action', () =>
      runMarbles(({ cold, hot, expectObservable, expectSubscriptions }) => {
        const a = cold('      ---#');
        const b = cold('       ---(B|)');
        const actions = hot('-ab----');
        const expected = '   ----#';
        expectObservable(actions.pipe(stepWith(envOf({ a, b }), { busy: 'latest' }))).toBe(expected);
        subscribed(expectSubscriptions, [b]);
      }));
  });

  describe("with busy: 'interrupt'", () => {
    it('cancels the step under way and steps the new action at once', () =>
      runMarbles(({ cold, hot, expectObservable, expectSubscriptions }) => {
        const a = cold('      ----(A|)');
        const aSubs = '      -^-!';
        const b = cold('        ----(B|)');
        const bSubs = '      ---^---!';
        const c = cold('              ---(C|)');
        const cSubs = '      ---------^--!';
        const actions = hot('-a-b-----c-----|');
        const actionsSubs = '^--------------!';
        const expected = '   -------B----C--|';
        expectObservable(actions.pipe(stepWith(envOf({ a, b, c }), { busy: 'interrupt' }))).toBe(expected);
        subscribed(expectSubscriptions, [a, aSubs], [b, bSubs], [c, cSubs]);
        expectSubscriptions(actions.subscriptions).toBe(actionsSubs);
      }));

    it('has cancelled the old step before it sends the new one', () => {
      const order: string[] = [];
      const actions$ = new Subject<string>();
      const never$ = new Subject<string>();
      const env: Steppable<string, string> = {
        step: (action) => {
          order.push(`send ${action}`);
          return never$.pipe(finalize(() => order.push(`cancel ${action}`)));
        },
        reset: () => throwError(() => new Error('no reset was expected')),
      };
      const subscription = actions$.pipe(stepWith(env, { busy: 'interrupt' })).subscribe();
      actions$.next('a');
      actions$.next('b');
      subscription.unsubscribe();
      expect(order).toEqual(['send a', 'cancel a', 'send b', 'cancel b']);
    });

    it('subscribes to the actions once, also for a step that outlives them', () =>
      runMarbles(({ cold, hot, expectObservable, expectSubscriptions }) => {
        const a = cold('      ------(A|)');
        const actions = hot('-a-|');
        const actionsSubs = '^--!';
        const expected = '   -------(A|)';
        expectObservable(actions.pipe(stepWith(envOf({ a }), { busy: 'interrupt' }))).toBe(expected);
        expectSubscriptions(actions.subscriptions).toBe(actionsSubs);
      }));

    it('steps the last of several actions that come at once', () =>
      runMarbles(({ cold, expectObservable, expectSubscriptions }) => {
        const a = cold('      ---(A|)');
        const aSubs = '       (^!)';
        const b = cold('      ---(B|)');
        const bSubs = '       ^--!';
        const actions = cold('(ab|)');
        const expected = '    ---(B|)';
        expectObservable(actions.pipe(stepWith(envOf({ a, b }), { busy: 'interrupt' }))).toBe(expected);
        subscribed(expectSubscriptions, [a, aSubs], [b, bSubs]);
      }));

    it('cancels the step under way when unsubscribed', () =>
      runMarbles(({ cold, hot, expectObservable, expectSubscriptions }) => {
        const a = cold('      ---(A|)');
        const aSubs = '      -^!';
        const actions = hot('-a-----');
        const actionsSubs = '^-!';
        const unsub = '      --!';
        const expected = '   ---';
        expectObservable(actions.pipe(stepWith(envOf({ a }), { busy: 'interrupt' })), unsub).toBe(expected);
        subscribed(expectSubscriptions, [a, aSubs]);
        expectSubscriptions(actions.subscriptions).toBe(actionsSubs);
      }));

    it('ends with the error of a step, or of the actions', () =>
      runMarbles(({ cold, hot, expectObservable }) => {
        const a = cold('--#');
        const b = cold('-----(B|)');
        const operator = stepWith(envOf({ a, b }), { busy: 'interrupt' });
        expectObservable(hot('-a-----').pipe(operator)).toBe('---#');
        expectObservable(hot('-b-#').pipe(operator)).toBe('   ---#');
      }));
  });

  describe.each(policies)('with busy: %s, whatever the policy', (busy) => {
    it('takes an action that a subscriber emits while it receives a step', () => {
      const { env, log } = instantEnv();
      const actions$ = new Subject<number>();
      const steps: number[] = [];
      actions$.pipe(stepWith(env, { busy })).subscribe((step) => {
        steps.push(step);
        if (step < 3) actions$.next(step + 1);
      });
      actions$.next(0);
      expect(steps).toEqual([0, 1, 2, 3]);
      expect(log).toHaveLength(4);
    });

    it('takes it also when the step was asynchronous', () =>
      runMarbles(({ cold, flush }) => {
        const actions$ = new Subject<string>();
        const env = envOf<string>({ a: cold('--(b|)'), b: cold('--(c|)'), c: cold('--(d|)') });
        const steps: string[] = [];
        actions$.pipe(stepWith(env, { busy })).subscribe((step) => {
          steps.push(step);
          if (step !== 'd') actions$.next(step);
        });
        actions$.next('a');
        flush();
        expect(steps).toEqual(['b', 'c', 'd']);
      }));

    it('passes the steps to every subscriber in their order, also when one of them answers with an action', () => {
      const { env } = instantEnv();
      const actions$ = new Subject<number>();
      const steps$ = new Subject<number>();
      const seen: string[] = [];
      steps$.subscribe((step) => {
        seen.push(`first ${step}`);
        if (step < 1) actions$.next(step + 1);
      });
      steps$.subscribe((step) => seen.push(`second ${step}`));
      actions$.pipe(stepWith(env, { busy })).subscribe(steps$);
      actions$.next(0);
      expect(seen).toEqual(['first 0', 'second 0', 'first 1', 'second 1']);
    });

    it('does not grow the stack in a loop of 10,000 synchronous steps', () => {
      const { env } = instantEnv();
      const actions$ = new Subject<number>();
      let last = -1;
      actions$.pipe(stepWith(env, { busy })).subscribe((step) => {
        last = step;
        if (step < 10_000) actions$.next(step + 1);
      });
      actions$.next(0);
      expect(last).toBe(10_000);
    });

    it('stops a synchronous source of actions when it is unsubscribed', () => {
      const { env } = instantEnv();
      function* endless() {
        for (let i = 0; ; i++) yield i;
      }
      const steps: number[] = [];
      from(endless())
        .pipe(
          stepWith({ reset: () => env.reset(), step: (i: number) => of({ i, done: i === 3 }) }, { busy }),
          untilDone(),
        )
        .subscribe(({ i }) => steps.push(i));
      expect(steps).toEqual([0, 1, 2, 3]);
    });

    it('hands the deadline to each step', () => {
      const { env, log } = instantEnv();
      of(7)
        .pipe(stepWith(env, { busy, deadline: 250 }))
        .subscribe();
      expect(log).toEqual([[7, { deadline: 250 }]]);
    });

    it("hands onCrash: 'resume' to each step, and nothing of the other policies", () => {
      const { env, log } = instantEnv();
      of(7)
        .pipe(stepWith(env, { busy, deadline: 250, onCrash: 'resume', onUnrecoverable: 'reset' }))
        .subscribe();
      of(8)
        .pipe(stepWith(env, { busy, onCrash: 'reset' }))
        .subscribe();
      expect(log).toEqual([
        [7, { deadline: 250, onCrash: 'resume' }],
        [8, { deadline: undefined }],
      ]);
    });

    it("resets an env that cannot be recovered, with onUnrecoverable: 'reset', and goes on with the next action", () =>
      runMarbles(({ cold, hot, expectObservable, expectSubscriptions }) => {
        const a = cold('      --#', {}, diverged);
        const aSubs = '      -^-!';
        const reset = cold('    --(r|)');
        const resetSubs = '  ---^-!';
        const b = cold('             --(B|)');
        const bSubs = '      --------^-!';
        const actions = hot('-a------b----|');
        const actionsSubs = '^------------!';
        const expected = '   ----------B--|';
        const operator = stepWith(envOf({ a, b }, reset), { ...resuming, busy, onUnrecoverable: 'reset' });
        expectObservable(actions.pipe(operator)).toBe(expected);
        subscribed(expectSubscriptions, [a, aSubs], [reset, resetSubs], [b, bSubs]);
        expectSubscriptions(actions.subscriptions).toBe(actionsSubs);
      }));

    it("passes on that an env cannot be recovered with onUnrecoverable: 'error', which is the default", () =>
      runMarbles(({ cold, hot, expectObservable }) => {
        const a = cold('      --#', {}, diverged);
        const expected = '   ---#';
        for (const config of [resuming, { ...resuming, onUnrecoverable: 'error' } as const]) {
          const operator = stepWith(envOf({ a }), { ...config, busy });
          expectObservable(hot('-a-----').pipe(operator)).toBe(expected, {}, diverged);
        }
      }));

    it('starts afresh for each subscriber', () => {
      const { env } = instantEnv();
      const steps$ = of(1, 2).pipe(stepWith(env, { busy }));
      const seen: number[] = [];
      steps$.subscribe((step) => seen.push(step));
      steps$.subscribe((step) => seen.push(step));
      expect(seen).toEqual([1, 2, 1, 2]);
    });

    it('passes on a crash by default', () =>
      runMarbles(({ cold, hot, expectObservable }) => {
        const a = cold('      --#', {}, crash);
        const actions = hot('-a-----');
        const expected = '   ---#';
        expectObservable(actions.pipe(stepWith(envOf({ a }), { busy }))).toBe(expected, {}, crash);
      }));

    it("resets the env after a crash with onCrash: 'reset', drops the action, and goes on with the next", () =>
      runMarbles(({ cold, hot, expectObservable, expectSubscriptions }) => {
        const a = cold('      --#', {}, crash);
        const aSubs = '      -^-!';
        const reset = cold('    --(r|)');
        const resetSubs = '  ---^-!';
        const b = cold('             --(B|)');
        const bSubs = '      --------^-!';
        const actions = hot('-a------b----|');
        const expected = '   ----------B--|';
        const operator = stepWith(envOf({ a, b }, reset), { busy, onCrash: 'reset' });
        expectObservable(actions.pipe(operator)).toBe(expected);
        subscribed(expectSubscriptions, [a, aSubs], [reset, resetSubs], [b, bSubs]);
      }));

    it('cancels the reset when it is unsubscribed', () =>
      runMarbles(({ cold, hot, expectObservable, expectSubscriptions }) => {
        const a = cold('      --#', {}, crash);
        const reset = cold('    ---(r|)');
        const resetSubs = '  ---^!';
        const actions = hot('-a-----');
        const unsub = '      ----!';
        const expected = '   -----';
        const operator = stepWith(envOf({ a }, reset), { busy, onCrash: 'reset' });
        expectObservable(actions.pipe(operator), unsub).toBe(expected);
        subscribed(expectSubscriptions, [reset, resetSubs]);
      }));

    it('resets again when the interpreter dies during the reset', () => {
      const resets = [throwError(() => newCrash()), throwError(() => newCrash()), of({})];
      const reset$ = defer(() => resets.shift() ?? EMPTY);
      const env = envOf({ a: throwError(() => crash), b: of('B') }, reset$);
      const seen: string[] = [];
      of('a', 'b')
        .pipe(stepWith(env, { busy, onCrash: 'reset' }))
        .subscribe((step) => seen.push(step));
      expect(seen).toEqual(['B']);
      expect(resets).toEqual([]);
    });

    it('ends with a crash that comes twice: the runtime has used up its restarts', () => {
      const givenUp = newCrash();
      const env = envOf(
        { a: throwError(() => crash) },
        throwError(() => givenUp),
      );
      const errors: unknown[] = [];
      concat(of('a'), NEVER)
        .pipe(stepWith(env, { busy, onCrash: 'reset' }))
        .subscribe({ error: (error: unknown) => errors.push(error) });
      expect(errors).toEqual([givenUp]);
    });

    it('ends with an error of the reset that is no crash', () =>
      runMarbles(({ cold, hot, expectObservable }) => {
        const givenUp = new Error('the runtime restarts no more');
        const a = cold('      --#', {}, crash);
        const reset = cold('    --#', {}, givenUp);
        const actions = hot('-a-----');
        const expected = '   -----#';
        const operator = stepWith(envOf({ a }, reset), { busy, onCrash: 'reset' });
        expectObservable(actions.pipe(operator)).toBe(expected, {}, givenUp);
      }));
  });

  describe("with onCrash: 'reset'", () => {
    const crashing = { onCrash: 'reset' } as const;

    it('drops the actions that waited for the dead episode, not those that come during the reset', () =>
      runMarbles(({ cold, hot, expectObservable, expectSubscriptions }) => {
        const a = cold('      ---#', {}, crash);
        const b = cold('       --(B|)');
        const reset = cold('     ---(r|)');
        const resetSubs = '  ----^--!';
        const c = cold('            --(C|)');
        const cSubs = '      -------^-!';
        const actions = hot('-ab--c------|');
        const expected = '   ---------C--|';
        expectObservable(actions.pipe(stepWith(envOf({ a, b, c }, reset), crashing))).toBe(expected);
        subscribed(expectSubscriptions, [b], [reset, resetSubs], [c, cSubs]);
      }));

    it('drops those, too, when the interpreter dies during the reset', () =>
      runMarbles(({ cold, hot, expectObservable, expectSubscriptions }) => {
        const a = cold('      -#', {}, crash);
        const dying = cold('   --#', {}, newCrash());
        const dyingSubs = '  --^-!';
        const reset = cold('     --(r|)');
        const resetSubs = '  ----^-!';
        const b = cold('        --(B|)');
        const c = cold('           --(C|)');
        const cSubs = '      ------^-!';
        const actions = hot('-a-b-c------|');
        const expected = '   --------C---|';
        const resets = [dying, reset];
        const env = envOf(
          { a, b, c },
          defer(() => resets.shift() ?? EMPTY),
        );
        expectObservable(actions.pipe(stepWith(env, crashing))).toBe(expected);
        subscribed(expectSubscriptions, [dying, dyingSubs], [reset, resetSubs], [b], [c, cSubs]);
      }));

    it('lets no newer action interrupt the reset', () =>
      runMarbles(({ cold, hot, expectObservable, expectSubscriptions }) => {
        const a = cold('      -#', {}, crash);
        const reset = cold('   -----(r|)');
        const resetSubs = '  --^----!';
        const b = cold('         --(B|)');
        const c = cold('            --(C|)');
        const cSubs = '      -------^-!';
        const actions = hot('-a--b-c-----|');
        const expected = '   ---------C--|';
        expectObservable(actions.pipe(stepWith(envOf({ a, b, c }, reset), { ...crashing, busy: 'interrupt' }))).toBe(
          expected,
        );
        subscribed(expectSubscriptions, [reset, resetSubs], [b], [c, cSubs]);
      }));

    it('subscribes to the actions once, also for a step that follows a reset after they completed', () =>
      runMarbles(({ cold, hot, expectObservable, expectSubscriptions }) => {
        const a = cold('      -#', {}, crash);
        const reset = cold('   ----(r|)');
        const b = cold('           --(B|)');
        const actions = hot('-a-b|');
        const actionsSubs = '^---!';
        const expected = '   --------(B|)';
        expectObservable(actions.pipe(stepWith(envOf({ a, b }, reset), { ...crashing, busy: 'interrupt' }))).toBe(
          expected,
        );
        expectSubscriptions(actions.subscriptions).toBe(actionsSubs);
      }));

    it('resets after a deadline for which the worker was replaced', () => {
      const late = new DeadlineError('step', 250, 251, 'replaced');
      const env = envOf({ a: throwError(() => late), b: of('B') }, of({}));
      const seen: string[] = [];
      of('a', 'b')
        .pipe(stepWith(env, crashing))
        .subscribe((step) => seen.push(step));
      expect(seen).toEqual(['B']);
    });

    it.each([
      ['a deadline after which Python goes on', new DeadlineError('step', 250, 251, 'interrupted')],
      ['an error that the Python raised', new PythonError('step', { type: 'E', message: '', traceback: '' })],
    ])('passes on %s', (_, error) => {
      const errors: unknown[] = [];
      of('a')
        .pipe(stepWith(envOf({ a: throwError(() => error) }), crashing))
        .subscribe({ error: (seen: unknown) => errors.push(seen) });
      expect(errors).toEqual([error]);
    });
  });

  describe("with onCrash: 'resume' and onUnrecoverable: 'reset'", () => {
    const config = { ...resuming, onUnrecoverable: 'reset' } as const;

    it('drops the actions that waited for the lost episode, not those that come during the reset', () =>
      runMarbles(({ cold, hot, expectObservable, expectSubscriptions }) => {
        const a = cold('      ---#', {}, diverged);
        const b = cold('       --(B|)');
        const reset = cold('     ---(r|)');
        const resetSubs = '  ----^--!';
        const c = cold('            --(C|)');
        const cSubs = '      -------^-!';
        const actions = hot('-ab--c------|');
        const expected = '   ---------C--|';
        expectObservable(actions.pipe(stepWith(envOf({ a, b, c }, reset), config))).toBe(expected);
        subscribed(expectSubscriptions, [b], [reset, resetSubs], [c, cSubs]);
      }));

    it('lets no newer action interrupt the reset', () =>
      runMarbles(({ cold, hot, expectObservable, expectSubscriptions }) => {
        const a = cold('      -#', {}, diverged);
        const reset = cold('   -----(r|)');
        const resetSubs = '  --^----!';
        const b = cold('         --(B|)');
        const c = cold('            --(C|)');
        const cSubs = '      -------^-!';
        const actions = hot('-a--b-c-----|');
        const expected = '   ---------C--|';
        expectObservable(actions.pipe(stepWith(envOf({ a, b, c }, reset), { ...config, busy: 'interrupt' }))).toBe(
          expected,
        );
        subscribed(expectSubscriptions, [reset, resetSubs], [b], [c, cSubs]);
      }));

    it('cancels the reset when it is unsubscribed', () =>
      runMarbles(({ cold, hot, expectObservable, expectSubscriptions }) => {
        const a = cold('      --#', {}, diverged);
        const reset = cold('    ---(r|)');
        const resetSubs = '  ---^!';
        const actions = hot('-a-----');
        const unsub = '      ----!';
        const expected = '   -----';
        expectObservable(actions.pipe(stepWith(envOf({ a }, reset), config)), unsub).toBe(expected);
        subscribed(expectSubscriptions, [reset, resetSubs]);
      }));

    it('resets where the state cannot be restored, too', () => {
      const lost = new StateError('recovery', 'the log is full');
      const seen: string[] = [];
      of('a', 'b')
        .pipe(stepWith(envOf({ a: throwError(() => lost), b: of('B') }, of({})), config))
        .subscribe((step) => seen.push(step));
      expect(seen).toEqual(['B']);
    });

    it('resets again when the interpreter dies during the reset', () => {
      const resets = [throwError(() => newCrash()), of({})];
      const env = envOf(
        { a: throwError(() => diverged), b: of('B') },
        defer(() => resets.shift() ?? EMPTY),
      );
      const seen: string[] = [];
      of('a', 'b')
        .pipe(stepWith(env, config))
        .subscribe((step) => seen.push(step));
      expect(seen).toEqual(['B']);
      expect(resets).toEqual([]);
    });

    it.each([
      ['a crash, which came as often as the runtime may restart', crash],
      ['a deadline after which Python goes on', new DeadlineError('step', 250, 251, 'interrupted')],
      ['a deadline that cost the worker', new DeadlineError('step', 250, 251, 'replaced')],
      ['an error that the Python raised', new PythonError('step', { type: 'E', message: '', traceback: '' })],
    ])('passes on %s', (_, error) => {
      const errors: unknown[] = [];
      of('a')
        .pipe(stepWith(envOf({ a: throwError(() => error) }), config))
        .subscribe({ error: (seen: unknown) => errors.push(seen) });
      expect(errors).toEqual([error]);
    });
  });

  it.each<[name: string, config: StepWithConfig, log: string]>([
    ["busy: 'drop'", { busy: 'drop' }, 'step 0, 3 dropped, step 4'],
    ["busy: 'latest'", { busy: 'latest' }, 'step 0, 2 dropped, step 3, step 4'],
    ["busy: 'interrupt'", { busy: 'interrupt' }, 'step 0, step 1, step 2, step 3, step 4'],
    ['a full queue', { limit: 1, overflow: 'drop-newest' }, 'step 0, 2 dropped, step 1, step 4'],
    [
      'a queue that is sent in batches',
      { limit: 2, overflow: 'drop-oldest', lookahead: 2 },
      'step 0, 1 dropped, step 2,3, step 4',
    ],
  ])('reports to the env how many actions were dropped before a step, with %s', (_, config, expected) => {
    const log: string[] = [];
    const answer$ = new Subject<number>();
    const env: Steppable<number, number> = {
      countDrops: (count) => log.push(`${count} dropped`),
      step: (action) => {
        log.push(`step ${action}`);
        return answer$.pipe(take(1));
      },
      stepMany: (actions) => {
        log.push(`step ${actions.join()}`);
        return answer$.pipe(
          mergeMap(() => actions),
          take(actions.length),
        );
      },
      reset: () => EMPTY,
    };
    const actions$ = new Subject<number>();
    actions$.pipe(stepWith(env, config)).subscribe();
    for (const action of [0, 1, 2, 3]) actions$.next(action);
    for (const _answer of [0, 1, 2]) answer$.next(0);
    actions$.next(4);
    expect(log.join(', ')).toBe(expected);
  });

  it('reports the actions that waited for a lost episode before the next step', () => {
    const log: string[] = [];
    const dying$ = new Subject<string>();
    const env = {
      ...envOf({ a: dying$, d: of('D') }, of({})),
      countDrops: (count: number) => log.push(`${count} dropped`),
    };
    const actions$ = new Subject<string>();
    actions$.pipe(stepWith(env, { onCrash: 'reset' })).subscribe((step) => log.push(step));
    for (const action of ['a', 'b', 'c']) actions$.next(action);
    dying$.error(crash);
    actions$.next('d');
    expect(log).toEqual(['2 dropped', 'D']);
  });

  it('steps a queue of 10,000 synchronous steps without overflowing the stack', () => {
    const { env } = instantEnv();
    const gate = new Subject<number>();
    let count = 0;
    const steppable = { ...env, step: (i: number) => (i === 0 ? gate : of(i)) };
    from(Array.from({ length: 10_000 }, (_, i) => i))
      .pipe(stepWith(steppable, { limit: 10_000 }))
      .subscribe(() => count++);
    gate.next(0);
    expect(count).toBe(10_000);
  });

  it('passes on what an env throws', () => {
    const thrown = new UsageError('action', 'an int', "'x'");
    const env = {
      ...instantEnv().env,
      step: () => {
        throw thrown;
      },
    };
    const errors: unknown[] = [];
    of(1)
      .pipe(stepWith(env))
      .subscribe({ error: (error: unknown) => errors.push(error) });
    expect(errors).toEqual([thrown]);
  });

  it.each<[string, StepWithConfig]>([
    ['stepWith.busy', { busy: 'wait' as never }],
    ['stepWith.limit', { limit: 0 }],
    ['stepWith.limit', { limit: 1.5 }],
    ['stepWith.limit', { limit: Infinity }],
    ['stepWith.overflow', { overflow: 'drop' as never }],
    ['stepWith.deadline', { deadline: 0 }],
    ['stepWith.deadline', { deadline: NaN }],
    ['stepWith.deadline', { deadline: '250' as never }],
    ['stepWith.onCrash', { onCrash: 'ignore' as never }],
    ['stepWith.onUnrecoverable', { onUnrecoverable: 'resume' as never }],
  ])('refuses a bad %s: %j', (option, config) => {
    expect(() => stepWith(instantEnv().env, config)).toThrow(usageError(option));
  });
});

describe('stepWith that looks ahead', () => {
  it('sends waiting actions in batches, and passes on every step in its order', () => {
    const asked: (readonly number[])[] = [];
    const answer$ = new Subject<void>();
    const env: Steppable<number, number> = {
      step: (action) => env.stepMany!([action]),
      stepMany: (actions) => {
        asked.push(actions);
        return answer$.pipe(
          take(1),
          mergeMap(() => actions.map((action) => -action)),
        );
      },
      reset: () => EMPTY,
    };
    const steps: number[] = [];
    from([1, 2, 3, 4, 5, 6])
      .pipe(stepWith(env, { lookahead: 3 }))
      .subscribe((step) => steps.push(step));
    for (let i = 0; i < 3; i++) answer$.next();

    expect(asked).toEqual([[1], [2, 3, 4], [5, 6]]);
    expect(steps).toEqual([-1, -2, -3, -4, -5, -6]);
  });

  it.each<StepWithConfig>([
    { lookahead: 0 },
    { lookahead: 2, busy: 'latest' },
    { lookahead: 2, onCrash: 'reset' },
    { lookahead: 2, onCrash: 'resume', onUnrecoverable: 'reset' },
    { lookahead: 33 },
  ])('refuses %j', (config) => {
    const env: Steppable<number, number> = {
      step: (action) => of(action),
      stepMany: (actions) => from(actions),
      reset: () => EMPTY,
    };
    expect(() => stepWith(env, config)).toThrow(usageError('stepWith.lookahead'));
  });

  it('refuses an env without stepMany()', () => {
    expect(() => stepWith({ step: (action: number) => of(action), reset: () => EMPTY }, { lookahead: 2 })).toThrow(
      'an env with stepMany()',
    );
  });
});
