import { concatMap, range, scan } from 'rxjs';
import { createRuntime, isNdArray } from 'rxgym';
import source from '../03-cart-pole/cart_pole.py';
import { dataset } from '../shared/dataset.js';
import { element } from '../shared/element.js';
import { indexURL } from '../shared/index-url.js';

const text = element('pre', HTMLPreElement);
const runtime = createRuntime({ indexURL: indexURL() });
const cartPole = runtime.env({ source });

cartPole
  .reset({ seed: 42 })
  .pipe(
    concatMap(() => range(10)),
    concatMap((t) => cartPole.step(t % 2)),
    scan((lines, { index, observation, reward }) => {
      const numbers = isNdArray(observation) ? [...observation.data].map((value) => Number(value).toFixed(3)) : [];
      return `${lines}\nstep ${index}: reward ${reward}, observation [${numbers.join(', ')}]`;
    }, 'Ten steps of a cart-pole, pushed left and right in turn:'),
  )
  .subscribe({
    next: (lines) => (text.textContent = lines),
    error: (error: unknown) => (text.textContent = String(error)),
  });

dataset(element('main', HTMLElement), { status$: runtime.status$, steps$: cartPole.steps$ }).subscribe();
