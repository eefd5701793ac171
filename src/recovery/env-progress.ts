import { ReplaySubject, filter, merge, takeUntil, type Observable } from 'rxjs';
import { withRatio, type Progress, type Report } from '../runtime/progress.js';

/** An env's way to readiness, the runtime's with it. Replays the latest. */
export function envProgress(
  ofRuntime$: Observable<Report>,
  own$: Observable<Report>,
  isUp: () => boolean,
  ended$: Observable<void>,
): Observable<Progress> {
  const progress$ = new ReplaySubject<Progress>(1);
  // an installation that somebody else asked for is not this env's way to readiness
  const boot$ = ofRuntime$.pipe(filter(({ stage }) => stage !== 'ready' && !(stage === 'packages' && isUp())));
  merge(boot$, own$).pipe(withRatio(), takeUntil(ended$)).subscribe(progress$);
  return progress$;
}
