import { interval, scan, startWith, tap, timestamp, withLatestFrom, type Observable } from 'rxjs';
import type { Step } from 'rxgym';
import { element } from '../shared/element.js';
import type { Chronicle, Incident } from './incidents.js';
import { duration } from './words.js';

/** How far back the chart goes, in ms. */
const span = 30_000;
const width = 600;
const height = 120;

interface Point {
  readonly time: number;
  readonly score: number;
  readonly episode: number;
}

/** The score of the last 30 seconds, a line for each episode; it is level where the game stood still. */
export function pulse(steps$: Observable<Step>, chronicle$: Observable<Chronicle>): Observable<unknown> {
  const points$ = steps$.pipe(
    timestamp(),
    scan<{ value: Step; timestamp: number }, readonly Point[]>((points, { value, timestamp: time }) => {
      const recent = points.filter((point) => point.time > time - span - 1000);
      return [...recent, { time, score: value.return, episode: value.episode }];
    }, []),
    startWith([]),
  );
  return interval(100).pipe(
    withLatestFrom(points$, chronicle$.pipe(startWith({ recent: [] }))),
    tap(([, points, { recent }]) => draw(points, recent, Date.now())),
  );
}

const chart = element('#pulse', SVGSVGElement);
const bands = element('#bands', SVGGElement);
const lines = element('#lines', SVGGElement);

function draw(points: readonly Point[], incidents: readonly Incident[], now: number) {
  const recent = incidents.filter(({ until = now }) => until > now - span);
  const scores = points.map(({ score }) => score);
  const [low, high] = [Math.min(...scores, Infinity), Math.max(...scores, 1)];
  const x = (time: number) => width - ((now - time) / span) * width;
  const y = (score: number) => height - 8 - ((score - low) / Math.max(1, high - low)) * (height - 24);

  bands.replaceChildren(
    ...recent.map(({ since, until = now, fault }) => {
      // thin, but there: what takes 50 ms is a tenth of a per cent of the chart
      const length = Math.max(3, x(until) - x(since));
      return svg('rect', { x: x(since), y: 0, width: length, height, 'data-fault': fault });
    }),
  );
  const newest = points.at(-1);
  const episodes = [...new Set(points.map(({ episode }) => episode))];
  lines.replaceChildren(
    ...episodes.map((number) => {
      const path = points.filter(({ episode }) => episode === number);
      if (newest?.episode === number) path.push({ ...newest, time: now });
      return svg('polyline', { points: path.map(({ time, score }) => `${x(time)},${y(score)}`).join(' ') });
    }),
  );
  describe(recent, points, now);
}

function describe(recent: readonly Incident[], points: readonly Point[], now: number) {
  const pauses = recent.map(({ since, until = now }) => until - since);
  const text =
    `The score of the last 30 seconds: ${points[0]?.score ?? 0} to ${points.at(-1)?.score ?? 0}. ` +
    (pauses.length ? `It stood still ${pauses.length} times, at most ${duration(Math.max(...pauses))}.` : 'No pauses.');
  if (chart.getAttribute('aria-label') !== text) chart.setAttribute('aria-label', text);
}

function svg(tag: 'rect' | 'polyline', attributes: Readonly<Record<string, string | number>>) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  return made;
}
