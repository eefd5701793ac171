import { Observable } from 'rxjs';
import type { StudyRecord } from './study-record.js';

// A plain Set, which bundlers can drop: all recorders of a page tell all deliveries of that page.
const listeners = new Set<(records: readonly StudyRecord[]) => void>();

/** Tells that a recorder of this page has these on disk. */
export function announceStored(records: readonly StudyRecord[]): void {
  for (const listener of listeners) listener(records);
}

/** What recorders of this page put on disk, from now on. */
export const storedHere$ = (): Observable<readonly StudyRecord[]> =>
  new Observable((subscriber) => {
    const listener = (records: readonly StudyRecord[]) => subscriber.next(records);
    listeners.add(listener);
    return () => listeners.delete(listener);
  });
