import { TestScheduler } from 'rxjs/testing';
import { withRatio, type Progress, type Report } from '../../src/runtime/progress';

const report = (stage: Report['stage'], loaded: number | null, total: number | null, attempt = 1): Report => ({
  stage,
  label: stage,
  loaded,
  total,
  attempt,
});

it('places each stage on the bar, never goes back within an attempt, and begins anew with the next', () => {
  const scheduler = new TestScheduler((actual, expected) => {
    expect(actual).toEqual(expected);
  });
  scheduler.run(({ cold, expectObservable, expectSubscriptions }) => {
    const reports = {
      s: report('spawn', null, null),
      d: report('download', 50, 100),
      u: report('download', 60, null), // the total was lost: no step back
      b: report('boot', 100, 100), // all bytes are there, the interpreter is not
      r: report('ready', null, null),
      p: report('packages', 1, 2), // an installation later on
      t: report('spawn', null, null, 2),
    };
    const ratios = { s: 0, d: 0.31, u: 0.31, b: 0.6, r: 1, p: 1, t: 0 };
    const placed = Object.fromEntries(
      Object.entries(reports).map(([key, each]) => [
        key,
        { ...each, ratio: expect.closeTo(ratios[key as keyof typeof ratios]) as number },
      ]),
    ) as Record<string, Progress>;
    const source$ = cold('   sdubrpt-|', reports);
    const subscriptions = ' ^-------!';
    const expected = '      sdubrpt-|';
    expectObservable(source$.pipe(withRatio())).toBe(expected, placed);
    expectSubscriptions(source$.subscriptions).toBe(subscriptions);
  });
});
