import type { Round } from 'rxgym';
import { element } from '../shared/element.js';

const main = element('main', HTMLElement);
const score = element('#score', HTMLElement);
const best = element('#best', HTMLElement);
const episode = element('#episode', HTMLElement);
const loading = element('#loading', HTMLElement);
const bar = element('#bar', HTMLProgressElement);
const label = element('#label', HTMLLabelElement);
const pause = element('#pause', HTMLElement);
const headline = element('#headline', HTMLElement);
const hint = element('#hint', HTMLElement);
const go = element('#go', HTMLButtonElement);
const failure = element('#failure', HTMLElement);
const problem = element('#problem', HTMLElement);
const said = element('#said', HTMLElement);

let retry: () => void = () => undefined;
element('#retry', HTMLButtonElement).addEventListener('click', () => retry());

const points = (count: number) => `${count} ${count === 1 ? 'step' : 'steps'}`;

/** Puts the game on the page. What a screen reader should say is said once a scene, not once a step. */
export function show(event: Round) {
  loading.hidden = event.type !== 'loading';
  pause.hidden = !['waiting', 'paused', 'over'].includes(event.type);
  failure.hidden = event.type !== 'failed';
  if (event.type === 'loading') {
    label.textContent = event.progress.label;
    bar.value = event.progress.ratio;
  }
  if (event.type === 'playing') {
    episode.textContent = String(event.episode);
    const steps = event.step?.return ?? 0;
    if (event.step || main.dataset['scene'] !== 'paused') score.textContent = String(steps);
    best.textContent = String(Math.max(steps, Number(best.textContent)));
  }
  if (main.dataset['scene'] === event.type) return;
  main.dataset['scene'] = event.type;
  announce(event);
}

function announce(event: Round) {
  switch (event.type) {
    case 'loading':
      said.textContent = 'Python is on its way.';
      return;
    case 'waiting':
      headline.textContent = 'Ready when you are';
      go.textContent = 'Start';
      hint.textContent = 'or press ← or →';
      said.textContent = 'Ready. Press an arrow key or the Start button.';
      return;
    case 'playing':
      said.textContent = `Episode ${event.episode}.`;
      return;
    case 'paused':
      headline.textContent = 'Paused';
      go.textContent = 'Go on';
      hint.textContent = 'It goes on when you are back.';
      said.textContent = 'Paused.';
      return;
    case 'over':
      headline.textContent = event.steps >= 500 ? 'All 500 steps: well done!' : `Over after ${points(event.steps)}`;
      go.textContent = 'Go on';
      hint.textContent = 'The next one begins by itself.';
      said.textContent = `Episode ${event.episode} is over after ${points(event.steps)}.`;
      return;
    case 'resumed':
    case 'countdown':
    case 'finished':
      return; // there is none
    case 'failed':
      retry = event.retry;
      problem.textContent = event.error.message;
      said.textContent = '';
  }
}
