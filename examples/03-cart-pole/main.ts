import { EMPTY, fromEvent, map, merge, pipe, share, startWith, switchMap, take, tap, timer } from 'rxjs';
import {
  actions,
  createRuntime,
  heldButtons,
  hidden$,
  inputs,
  keystrokes,
  paint,
  pressedKeys,
  rounds,
  stepWith,
  ticks,
  type PolicyContext,
} from 'rxgym';
import { dataset } from '../shared/dataset.js';
import { element } from '../shared/element.js';
import { indexURL } from '../shared/index-url.js';
import source from './cart_pole.py';
import { rate$ } from './rate.js';
import { show } from './view.js';

const [left, right] = [element('#left', HTMLButtonElement), element('#right', HTMLButtonElement)];
const speed = element('#speed', HTMLSelectElement);
const rate = element('#rate', HTMLElement);

const runtime = createRuntime({ indexURL: indexURL() });
const cartPole = runtime.env({ source });

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
  switchMap(() => ticks(Number(speed.value))),
);

// The env knows no step without a push: left and right in turn let the cart roll.
const player = ({ index }: PolicyContext<never>) => push$.pipe(map((push) => push ?? index % 2));
const play = pipe(actions(cartPole, player), stepWith(cartPole, { deadline: 1000, onCrash: 'resume' }));

const game$ = rounds(cartPole, play, {
  count: Infinity,
  fps: fps$,
  ready: (round) => (round === 0 ? go$ : EMPTY),
  between: () => merge(timer(2500), timer(600).pipe(switchMap(() => go$))).pipe(take(1)),
  pauseWhen: hidden$(),
}).pipe(tap(show), share());

merge(
  game$,
  rate$(cartPole.steps$).pipe(tap((stepsPerSecond) => (rate.textContent = String(stepsPerSecond)))),
  dataset(element('main', HTMLElement), {
    status$: runtime.status$,
    steps$: cartPole.steps$,
    frames$: cartPole.frames$.pipe(paint(element('canvas', HTMLCanvasElement))),
  }),
).subscribe();

element('#source', HTMLPreElement).textContent = source;
