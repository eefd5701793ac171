import { concatMap, delay, map, mergeMap, of, range, repeat, switchMap, take, tap, timer } from 'rxjs';
import { lingerMs } from '../../src/loop/linger.js';
import { ticks, type Tick } from '../../src/loop/ticks.js';
import { runMarbles } from '../operators/run-marbles.js';
import { usageError } from '../operators/usage-error.js';

const index = map(({ index }: Tick) => String(index));

describe('ticks', () => {
  it('ticks at once, and then once a period', () =>
    runMarbles(({ scheduler, expectObservable }) => {
      const ticks$ = ticks(250, { scheduler }).pipe(take(4), index);
      const expected = '0---1---2---(3|)';
      expectObservable(ticks$).toBe(expected);
    }));

  it('does not tick synchronously', () =>
    runMarbles(({ scheduler }) => {
      const seen: Tick[] = [];
      const subscription = ticks(250, { scheduler }).subscribe((tick) => seen.push(tick));
      expect(seen).toEqual([]);
      subscription.unsubscribe();
    }));

  it('has the time since the subscription', () =>
    runMarbles(({ scheduler, cold, expectObservable }) => {
      const ticks$ = cold('--(s|)').pipe(switchMap(() => ticks(500, { scheduler }).pipe(take(3))));
      const expected = '--a-b-(c|)';
      const values = { a: { index: 0, time: 0 }, b: { index: 1, time: 2 }, c: { index: 2, time: 4 } };
      expectObservable(ticks$).toBe(expected, values);
    }));

  it('ends when unsubscribed', () =>
    runMarbles(({ scheduler, expectObservable }) => {
      const unsub = '   -----!';
      const expected = '0---1-';
      expectObservable(ticks(250, { scheduler }).pipe(index), unsub).toBe(expected);
    }));

  it('does not drift with a period that is no whole number of ms', () =>
    runMarbles(({ scheduler, flush }) => {
      const times: number[] = [];
      ticks(30, { scheduler })
        .pipe(take(301))
        .subscribe(({ time }) => times.push(time));
      flush();
      expect(times).toHaveLength(301);
      times.forEach((time, n) => expect(Math.abs(time - (n * 1000) / 30)).toBeLessThanOrEqual(1));
    }));

  describe('as a shared clock', () => {
    it('gives a late subscriber the next tick that is due, with the index that it has', () =>
      runMarbles(({ scheduler, expectObservable }) => {
        const clock$ = ticks(250, { scheduler }).pipe(index);
        const early = '^---------!   ';
        const late = ' --^-----------!';
        expectObservable(clock$, early).toBe('0---1---2--');
        expectObservable(clock$, late).toBe(' ----1---2---3--');
      }));

    it('keeps its beat for one who subscribes anew for each tick, in the same turn', () =>
      runMarbles(({ scheduler, expectObservable }) => {
        const one$ = ticks(250, { scheduler }).pipe(take(1), index);
        const unsub = '   ---------!';
        const expected = '0---1---2';
        expectObservable(one$.pipe(repeat()), unsub).toBe(expected);
      }));

    it('keeps its beat for one who is away between two ticks, also when one is missed', () =>
      runMarbles(({ scheduler, expectObservable }) => {
        const one$ = ticks(250, { scheduler }).pipe(take(1), index);
        const steps$ = range(1, 4).pipe(
          concatMap((step) => one$.pipe(concatMap((tick) => of(tick).pipe(delay(step === 2 ? 6 : 1))))),
        );
        // ticks at 0, 4, 12 and 16: at 8 the step of 4 is under way
        const expected = '-0--------1--3---(4|)';
        expectObservable(steps$).toBe(expected);
      }));

    it('starts anew, from index 0 and at once, for one who comes after it has ended', () =>
      runMarbles(({ scheduler, expectObservable }) => {
        const clock$ = ticks(250, { scheduler });
        const times = mergeMap(() => clock$.pipe(take(2)));
        const long = lingerMs + 11;
        const visits$ = of(0, long).pipe(mergeMap((at) => timer(at, scheduler).pipe(times)));
        const values = { a: { index: 0, time: 0 }, b: { index: 1, time: 4 } };
        const expected = `a---b ${long - 5}ms a---(b|)`;
        expectObservable(visits$).toBe(expected, values);
      }));

    it('keeps its beat for a period, where that is longer', () =>
      runMarbles(({ scheduler, expectObservable }) => {
        const clock$ = ticks(0.5, { scheduler }).pipe(take(1), index);
        const visits$ = of(0, 1999, 4001).pipe(mergeMap((at) => timer(at, scheduler).pipe(mergeMap(() => clock$))));
        const expected = '0 1999ms 1 2000ms (0|)';
        expectObservable(visits$).toBe(expected);
      }));

    it('makes a clock of its own at each call', () =>
      runMarbles(({ scheduler, expectObservable }) => {
        const late = '--^------!';
        expectObservable(ticks(250, { scheduler }).pipe(index), '^-----!').toBe('0---1-');
        expectObservable(ticks(250, { scheduler }).pipe(index), late).toBe('--0---1--');
      }));
  });

  describe('with a timer and a clock of its own', () => {
    /** A scheduler whose clock and timer a spec moves apart, as those of a busy page do. */
    function fakeScheduler() {
      let time = 1000;
      let pending: { readonly work: () => void; readonly delay: number } | undefined;
      const scheduler = {
        now: () => time,
        schedule(work: () => void, delay = 0) {
          const own = { work, delay };
          pending = own;
          return {
            unsubscribe: () => {
              if (pending === own) pending = undefined;
            },
          };
        },
      };
      return {
        scheduler: scheduler as never,
        delay: () => pending?.delay,
        pass: (ms: number) => void (time += ms),
        ring: () => {
          const { work } = pending ?? { work: () => undefined };
          pending = undefined;
          work();
        },
      };
    }

    it('skips missed ticks, shows the gap, and keeps its schedule', () => {
      const { scheduler, pass, ring, delay } = fakeScheduler();
      const seen: Tick[] = [];
      ticks(100, { scheduler }).subscribe((tick) => seen.push(tick));
      ring();
      pass(47); // due at 10
      ring();
      expect(seen).toEqual([
        { index: 0, time: 0 },
        { index: 4, time: 47 },
      ]);
      expect(delay()).toBe(3);
    });

    it('does not burst after a long sleep: one tick, and the next on its beat', () => {
      const { scheduler, pass, ring, delay } = fakeScheduler();
      const seen: Tick[] = [];
      ticks(100, { scheduler }).subscribe((tick) => seen.push(tick));
      ring();
      pass(3_600_004);
      ring();
      expect(seen.map(({ index }) => index)).toEqual([0, 360_000]);
      expect(delay()).toBe(6);
    });

    it('keeps its schedule also after a late tick that missed none', () => {
      const { scheduler, pass, ring, delay } = fakeScheduler();
      ticks(100, { scheduler }).subscribe();
      ring();
      pass(14);
      ring();
      expect(delay()).toBe(6);
    });

    it('passes on a tick that rings 1 ms early, and waits on when it rings earlier', () => {
      const { scheduler, pass, ring, delay } = fakeScheduler();
      const seen: Tick[] = [];
      ticks(100, { scheduler }).subscribe((tick) => seen.push(tick));
      ring();
      pass(7);
      ring();
      expect(seen).toHaveLength(1);
      expect(delay()).toBe(3);
      pass(2);
      ring();
      expect(seen[1]).toEqual({ index: 1, time: 9 });
      expect(delay()).toBe(11);
    });

    it('subtracts the time that a subscriber takes for a tick', () => {
      const { scheduler, pass, ring, delay } = fakeScheduler();
      ticks(100, { scheduler })
        .pipe(tap(() => pass(4)))
        .subscribe();
      ring();
      expect(delay()).toBe(6);
    });

    it('never sets its timer to a time in the past', () => {
      const { scheduler, pass, ring, delay } = fakeScheduler();
      ticks(100, { scheduler })
        .pipe(tap(() => pass(40)))
        .subscribe();
      ring();
      expect(delay()).toBe(0);
    });

    it('does not tick early where the period is as short as the tolerance', () => {
      const { scheduler, pass, ring, delay } = fakeScheduler();
      const seen: Tick[] = [];
      ticks(1000, { scheduler }).subscribe((tick) => seen.push(tick));
      ring();
      pass(0.25);
      ring();
      expect(seen).toHaveLength(1);
      expect(delay()).toBe(0.75);
    });

    it('clears its timer when unsubscribed', () => {
      const { scheduler, ring, delay } = fakeScheduler();
      const subscription = ticks(100, { scheduler }).subscribe();
      ring();
      expect(delay()).toBe(10);
      subscription.unsubscribe();
      expect(delay()).toBeUndefined();
    });

    it('sets no timer after a subscriber that unsubscribes on a tick', () => {
      const { scheduler, ring, delay } = fakeScheduler();
      ticks(100, { scheduler }).pipe(take(1)).subscribe();
      ring();
      expect(delay()).toBeUndefined();
    });
  });

  it.each([0, -1, NaN, Infinity, 1001, '30' as never])('refuses %p ticks a second', (fps) => {
    expect(() => ticks(fps)).toThrow(usageError('ticks.fps'));
  });
});
