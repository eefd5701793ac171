import { defer } from 'rxjs';
import { heldButtons, inputs, pressedKeys } from 'rxgym';
import { element } from '../shared/element.js';

const names = ['up', 'right', 'down', 'left'] as const;

/** Below the picture. */
export const pad = `<div class="pad" role="group" aria-label="Directions">
  <button id="up" type="button" aria-label="Up">↑</button>
  <button id="left" type="button" aria-label="Left">←</button>
  <button id="down" type="button" aria-label="Down">↓</button>
  <button id="right" type="button" aria-label="Right">→</button>
</div>`;

/** What the participant presses, keys or buttons. It is subscribed in each round, when the buttons are on the page. */
export const you$ = defer(() =>
  inputs(
    pressedKeys(
      {
        ...{ ArrowUp: 1, ArrowRight: 3, ArrowDown: 5, ArrowLeft: 7 },
        ...{ 'ArrowUp,ArrowRight': 2, 'ArrowDown,ArrowRight': 4, 'ArrowDown,ArrowLeft': 6, 'ArrowUp,ArrowLeft': 8 },
      },
      { idle: 0 },
    ),
    heldButtons(Object.fromEntries(names.map((name) => [name, element(`#${name}`, HTMLButtonElement)])), {
      idle: 0,
      actions: {
        ...{ up: 1, right: 3, down: 5, left: 7 },
        ...{ 'up,right': 2, 'down,right': 4, 'down,left': 6, 'up,left': 8 },
      },
    }),
  ),
);
