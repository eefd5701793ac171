import { concatMap, fromEvent, merge, tap, type Observable } from 'rxjs';
import { exportRecords, type DeliveryStatus } from 'rxgym';
import { element } from '../shared/element.js';
import type { Row } from './visit.js';

/** The last page: whether all has arrived, and downloads of the data. */
export function end(study: string, rows: readonly Row[], delivery$: Observable<DeliveryStatus>): Observable<unknown> {
  const said = element('#delivered', HTMLElement);
  element('#end', HTMLElement).hidden = false;
  const file = new Blob([JSON.stringify(rows, null, 2)], { type: 'application/json' });
  Object.assign(element('#data', HTMLAnchorElement), { href: URL.createObjectURL(file), download: `${study}.json` });
  const steps = element('#steps', HTMLButtonElement);
  return merge(
    delivery$.pipe(
      tap(({ state, waiting }) => {
        steps.hidden = true; // what has arrived is not here any more
        said.textContent =
          state === 'idle' && waiting === 0 ? 'All has arrived.' : `${waiting} records wait to be sent. Please stay.`;
      }),
    ),
    fromEvent(steps, 'click').pipe(concatMap(() => exportRecords(study, { as: 'csv', save: `${study}.csv` }))),
  );
}
