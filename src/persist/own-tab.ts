import { catchError, defer, map, of, switchMap, timer, type Observable } from 'rxjs';
import { singleTab } from '../loop/single-tab.js';

/** In ms. A page that was just left, or a game that has just ended, lets go late. */
const patience = 2000;

/** Whether this tab may write the game. True where the browser cannot say, for want of Web Locks. */
export const ownTab = (key: string): Observable<boolean> =>
  defer(() => singleTab(`game ${key}`)).pipe(
    switchMap((isHere) => (isHere ? of(true) : timer(patience).pipe(map(() => false)))),
    catchError(() => of(true)),
  );
