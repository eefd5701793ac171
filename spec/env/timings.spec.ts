import type { Step } from '../../src/index';
import { timingsOf } from '../../src/env/timings';

const step = { index: 3, episode: 2 } as Step;

it('parts a way into its durations, and gives each of several steps its share', () => {
  const times = { queued: 7, trip: 20, worker: 12, python: 8 };
  expect(timingsOf(step, times, { paint: 1, drops: 5, share: 1 })).toEqual({
    index: 3,
    episode: 2,
    queued: 7,
    python: 8,
    bridge: 4,
    transfer: 8,
    paint: 1,
    drops: 5,
  });
  const half = { queued: 7, python: 4, bridge: 2, transfer: 4, paint: null };
  expect(timingsOf(step, times, { paint: null, drops: 0, share: 0.5 })).toMatchObject(half);
});

it('has no part below 0, where a coarse clock says so', () => {
  const times = { queued: 0, trip: 0, worker: 0.1, python: 0.15 };
  const timings = timingsOf(step, times, { paint: null, drops: 0, share: 1 });
  expect(timings).toMatchObject({ python: 0.15, bridge: 0, transfer: 0 });
});
