import { actions, createRuntime, paint, pressedKeys, rounds, stepWith } from 'rxgym';
import { fromEvent, pipe } from 'rxjs';

const bar = document.querySelector('progress')!;
const canvas = document.querySelector('canvas')!;
const score = document.querySelector('output')!;
const source = await fetch('cart_pole.py').then((file) => file.text()); // leaves a global named `env`

const runtime = createRuntime({ indexURL: '/pyodide/' }); // nothing starts yet
const cartPole = runtime.env({ source });
cartPole.frames$.pipe(paint(canvas)).subscribe();

const push$ = pressedKeys({ ArrowLeft: 0, ArrowRight: 1 }, { idle: 0 });
const play = pipe(actions(cartPole, push$), stepWith(cartPole, { deadline: 1000, onCrash: 'resume' }));
const anyKey$ = fromEvent(window, 'keydown');

rounds(cartPole, play, { count: Infinity, fps: 10, ready: anyKey$, between: 1000 }).subscribe((event) => {
  if (event.type === 'loading') bar.value = event.progress.ratio;
  if (event.type === 'waiting') score.value = 'Press a key';
  if (event.type === 'playing' && event.step) score.value = String(event.step.return);
  if (event.type === 'failed') score.value = event.error.message;
});
