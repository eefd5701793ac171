import { auditTime, bufferCount, filter, map, timeInterval, type Observable } from 'rxjs';

/** Steps a second, by the last ten; the pauses between episodes do not count. */
export const rate$ = (steps$: Observable<unknown>): Observable<number> =>
  steps$.pipe(
    timeInterval(),
    map(({ interval }) => interval),
    filter((interval) => interval < 1000),
    bufferCount(10, 1),
    map((intervals) => Math.round((1000 * intervals.length) / intervals.reduce((sum, interval) => sum + interval))),
    auditTime(250),
  );
