import type { Subscription } from 'rxjs';
import { lingerMs } from '../../src/loop/linger.js';
import { singleTab } from '../../src/loop/single-tab.js';
import { usageError } from '../operators/usage-error.js';

/** Web Locks, as far as they are used. https://www.w3.org/TR/web-locks/ */
class FakeLocks {
  readonly names: string[] = [];
  #queue: (() => void)[] = [];
  #isHeld = false;

  async request(
    name: string,
    { ifAvailable, signal }: LockOptions,
    callback: (lock: { name: string } | null) => unknown,
  ): Promise<unknown> {
    this.names.push(name);
    await Promise.resolve();
    if (this.#isHeld && ifAvailable) return callback(null);
    if (this.#isHeld) {
      await new Promise<void>((resolve, reject) => {
        this.#queue.push(resolve);
        signal?.addEventListener('abort', () => {
          this.#queue = this.#queue.filter((other) => other !== resolve);
          reject(new DOMException('aborted', 'AbortError'));
        });
      });
    }
    this.#isHeld = true;
    const result = await callback({ name });
    this.#isHeld = false;
    this.#queue.shift()?.();
    return result;
  }
}

const page = globalThis as { navigator?: unknown };

describe('singleTab', () => {
  const given = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
  let locks: FakeLocks;
  let tabs: { values: boolean[]; subscription: Subscription }[];

  beforeEach(() => {
    jest.useFakeTimers();
    locks = new FakeLocks();
    tabs = [];
    Object.defineProperty(page, 'navigator', { value: { locks }, configurable: true });
  });
  afterEach(async () => {
    tabs.forEach(({ subscription }) => subscription.unsubscribe());
    await jest.advanceTimersByTimeAsync(lingerMs);
    jest.useRealTimers();
    if (given) Object.defineProperty(page, 'navigator', given);
    else delete page.navigator;
  });

  async function open(tab$ = singleTab('study')) {
    const values: boolean[] = [];
    tabs.push({ values, subscription: tab$.subscribe((isHere) => values.push(isHere)) });
    await jest.advanceTimersByTimeAsync(0);
    return tabs.at(-1)!;
  }

  it('is true for the first tab, and false at once for others', async () => {
    const first = await open();
    const second = await open();
    expect([first.values, second.values]).toEqual([[true], [false]]);
  });

  it('becomes true when the tab that had the name has left', async () => {
    const first = await open();
    const second = await open();
    const third = await open();
    first.subscription.unsubscribe();
    await jest.advanceTimersByTimeAsync(lingerMs - 1);
    expect(second.values).toEqual([false]);
    await jest.advanceTimersByTimeAsync(1);
    expect([second.values, third.values]).toEqual([[false, true], [false]]);
  });

  it('leaves the queue when it is unsubscribed, without an error', async () => {
    const first = await open();
    const second = await open();
    const third = await open();
    second.subscription.unsubscribe();
    await jest.advanceTimersByTimeAsync(lingerMs);
    first.subscription.unsubscribe();
    await jest.advanceTimersByTimeAsync(lingerMs);
    expect([second.values, third.values]).toEqual([[false], [false, true]]);
  });

  it('asks once for all subscriptions, and tells each the current state', async () => {
    const tab$ = singleTab('study');
    const first = await open(tab$);
    first.subscription.unsubscribe();
    expect((await open(tab$)).values).toEqual([true]);
    expect(locks.names).toHaveLength(1);
    expect(locks.names[0]).toContain('study');
  });

  it('lets go of a name that it gets after it was unsubscribed', async () => {
    const first = singleTab('study').subscribe();
    first.unsubscribe();
    jest.advanceTimersByTime(lingerMs); // before the promise of the lock
    expect((await open()).values.at(-1)).toBe(true);
  });

  it('lets go while the page is in the back/forward cache, and asks again when it is back', async () => {
    const globals = globalThis as { window?: unknown };
    const window = new EventTarget();
    globals.window = window;
    const first = await open();
    delete globals.window;
    const second = await open();
    window.dispatchEvent(new Event('pageshow')); // the first one, after the page has loaded
    window.dispatchEvent(new Event('pagehide'));
    await jest.advanceTimersByTimeAsync(0);
    expect([first.values, second.values]).toEqual([[true], [false, true]]);
    window.dispatchEvent(new Event('pageshow'));
    await jest.advanceTimersByTimeAsync(0);
    expect([first.values, second.values]).toEqual([
      [true, false],
      [false, true],
    ]);
  });

  it.each([
    ['there are no locks', {}, 'a page without them'],
    ['they are refused', { locks: { request: () => Promise.reject(new DOMException('no', 'SecurityError')) } }, 'no'],
  ])('errors with UsageError where %s', async (_, navigator, got) => {
    Object.defineProperty(page, 'navigator', { value: navigator, configurable: true });
    const errors: unknown[] = [];
    singleTab('study').subscribe({ error: (error: unknown) => errors.push(error) });
    await jest.advanceTimersByTimeAsync(0);
    expect(errors).toEqual([usageError('singleTab')]);
    expect(String(errors[0])).toContain('on https or localhost');
    expect(String(errors[0])).toContain(got);
  });

  it.each(['', 1, undefined])('refuses %j as a name', (name) => {
    expect(() => singleTab(name as never)).toThrow(usageError('singleTab.name'));
  });
});
