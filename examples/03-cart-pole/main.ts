import {
  auditTime,
  bufferCount,
  catchError,
  concat,
  defer,
  filter,
  fromEvent,
  ignoreElements,
  map,
  merge,
  of,
  repeat,
  share,
  shareReplay,
  startWith,
  switchMap,
  take,
  tap,
  timeInterval,
  timer,
  withLatestFrom,
  type Observable,
} from 'rxjs';
import { createRuntime, heldButtons, inputs, keystrokes, paint, pressedKeys, stepWith, ticks, untilDone } from 'rxgym';
import { dataset } from '../shared/dataset.js';
import { element } from '../shared/element.js';
import { indexURL } from '../shared/index-url.js';
import source from './cart_pole.py';
import type { Scene } from './scene.js';
import { show } from './view.js';

const canvas = element('canvas', HTMLCanvasElement);
const bar = element('#bar', HTMLProgressElement);
const label = element('#label', HTMLLabelElement);
const left = element('#left', HTMLButtonElement);
const right = element('#right', HTMLButtonElement);
const speed = element('#speed', HTMLSelectElement);
const rate = element('#rate', HTMLElement);

const runtime = createRuntime({ indexURL: indexURL() });
const cartPole = runtime.env({ source });

// What the player does. The env knows no step without a push: left and right in turn let the cart roll.
const keys = { ArrowLeft: 0, ArrowRight: 1 };
const push$ = inputs(
  pressedKeys(keys, { idle: null }),
  heldButtons({ left, right }, { idle: null, actions: { left: 0, right: 1 } }),
);
const go$ = merge(
  keystrokes(keys),
  fromEvent([left, right], 'pointerdown'),
  fromEvent(element('#go', HTMLButtonElement), 'click'),
);
const fps$ = fromEvent(speed, 'change').pipe(
  startWith(undefined),
  map(() => Number(speed.value)),
);
const retry$ = fromEvent(element('#retry', HTMLButtonElement), 'click');

// One episode: reset, wait for the player (the first time), play until the pole has fallen.
const begun$ = go$.pipe(take(1), ignoreElements(), shareReplay({ bufferSize: 1, refCount: false }));

const play$ = fps$.pipe(
  switchMap((fps) => ticks(fps)),
  withLatestFrom(push$),
  map(([{ index }, push]) => push ?? index % 2),
  stepWith(cartPole, { busy: 'latest', deadline: 1000, onCrash: 'reset' }),
  untilDone(),
);
const round = (episode: number): Observable<Scene> =>
  concat(
    of<Scene>({ name: 'waiting', episode }),
    begun$,
    of<Scene>({ name: 'playing', episode, score: 0 }),
    play$.pipe(
      map((step): Scene => ({ name: step.done ? 'over' : 'playing', episode: step.episode, score: step.return })),
    ),
  );
const episode$ = defer(() => runtime.boot()).pipe(
  switchMap(() => cartPole.reset()),
  switchMap(({ episode }) => round(episode)),
);

// One episode after another; a failure stays until the player asks for another try.
const scene$ = episode$.pipe(
  repeat({ delay: () => merge(timer(2500), timer(600).pipe(switchMap(() => go$))).pipe(take(1)) }),
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
  share(),
);

const painted$ = cartPole.frames$.pipe(paint(canvas));

// How fast it goes, by the last ten steps; the pauses between episodes do not count.
const rate$ = cartPole.steps$.pipe(
  timeInterval(),
  map(({ interval }) => interval),
  filter((interval) => interval < 1000),
  bufferCount(10, 1),
  map((intervals) => (1000 * intervals.length) / intervals.reduce((sum, interval) => sum + interval)),
  auditTime(250),
);

merge(
  push$, // from the first moment on: the key that starts the game is also its first push
  scene$,
  cartPole.progress$.pipe(tap(({ label: text, ratio }) => ((label.textContent = text), (bar.value = ratio)))),
  rate$.pipe(tap((stepsPerSecond) => (rate.textContent = String(Math.round(stepsPerSecond))))),
  dataset(element('main', HTMLElement), {
    status$: runtime.status$,
    steps$: cartPole.steps$,
    frames$: painted$,
    episode$: scene$.pipe(
      filter((scene) => 'episode' in scene),
      map(({ episode }) => episode),
    ),
  }),
).subscribe();

element('#source', HTMLPreElement).textContent = source;
