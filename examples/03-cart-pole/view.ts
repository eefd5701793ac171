import { element } from '../shared/element.js';
import type { Scene } from './scene.js';

const main = element('main', HTMLElement);
const score = element('#score', HTMLElement);
const best = element('#best', HTMLElement);
const episode = element('#episode', HTMLElement);
const loading = element('#loading', HTMLElement);
const pause = element('#pause', HTMLElement);
const headline = element('#headline', HTMLElement);
const hint = element('#hint', HTMLElement);
const go = element('#go', HTMLButtonElement);
const failure = element('#failure', HTMLElement);
const problem = element('#problem', HTMLElement);
const said = element('#said', HTMLElement);

const points = (count: number) => `${count} ${count === 1 ? 'step' : 'steps'}`;

/** Puts a scene on the page. What a screen reader should say is said once a scene, not once a step. */
export function show(scene: Scene) {
  loading.hidden = scene.name !== 'loading';
  pause.hidden = scene.name !== 'waiting' && scene.name !== 'over';
  failure.hidden = scene.name !== 'failed';
  if ('episode' in scene) episode.textContent = String(scene.episode);
  if ('score' in scene) {
    score.textContent = String(scene.score);
    best.textContent = String(Math.max(scene.score, Number(best.textContent)));
  }
  if (main.dataset['scene'] === scene.name) return;
  main.dataset['scene'] = scene.name;
  announce(scene);
}

function announce(scene: Scene) {
  switch (scene.name) {
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
      said.textContent = `Episode ${scene.episode}.`;
      return;
    case 'over':
      headline.textContent = scene.score >= 500 ? 'All 500 steps: well done!' : `Over after ${points(scene.score)}`;
      go.textContent = 'Go on';
      hint.textContent = 'The next one begins by itself.';
      said.textContent = `Episode ${scene.episode} is over after ${points(scene.score)}.`;
      return;
    case 'failed':
      problem.textContent = scene.error instanceof Error ? scene.error.message : String(scene.error);
      said.textContent = '';
  }
}
