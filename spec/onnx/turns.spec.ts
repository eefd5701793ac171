import { Observable, of, tap, throwError } from 'rxjs';
import { QueueOverflowError } from '../../src/index';
import { Turns } from '../../src/onnx/turns';
import { runMarbles } from '../operators/run-marbles';

describe('turns', () => {
  it('of one key come one after the other, those of several at the same time', () => {
    runMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const turns = new Turns<string>('turns', 8);
      const work = { a: cold('--a|'), b: cold('--b|'), c: cold('--c|') };
      expectObservable(turns.take('x', () => work.a)).toBe('--a|');
      expectObservable(turns.take('x', () => work.b)).toBe('-----b|');
      expectObservable(turns.take('y', () => work.c)).toBe('--c|');
      expectSubscriptions(work.a.subscriptions).toBe('^--!');
      expectSubscriptions(work.b.subscriptions).toBe('---^--!');
      expectSubscriptions(work.c.subscriptions).toBe('^--!');
    });
  });

  it('go on after one that failed', () => {
    runMarbles(({ cold, expectObservable }) => {
      const turns = new Turns<string>('turns', 8);
      expectObservable(turns.take('x', () => cold('-#'))).toBe('-#');
      expectObservable(turns.take('x', () => cold('a|'))).toBe('-a|');
    });
  });

  it('are given up when they are unsubscribed before their commit', () => {
    runMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const turns = new Turns<string>('turns', 8);
      const [first, second, third] = [cold('----a|'), cold('--b|'), cold('--c|')];
      expectObservable(
        turns.take('x', () => first),
        '^-!',
      ).toBe('---');
      expectObservable(
        turns.take('x', () => second),
        '^!',
      ).toBe('--');
      expectObservable(turns.take('x', () => third)).toBe('----c|');
      expectSubscriptions(first.subscriptions).toBe('^-!');
      expectSubscriptions(second.subscriptions).toBe([]);
      expectSubscriptions(third.subscriptions).toBe('--^--!');
    });
  });

  it('go on unseen when they are unsubscribed after it, and the next one waits', () => {
    runMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const turns = new Turns<string>('turns', 8);
      const [first, second] = [cold('----a|'), cold('--b|')];
      const committed = turns.take('x', (commit) => {
        commit();
        return first;
      });
      expectObservable(committed, '^-!').toBe('---');
      expectObservable(turns.take('x', () => second)).toBe('-------b|');
      expectSubscriptions(first.subscriptions).toBe('^----!');
    });
  });

  it('that wait are bounded', () => {
    const turns = new Turns<string>('bots', 2);
    const never = () => new Observable<never>();
    const errors: unknown[] = [];
    const take = () => turns.take('x', never).subscribe({ error: (error: unknown) => errors.push(error) });
    const taken = [take(), take(), take()];
    expect(errors).toEqual([]);
    take();
    expect(errors).toEqual([expect.any(QueueOverflowError)]);
    expect(errors[0]).toMatchObject({ queue: 'bots', limit: 2 });
    taken[1]?.unsubscribe();
    take();
    expect(errors).toHaveLength(1);
  });

  it('may end at once', () => {
    const turns = new Turns<string>('turns', 1);
    const done: unknown[] = [];
    for (const value of [1, 2, 3]) turns.take('x', () => of(value)).subscribe((each) => done.push(each));
    turns.take('x', () => throwError(() => new Error('no'))).subscribe({ error: () => done.push('failed') });
    turns.take('x', () => of(4).pipe(tap((each) => done.push(each)))).subscribe();
    expect(done).toEqual([1, 2, 3, 'failed', 4]);
  });
});
