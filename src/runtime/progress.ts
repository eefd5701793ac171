import { map, pipe, scan, type OperatorFunction } from 'rxjs';
import type { BootStage } from '../errors.js';

/** One report on the way to readiness, without its place on the bar. */
export interface Report {
  readonly stage: BootStage;
  /** For people to read. */
  readonly label: string;
  /** Bytes so far; null where there are none to count. */
  readonly loaded: number | null;
  /** Bytes in all; null where unknown. */
  readonly total: number | null;
  /** Which of the runtime's interpreters it is, from 1. */
  readonly attempt: number;
}

export interface Progress extends Report {
  /** 0 to 1; never goes back within an attempt. */
  readonly ratio: number;
}

// Where each stage begins and ends on the bar, in the proportions of a cold boot over a home connection.
const bounds: Readonly<Record<BootStage, readonly [from: number, to: number]>> = {
  spawn: [0, 0.02],
  download: [0.02, 0.6],
  boot: [0.6, 0.85],
  packages: [0.85, 0.95],
  env: [0.95, 1],
  ready: [1, 1],
};

/** Places reports on the bar. */
export function withRatio(): OperatorFunction<Report, Progress> {
  return pipe(
    map((report: Report): Progress => ({ ...report, ratio: ratioOf(report) })),
    scan((before, now) =>
      before.attempt === now.attempt && before.ratio > now.ratio ? { ...now, ratio: before.ratio } : now,
    ),
  );
}

function ratioOf({ stage, loaded, total }: Report): number {
  const [from, to] = bounds[stage];
  const done = stage !== 'boot' && loaded !== null && total ? Math.min(loaded / total, 1) : 0;
  return from + (to - from) * done;
}
