import { Observable } from 'rxjs';

// A plain Set, which bundlers can drop: a page's games tell all its recorders.
const listeners = new Set<() => void>();

/** Tells the recorders of this page to hand over what they have collected. */
export function tellHandOver(): void {
  for (const listener of listeners) listener();
}

/** Emits each time that recorders of this page are to hand over what they have. */
export const handOvers$ = (): Observable<void> =>
  new Observable((subscriber) => {
    const listener = () => subscriber.next();
    listeners.add(listener);
    return () => listeners.delete(listener);
  });
