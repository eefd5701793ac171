import { createRuntime, paint, pressedKeys, stepWith, ticks, untilDone } from 'rxgym';
import { map, withLatestFrom } from 'rxjs';

const bar = document.querySelector('progress')!;
const canvas = document.querySelector('canvas')!;
const score = document.querySelector('output')!;
const source = await fetch('cart_pole.py').then((file) => file.text()); // leaves a global named `env`

const runtime = createRuntime({ indexURL: '/pyodide/' }); // nothing starts yet
const cartPole = runtime.env({ source });

runtime.progress$.subscribe(({ ratio }) => (bar.value = ratio));
cartPole.frames$.pipe(paint(canvas)).subscribe();

ticks(30)
  .pipe(
    withLatestFrom(pressedKeys({ ArrowLeft: 0, ArrowRight: 1 }, { idle: 0 })),
    map(([, action]) => action),
    stepWith(cartPole, { busy: 'latest', deadline: 1000, onCrash: 'reset' }),
    untilDone(),
  )
  .subscribe((step) => (score.value = String(step.return)));
