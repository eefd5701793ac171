import { defer, distinctUntilChanged, EMPTY, fromEvent, map, merge, Observable, of, startWith, switchMap } from 'rxjs';
import { checkValue, textRule } from '../check.js';
import { UsageError } from '../errors.js';
import { shareLatest } from './linger.js';

/**
 * Whether this tab is the one that holds a name, of all tabs of the site in this browser: for instance so that a
 * participant does not play twice at once. Emits true once the tab holds it. Where another tab does, emits false at once,
 * and true as soon as that tab closes or lets go. The first to ask for a name has it; the others wait in turn.
 *
 * The tab holds the name while it is subscribed, and for 1 s after, but not while it is in the back/forward cache. All
 * subscriptions share it; another call with the same name counts as another tab.
 *
 * Errors: `UsageError`, at the call for a name that is no text; on subscription where there are no Web Locks, which a page
 * has on https and localhost only.
 * https://developer.mozilla.org/docs/Web/API/Web_Locks_API
 *
 * @example
 * singleTab('my-study').subscribe((isHere) => (elsewhere.hidden = isHere))
 */
export function singleTab(name: string): Observable<boolean> {
  checkValue('singleTab.name', name, textRule);
  const lockName = `rxgym tab: ${name}`;
  return defer(isShown).pipe(
    switchMap((shown) => (shown ? hold(lockName) : EMPTY)),
    distinctUntilChanged(),
    shareLatest(),
  );
}

/**
 * Whether the page is not put away. A page that was left stays for minutes in the browser's back/forward cache, with the
 * locks that it holds. https://developer.mozilla.org/docs/Glossary/bfcache
 */
function isShown(): Observable<boolean> {
  if (typeof window === 'undefined') return of(true);
  return merge(
    fromEvent(window, 'pageshow').pipe(map(() => true)),
    fromEvent(window, 'pagehide').pipe(map(() => false)),
  ).pipe(startWith(true), distinctUntilChanged());
}

/** Holds the lock, or waits for it, as long as it is subscribed; says which. */
function hold(lockName: string): Observable<boolean> {
  return new Observable((subscriber) => {
    const { locks } = (globalThis as { readonly navigator?: Partial<Navigator> }).navigator ?? {};
    if (!locks) {
      subscriber.error(noLocks('a page without them'));
      return;
    }
    const leaving = new AbortController();
    const { signal } = leaving;
    const left = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
    const have = () => {
      subscriber.next(true);
      return left;
    };
    // `ifAvailable` and `signal` exclude each other, so a tab asks once whether the name is free, and then waits for it.
    const ask = async () => {
      const isFree = await locks.request(lockName, { ifAvailable: true }, async (lock) => {
        if (lock) await have();
        return lock !== null;
      });
      if (isFree || signal.aborted) return;
      subscriber.next(false);
      await locks.request(lockName, { signal }, have);
    };
    // After it was unsubscribed, nobody hears of that: the request was aborted.
    ask().catch((error: unknown) => subscriber.error(noLocks(String(error))));
    return () => leaving.abort();
  });
}

const noLocks = (got: string) =>
  new UsageError('singleTab', 'a page that may use Web Locks (on https or localhost)', got);
