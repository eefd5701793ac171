import { untilDone } from '../../src/operators/until-done.js';
import { runMarbles } from './run-marbles.js';

const values = { a: { done: false, index: 1 }, b: { done: false, index: 2 }, z: { done: true, index: 3 } };

describe('untilDone', () => {
  it('passes steps up to and including the first that is done, then completes and unsubscribes', () =>
    runMarbles(({ hot, expectObservable, expectSubscriptions }) => {
      const steps = hot('-a-b--z--a-|', values);
      const expected = ' -a-b--(z|)';
      const subs = '     ^-----!';
      expectObservable(steps.pipe(untilDone())).toBe(expected, values);
      expectSubscriptions(steps.subscriptions).toBe(subs);
    }));

  it('completes with a source that completes earlier', () =>
    runMarbles(({ hot, expectObservable }) => {
      expectObservable(hot('-a-b-|', values).pipe(untilDone())).toBe('-a-b-|', values);
    }));

  it('passes on an error', () =>
    runMarbles(({ hot, expectObservable }) => {
      expectObservable(hot('-a-#', values).pipe(untilDone())).toBe('-a-#', values);
    }));

  it('unsubscribes from its source when unsubscribed', () =>
    runMarbles(({ hot, expectObservable, expectSubscriptions }) => {
      const steps = hot('-a-b--z', values);
      const stepsSubs = '^-!';
      const unsub = '    --!';
      const expected = ' -a-';
      expectObservable(steps.pipe(untilDone()), unsub).toBe(expected, values);
      expectSubscriptions(steps.subscriptions).toBe(stepsSubs);
    }));
});
