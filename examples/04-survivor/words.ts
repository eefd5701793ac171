import { PythonError, type CrashCause, type Recovered } from 'rxgym';
import { recoveryOf, type Fault, type Incident } from './incidents.js';

export const duration = (ms: number) => (ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`);
const number = (count: number) => count.toLocaleString('en');

export const titles: Readonly<Record<Fault, string>> = {
  kill: 'Worker killed',
  loop: 'Endless loop',
  fatal: 'Fatal error',
  memory: 'Out of memory',
  other: 'Crash',
};

const deaths: Readonly<Partial<Record<CrashCause['kind'], string>>> = {
  closed: 'The worker was gone.',
  deadline: 'The worker did not answer by the deadline and was replaced.',
  'worker-error': 'The worker ended with an error.',
};

const causes: Readonly<Partial<Record<CrashCause['kind'], string>>> = {
  closed: 'worker gone',
  fatal: 'fatal error',
  exit: 'exit',
  'worker-error': 'worker error',
  deadline: 'deadline passed',
  cancelled: 'cancelled',
};

/** What happened, as far as it is known by now. */
export function story({ reports }: Incident): string {
  const told = reports.map((report) => {
    if (report instanceof PythonError) return `Python raised ${report.type} and lives on.`;
    switch (report.type) {
      case 'crash': {
        const { kind, message } = report.error.cause;
        return deaths[kind] ?? `The interpreter died: ${message}.`;
      }
      case 'unrecoverable':
        return 'The episode could not be recovered: a new one began.';
      case 'recovered':
        return report.how === 'same' ? 'Python was interrupted at the deadline; the interpreter lives on.' : '';
    }
  });
  return told.join(' ').trim();
}

/** The figures of an incident, as pairs of label and value. */
export function facts(incident: Incident): readonly (readonly [label: string, value: string])[] {
  const { since, until, before, after } = incident;
  const recovered = recoveryOf(incident);
  const pairs: (readonly [string, string])[] = [];
  if (!after || until === undefined) pairs.push(['Latest step', number(before.index)]);
  else {
    const next = `${after.episode === before.episode ? '' : `episode ${after.episode}, `}${number(after.index)}`;
    pairs.push(['Steps', `${number(before.index)} → ${next}`], ['Stood still', duration(until - since)]);
  }
  if (recovered) {
    const { cause, replayed, checkpoint, ms } = recovered;
    pairs.push(
      ['Cause', causes[cause.kind] ?? cause.kind],
      ['Recovered in', duration(ms)],
      ['Replayed', `${number(replayed)}, from ${checkpoint ? 'a checkpoint' : 'the start'}`],
      ['Interpreter', interpreter(recovered)],
    );
  }
  return pairs;
}

const origins: Readonly<Record<Recovered['how'], string>> = {
  same: 'the same',
  spare: 'the spare',
  snapshot: 'from a snapshot',
  image: 'from an image',
  cold: 'booted anew',
};

const interpreter = ({ attempt, how }: Recovered) => `no. ${attempt}, ${origins[how]}`;

/** For a screen reader, when it is over. */
export function summary(incident: Incident): string {
  const { since, until, after } = incident;
  if (!after || until === undefined) return `${titles[incident.fault]}.`;
  return `${titles[incident.fault]}: the game went on after ${duration(until - since)} with step ${after.index}.`;
}
