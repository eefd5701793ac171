import { pauseWhen } from '../../src/operators/pause-when.js';
import { runMarbles } from './run-marbles.js';
import { usageError } from './usage-error.js';

const flags = { t: true, f: false };

describe('pauseWhen', () => {
  it('drops what comes while the latest value is true, and passes on the rest', () =>
    runMarbles(({ hot, expectObservable, expectSubscriptions }) => {
      const ticks = hot(' -a-b-c-d-e-f-|');
      const paused = hot('--t---f---t---', flags);
      const subs = '      ^------------!';
      const expected = '  -a-----d-e---|';
      expectObservable(ticks.pipe(pauseWhen(paused))).toBe(expected);
      expectSubscriptions(ticks.subscriptions).toBe(subs);
      expectSubscriptions(paused.subscriptions).toBe(subs);
    }));

  it('takes a current value of the pause into account for the very first value', () =>
    runMarbles(({ cold, expectObservable }) => {
      expectObservable(cold('a-b-|').pipe(pauseWhen(cold('(t)', flags)))).toBe('----|');
    }));

  it('goes by the last value of a pause that has completed', () =>
    runMarbles(({ hot, cold, expectObservable }) => {
      expectObservable(hot('-a-b-|').pipe(pauseWhen(cold('--(t|)', flags)))).toBe('-a---|');
    }));

  it('passes on errors of both, also while it is paused', () =>
    runMarbles(({ hot, cold, expectObservable }) => {
      expectObservable(hot('-a-#').pipe(pauseWhen(cold('t', flags)))).toBe('---#');
      expectObservable(hot('-a-b').pipe(pauseWhen(cold('t-#', flags)))).toBe('--#');
    }));

  it('unsubscribes from both when unsubscribed', () =>
    runMarbles(({ hot, expectObservable, expectSubscriptions }) => {
      const ticks = hot(' -a-b-');
      const paused = hot('------', flags);
      const subs = '      ^-!';
      expectObservable(ticks.pipe(pauseWhen(paused)), '--!').toBe('-a');
      expectSubscriptions(ticks.subscriptions).toBe(subs);
      expectSubscriptions(paused.subscriptions).toBe(subs);
    }));

  it('refuses what is no Observable', () => {
    expect(() => pauseWhen(true as never)).toThrow(usageError('pauseWhen.paused$'));
  });
});
