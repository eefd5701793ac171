import { distinctUntilChanged, map, merge, scan, timestamp, type Observable } from 'rxjs';
import type { PythonError, Recovered, Incident as RuntimeIncident, Step } from 'rxgym';

/** What the buttons do; `other` is what nobody asked for. */
export type Fault = 'kill' | 'loop' | 'fatal' | 'memory' | 'other';

/** What `incidents$` said, or what Python raised. */
export type Report = RuntimeIncident | PythonError;

/** One fault, from its beginning to the step with which the game went on. Times in ms, of `Date.now()`. */
export interface Incident {
  readonly fault: Fault;
  /** When the game stood still: at the latest step before. */
  readonly since: number;
  /** When it went on. */
  readonly until?: number;
  /** The latest step before. */
  readonly before: Pick<Step, 'episode' | 'index'>;
  /** The step with which it went on. */
  readonly after?: Pick<Step, 'episode' | 'index'>;
  readonly reports: readonly Report[];
}

/** The recovery that ended an incident, if one was needed. */
export const recoveryOf = ({ reports }: Incident) =>
  reports.filter((report): report is Recovered => report.type === 'recovered').at(-1);

export interface Happenings {
  readonly faults$: Observable<Fault>;
  readonly reports$: Observable<Report>;
  readonly steps$: Observable<Step>;
}

type Happening =
  | { readonly kind: 'fault'; readonly fault: Fault }
  | { readonly kind: 'report'; readonly report: Report }
  | { readonly kind: 'step'; readonly step: Step };

/** What has happened so far. */
export interface Chronicle {
  /** The newest first, at most twelve. */
  readonly recent: readonly Incident[];
  /** How many are over. */
  readonly survived: number;
  /** The longest of them, in ms. */
  readonly longest: number;
}

interface History extends Chronicle {
  readonly latest: Pick<Step, 'episode' | 'index'>;
}

const limit = 12;

/** Emits each time that an incident begins, is reported on, or ends. */
export function chronicle({ faults$, reports$, steps$ }: Happenings): Observable<Chronicle> {
  const nothing: History = { recent: [], survived: 0, longest: 0, latest: { episode: 0, index: 0 } };
  return merge(
    faults$.pipe(map((fault): Happening => ({ kind: 'fault', fault }))),
    reports$.pipe(map((report): Happening => ({ kind: 'report', report }))),
    steps$.pipe(map((step): Happening => ({ kind: 'step', step }))),
  ).pipe(
    timestamp(),
    scan((history, { value, timestamp: now }) => next(history, value, now), nothing),
    distinctUntilChanged((one, other) => one.recent === other.recent),
  );
}

function next(history: History, happening: Happening, now: number): History {
  const { recent, survived, longest, latest } = history;
  const open = recent.find(({ until }) => until === undefined);
  const begun = (fault: Fault): Incident => ({ fault, since: now, before: latest, reports: [] });
  const withNewest = (incident: Incident) => [incident, ...(open ? recent.slice(1) : recent)].slice(0, limit);
  switch (happening.kind) {
    case 'fault':
      return open ? history : { ...history, recent: withNewest(begun(happening.fault)) };
    case 'report': {
      const incident = open ?? begun('other');
      return {
        ...history,
        recent: withNewest({ ...incident, reports: [...incident.reports, happening.report] }),
      };
    }
    case 'step': {
      const { episode, index } = happening.step;
      const step = { episode, index };
      if (!open) return { ...history, latest: step };
      // Nothing has happened yet: this step was on its way before the fault struck.
      if (open.reports.length === 0) {
        return { ...history, recent: withNewest({ ...open, since: now, before: step }), latest: step };
      }
      return {
        recent: withNewest({ ...open, until: now, after: step }),
        survived: survived + 1,
        longest: Math.max(longest, now - open.since),
        latest: step,
      };
    }
  }
}
