import { filter, forkJoin, fromEvent, map, merge, pipe, share, startWith, switchMap, take, tap } from 'rxjs';
import {
  actions,
  createRuntime,
  heldButtons,
  hidden$,
  inputs,
  paint,
  pressedKeys,
  rounds,
  scoreboard$,
  stepWith,
  type ParallelStep,
} from 'rxgym';
import { dataset } from '../shared/dataset.js';
import { element } from '../shared/element.js';
import { indexURL } from '../shared/index-url.js';
import { bots } from './bots.js';
import source from './orchard.py';
import { score, show } from './view.js';

const canvas = element('canvas', HTMLCanvasElement);
const start = element('#go', HTMLButtonElement);
const which = element('#bot', HTMLSelectElement);
const buttons = Object.fromEntries(
  ['up', 'right', 'down', 'left'].map((name) => [name, element(`#${name}`, HTMLButtonElement)]),
);

const runtime = createRuntime({ indexURL: indexURL() });
const orchard = runtime.env<ParallelStep>({ source });

const you$ = inputs(
  pressedKeys(
    {
      ArrowUp: 1,
      'ArrowUp,ArrowRight': 2,
      ArrowRight: 3,
      'ArrowDown,ArrowRight': 4,
      ArrowDown: 5,
      'ArrowDown,ArrowLeft': 6,
      ArrowLeft: 7,
      'ArrowUp,ArrowLeft': 8,
    },
    { idle: 0 },
  ),
  heldButtons(buttons, {
    idle: 0,
    actions: {
      up: 1,
      'up,right': 2,
      right: 3,
      'down,right': 4,
      down: 5,
      'down,left': 6,
      left: 7,
      'up,left': 8,
    },
  }),
);

const all = bots(runtime);

// Another bot begins a game of its own.
const game$ = fromEvent(which, 'change').pipe(
  startWith(undefined),
  map(() => all[which.value] ?? all['javascript']),
  filter((bot) => bot !== undefined),
  switchMap(({ source: bot, ready$ }) => {
    const play = pipe(
      actions(orchard, { you: you$, bot }, { bot: { every: 2 } }),
      stepWith(orchard, { onCrash: 'resume' }),
    );
    return rounds(orchard, play, {
      count: 3,
      fps: 6,
      ready: forkJoin([ready$, fromEvent(start, 'click').pipe(take(1))]),
      countdown: 3,
      timeLimit: 40,
      pauseWhen: hidden$(),
    });
  }),
  share(),
);

merge(
  game$.pipe(tap(show)),
  scoreboard$(game$).pipe(tap(score)),
  dataset(element('main', HTMLElement), {
    status$: runtime.status$,
    steps$: orchard.steps$,
    frames$: orchard.frames$.pipe(paint(canvas)),
  }),
).subscribe();

element('#source', HTMLPreElement).textContent = source;
