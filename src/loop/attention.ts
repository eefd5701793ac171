import { asyncScheduler, defer, map, merge, Observable, of, switchMap, type SchedulerLike } from 'rxjs';
import { check, checkOptions, deadlineRule, type Rules } from '../check.js';
import { scheduledAlarm, schedulerRule, type StartAlarm } from './alarm.js';
import { focused$, visible$ } from './hidden.js';
import { shareLatest } from './linger.js';
import { steadyAlarm } from './steady-alarm.js';

/** Whether the participant attends to the page; `ms` is for how long not. */
export type Attention =
  | { readonly type: 'here' }
  | { readonly type: 'away'; readonly ms: number }
  | { readonly type: 'warn'; readonly ms: number }
  | { readonly type: 'exclude'; readonly ms: number };

/** The options of {@link attention$}. */
export interface AttentionConfig {
  /** After how long away to warn, in ms; above 0, at most 2,147,483,647; `Infinity` for never. Default 3,000. */
  readonly warn?: number | undefined;
  /** After how long away to exclude, in ms; above `warn`, at most 2,147,483,647; `Infinity` for never. Default 10,000. */
  readonly exclude?: number | undefined;
  /**
   * What counts as away: that the page is hidden or lacks the focus (`'focus'`), or only that it is hidden (`'visible'`).
   * Default `'focus'`.
   */
  readonly needs?: 'focus' | 'visible' | undefined;
  /** Its clock and timer are used, for instance a `TestScheduler`'s. Default: `Date.now()` and a timer in a worker. */
  readonly scheduler?: SchedulerLike | undefined;
}

const rules: Rules<AttentionConfig> = {
  warn: deadlineRule,
  exclude: deadlineRule,
  needs: { words: ['focus', 'visible'] },
  scheduler: schedulerRule,
};

interface Limit {
  readonly type: 'warn' | 'exclude';
  readonly ms: number;
}

/**
 * Whether the participant attends to the page: `here`, or `away`, then `warn` and `exclude` when that has lasted for so
 * long, and `here` again. Emits the current state on subscription. What to do about it is the page's: an `exclude` ends
 * nothing by itself.
 *
 * It fires in a hidden tab, too, since its timer runs in a worker. A `warn` or `exclude` whose time has passed unnoticed,
 * because the browser froze the page or the computer slept, comes before the `here`.
 *
 * All subscriptions share one watch, which stays for 1 s after the last subscriber has left.
 *
 * Errors: `UsageError` at the call for a bad option.
 *
 * @example
 * attention$({ warn: 3000, exclude: 10_000 }).subscribe(({ type }) => (warning.hidden = type !== 'warn'))
 */
export function attention$(config: AttentionConfig = {}): Observable<Attention> {
  checkOptions('attention$', config, rules);
  const { warn = 3000, exclude = 10_000, needs = 'focus', scheduler } = config;
  const isInOrder = warn === Infinity || exclude > warn || exclude === Infinity;
  check('attention$.exclude', exclude, `a time above warn (${warn} ms)`, isInOrder);
  const startAlarm = scheduler ? scheduledAlarm(scheduler) : steadyAlarm;
  // Not `performance.now()`: in some browsers it stands still while the computer sleeps.
  // https://developer.mozilla.org/docs/Web/API/Performance/now#ticking_during_sleep
  const now = () => (scheduler ?? asyncScheduler).now();
  const limits: readonly Limit[] = [
    { type: 'warn', ms: warn },
    { type: 'exclude', ms: exclude },
  ];

  return defer(() => {
    let since = 0;
    let due: readonly Limit[] = [];
    const elapsed = () => Math.max(0, Math.round(now() - since));
    const reach = (limit: Limit): Attention => {
      due = due.filter((other) => other !== limit);
      return { type: limit.type, ms: Math.max(limit.ms, elapsed()) };
    };
    const overdue = () => due.filter(({ ms }) => ms <= elapsed()).map(reach);

    return (needs === 'focus' ? focused$() : visible$()).pipe(
      switchMap((isHere) => {
        if (isHere) {
          const states: Attention[] = [...overdue(), { type: 'here' }];
          due = [];
          return states;
        }
        since = now();
        due = limits.filter(({ ms }) => ms < Infinity);
        const alarms = due.map((limit) => after(limit.ms, startAlarm).pipe(map(() => reach(limit))));
        return merge(of<Attention>({ type: 'away', ms: 0 }), ...alarms);
      }),
    );
  }).pipe(shareLatest());
}

/** Emits once, after so many ms. */
function after(ms: number, startAlarm: StartAlarm): Observable<true> {
  return new Observable((subscriber) => {
    const alarm = startAlarm(() => {
      subscriber.next(true);
      subscriber.complete();
    });
    alarm.set(ms);
    return () => alarm.stop();
  });
}
