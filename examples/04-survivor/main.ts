import {
  Subject,
  catchError,
  concat,
  defer,
  filter,
  fromEvent,
  map,
  merge,
  of,
  repeat,
  retry,
  share,
  startWith,
  switchMap,
  take,
  tap,
  throwError,
  timer,
  withLatestFrom,
  type Observable,
} from 'rxjs';
import { createRuntime, PythonError, paint, pressedKeys, stepWith, ticks, untilDone, type Step } from 'rxgym';
import cartPole from '../03-cart-pole/cart_pole.py';
import { dataset } from '../shared/dataset.js';
import { element } from '../shared/element.js';
import { indexURL } from '../shared/index-url.js';
import { balance } from './balance.js';
import faults from './faults.py';
import { chronicle, type Fault } from './incidents.js';
import { pulse } from './pulse.js';
import type { Scene } from './scene.js';
import { showIncidents } from './time-line.js';
import { show, showProgress, showStep, showTotals } from './view.js';
import { workers } from './workers.js';

const fleet = workers();
// Whoever presses buttons all the time shall not use up the restarts.
const restart = { limit: 30, within: 60_000, backoff: 0, spare: true };
const runtime = createRuntime({ indexURL: indexURL(), worker: fleet.spawn, restart });
const env = runtime.env({ source: `${cartPole}\n${faults}` });

/** What the policy has to know. */
type Seen = Pick<Step, 'observation' | 'index'>;

const push$ = pressedKeys({ ArrowLeft: 0, ArrowRight: 1 }, { idle: null });
const play = (start: Seen): Observable<Step> =>
  ticks(30).pipe(
    withLatestFrom(env.steps$.pipe(startWith(start)), push$),
    map(([, { observation, index }, push]) => push ?? balance(observation, index)),
    stepWith(env, { busy: 'drop', deadline: 1000, onCrash: 'resume', onUnrecoverable: 'reset' }),
  );

// An error of Python's own is no crash. This one came before the env had moved: the step can be taken once more.
const raised$ = new Subject<PythonError>();
const unlessOutOfMemory = (error: unknown) => {
  if (!(error instanceof PythonError && error.type === 'MemoryError')) return throwError(() => error);
  raised$.next(error);
  return of(true);
};

let latest: Step | undefined; // of the episode that is under way
const episode$ = defer(() => runtime.boot()).pipe(
  switchMap(() =>
    latest ? of(latest) : env.reset({ onCrash: 'resume' }).pipe(map((seen) => ({ ...seen, index: 0 }))),
  ),
  switchMap((seen) => defer(() => play(latest ?? seen)).pipe(retry({ delay: unlessOutOfMemory }))),
  untilDone(),
  tap((step) => (latest = step.done ? undefined : step)),
);

// One episode after another; a failure stays until somebody asks for another try, which goes on where it was.
const retry$ = fromEvent(element('#retry', HTMLButtonElement), 'click');
const scene$ = episode$.pipe(
  map((step): Scene => (step.done ? { name: 'over', score: step.return } : { name: 'playing' })),
  repeat({ delay: () => timer(2000) }),
  startWith<Scene>({ name: 'loading' }),
  catchError((error: unknown, again$) =>
    concat(
      of<Scene>({ name: 'failed', error }),
      retry$.pipe(
        take(1),
        switchMap(() => again$),
      ),
    ),
  ),
  tap(show),
);

const fault$ = merge(
  ...Array.from(document.querySelectorAll<HTMLButtonElement>('button[data-fault]'), (button) =>
    fromEvent(button, 'click').pipe(
      filter(() => button.getAttribute('aria-disabled') === 'false'),
      map(() => button.dataset['fault'] as Fault),
    ),
  ),
).pipe(
  tap((fault) => {
    if (fault === 'kill') fleet.kill();
    else fleet.send(fault);
  }),
);
const chronicle$ = chronicle({
  faults$: fault$,
  reports$: merge(runtime.crashes$, raised$),
  steps$: env.steps$,
}).pipe(tap(showIncidents), tap(showTotals), share());

merge(
  pulse(env.steps$, chronicle$),
  chronicle$,
  scene$,
  env.steps$.pipe(tap(showStep)),
  env.progress$.pipe(tap(showProgress)),
  dataset(element('main', HTMLElement), {
    status$: runtime.status$,
    steps$: env.steps$,
    frames$: env.frames$.pipe(paint(element('canvas', HTMLCanvasElement))),
  }),
).subscribe();

element('#source', HTMLPreElement).textContent = faults;
