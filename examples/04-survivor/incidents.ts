import { distinctUntilChanged, map, merge, scan, timestamp, type Observable } from 'rxjs';
import type { CrashReport, PythonError, Recovered, Step } from 'rxgym';

/** What the buttons do; `other` is what nobody asked for. */
export type Fault = 'kill' | 'loop' | 'fatal' | 'memory' | 'other';

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
  /** What `crashes$` said, and what Python raised. */
  readonly reports: readonly (CrashReport | PythonError)[];
}

/** The recovery that ended an incident, if one was needed. */
export const recoveryOf = ({ reports }: Incident) =>
  reports.filter((report): report is Recovered => report.name === 'Recovered').at(-1);

export interface Happenings {
  readonly faults$: Observable<Fault>;
  readonly reports$: Observable<CrashReport | PythonError>;
  readonly steps$: Observable<Step>;
}

type Happening =
  | { readonly kind: 'fault'; readonly fault: Fault }
  | { readonly kind: 'report'; readonly report: CrashReport | PythonError }
  | { readonly kind: 'step'; readonly step: Step };

interface History {
  readonly past: readonly Incident[];
  readonly open: Incident | undefined;
  readonly latest: Pick<Step, 'episode' | 'index'>;
}

const limit = 50;

/** The incidents so far, the newest first, each time that one begins, is reported on, or ends. */
export function incidents({ faults$, reports$, steps$ }: Happenings): Observable<readonly Incident[]> {
  const nothing: History = { past: [], open: undefined, latest: { episode: 0, index: 0 } };
  return merge(
    faults$.pipe(map((fault): Happening => ({ kind: 'fault', fault }))),
    reports$.pipe(map((report): Happening => ({ kind: 'report', report }))),
    steps$.pipe(map((step): Happening => ({ kind: 'step', step }))),
  ).pipe(
    timestamp(),
    scan((history, { value, timestamp: now }) => next(history, value, now), nothing),
    map(({ past, open }) => (open ? [open, ...past] : past)),
    distinctUntilChanged(),
  );
}

function next({ past, open, latest }: History, happening: Happening, now: number): History {
  const begun = (fault: Fault): Incident => ({ fault, since: now, before: latest, reports: [] });
  switch (happening.kind) {
    case 'fault':
      return { past, open: open ?? begun(happening.fault), latest };
    case 'report': {
      const incident = open ?? begun('other');
      return { past, open: { ...incident, reports: [...incident.reports, happening.report] }, latest };
    }
    case 'step': {
      const { episode, index } = happening.step;
      const step = { episode, index };
      if (!open) return { past, open, latest: step };
      // Nothing has happened yet: this step was on its way before the fault struck.
      if (open.reports.length === 0) return { past, open: { ...open, since: now, before: step }, latest: step };
      return { past: [{ ...open, until: now, after: step }, ...past].slice(0, limit), open: undefined, latest: step };
    }
  }
}
