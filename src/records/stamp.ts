import type { RecordBody, RecordHead } from './study-record.js';

/** What of a record is known when it is made. */
export type Draft = Pick<RecordHead, 'time' | 'at' | 'focus'> & RecordBody;

/** Says of a record when it is made, and whether the page has the focus. */
export function stamped(body: RecordBody): Draft {
  const focus = typeof document === 'undefined' ? null : document.hasFocus();
  return { time: Date.now(), at: performance.now(), focus, ...body };
}
