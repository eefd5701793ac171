import type { Progress, Step } from 'rxgym';
import { element } from '../shared/element.js';
import type { Chronicle } from './incidents.js';
import type { Scene } from './scene.js';
import { duration } from './words.js';

const main = element('main', HTMLElement);
const score = element('#score', HTMLElement);
const episode = element('#episode', HTMLElement);
const survived = element('#survived', HTMLElement);
const longest = element('#longest', HTMLElement);
const loading = element('#loading', HTMLElement);
const over = element('#over', HTMLElement);
const headline = element('#headline', HTMLElement);
const mending = element('#mending', HTMLElement);
const mendingLabel = element('#mending-label', HTMLElement);
const failure = element('#failure', HTMLElement);
const problem = element('#problem', HTMLElement);
const said = element('#said', HTMLElement);
const labels = document.querySelectorAll('.stage .label');
const bars = document.querySelectorAll<HTMLProgressElement>('.stage progress');
const faults = document.querySelectorAll<HTMLButtonElement>('button[data-fault]');

/** Puts a scene on the page. */
export function show(scene: Scene) {
  if (main.dataset['scene'] === scene.name && scene.name !== 'failed') return;
  main.dataset['scene'] = scene.name;
  loading.hidden = scene.name !== 'loading';
  over.hidden = scene.name !== 'over';
  failure.hidden = scene.name !== 'failed';
  allowFaults();
  if (scene.name === 'over') headline.textContent = `The pole fell after ${scene.score.toLocaleString('en')} steps`;
  if (scene.name === 'failed') {
    problem.textContent = scene.error instanceof Error ? scene.error.message : String(scene.error);
  } else said.textContent = scene.name === 'loading' ? 'Python is on its way.' : headline.textContent;
}

export function showStep({ return: total, episode: number }: Step) {
  score.textContent = total.toLocaleString('en');
  episode.textContent = String(number);
}

export function showProgress({ label, ratio }: Progress) {
  for (const each of labels) if (each !== mendingLabel) each.textContent = label;
  for (const bar of bars) bar.value = ratio;
}

export function showTotals({ recent, survived: count, longest: ms }: Chronicle) {
  const isStanding = recent.some(({ until }) => until === undefined);
  survived.textContent = String(count);
  longest.textContent = count ? duration(ms) : '–';
  main.dataset['incidents'] = String(count);
  main.dataset['standing'] = String(isStanding);
  mending.hidden = !isStanding;
  allowFaults();
}

/** Not by `disabled`: the button that was pressed would lose the focus. */
function allowFaults() {
  const isPlaying = main.dataset['scene'] === 'playing' && main.dataset['standing'] === 'false';
  for (const button of faults) button.setAttribute('aria-disabled', String(!isPlaying));
}
