import { TestScheduler, type RunHelpers } from 'rxjs/testing';

/** Runs a marble spec in virtual time, where one frame is one ms, and compares with Jest's own words. */
export function runMarbles(spec: (helpers: RunHelpers & { readonly scheduler: TestScheduler }) => void): void {
  const scheduler = new TestScheduler((actual, expected) => expect(actual).toEqual(expected));
  scheduler.run((helpers) => spec({ ...helpers, scheduler }));
}
