import { map, switchMap, take, tap } from 'rxjs';
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
