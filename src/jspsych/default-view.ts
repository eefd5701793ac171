import { fromEvent } from 'rxjs';
import type { RoundsView } from './rounds-view.js';
import { styleSheet } from './style-sheet.js';
import { wordsOf, type RoundsTexts } from './texts.js';

export interface DefaultViewConfig {
  /** Of the canvas, in pixels. */
  readonly width: number;
  readonly height: number;
  readonly texts: RoundsTexts;
  /** HTML below the picture. */
  readonly prompt: string | null;
  /** Whether there is a start button. */
  readonly button: boolean;
}

/**
 * A line with the score, the picture with a curtain before it, and what the study puts below. All has classes that begin with
 * `rxgym-`; the trial's element says in `data-scene` where the game stands.
 */
export function defaultView(
  root: HTMLElement,
  { width, height, texts, prompt, button }: DefaultViewConfig,
): RoundsView {
  const make = <Tag extends keyof HTMLElementTagNameMap>(tag: Tag, name: string, ...inside: (Node | string)[]) => {
    const made = document.createElement(tag);
    made.className = `rxgym-${name}`;
    made.append(...inside);
    return made;
  };
  const canvas = make('canvas', 'canvas');
  Object.assign(canvas, { width, height });
  canvas.setAttribute('role', 'img');
  canvas.setAttribute('aria-label', texts.picture);
  const headline = make('p', 'headline');
  headline.setAttribute('role', 'status');
  const hint = make('p', 'hint');
  const bar = make('progress', 'progress');
  bar.max = 1;
  bar.setAttribute('aria-label', texts.loading);
  const problem = make('p', 'problem');
  problem.setAttribute('role', 'alert');
  // jsPsych's own class, so that it looks as the study's other buttons do
  const [start, retry] = [
    make('button', 'start jspsych-btn', texts.start),
    make('button', 'retry jspsych-btn', texts.retry),
  ];
  start.type = retry.type = 'button';
  const curtain = make('div', 'curtain', headline, bar, hint, problem, start, retry);
  const stage = make('div', 'stage', canvas, curtain);
  stage.tabIndex = -1; // it takes the focus from the button that play hides
  const score = make('p', 'score');
  const style = document.createElement('style');
  style.textContent = styleSheet;
  root.append(style, score, stage);
  if (prompt !== null) {
    const below = make('div', 'prompt');
    below.innerHTML = prompt;
    root.append(below);
  }

  let again: () => void = () => undefined;
  retry.addEventListener('click', () => again());

  const scene = (name: string, title: string, more = ''): boolean => {
    const isNew = root.dataset['scene'] !== name;
    root.dataset['scene'] = name;
    if (headline.textContent !== title) headline.textContent = title;
    hint.textContent = more;
    if (!isNew) return false;
    const isBad = name === 'failed' || name === 'broken';
    curtain.hidden = name === 'playing';
    bar.hidden = name !== 'loading';
    start.hidden = name !== 'waiting' || !button;
    retry.hidden = name !== 'failed';
    problem.hidden = !isBad;
    return true;
  };
  const failed = (name: string, error: unknown): void => {
    scene(name, texts.failed);
    problem.textContent = error instanceof Error ? error.message : String(error);
  };
  scene('loading', texts.loading);

  return {
    canvas,
    start$: fromEvent(start, 'click'),
    show(event) {
      switch (event.type) {
        case 'loading':
          scene('loading', texts.loading, event.progress.label);
          bar.value = event.progress.ratio;
          break;
        case 'resumed':
          break; // what follows says the same
        case 'waiting':
          if (scene('waiting', wordsOf(texts.waiting, event)) && button) start.focus({ preventScroll: true });
          break;
        case 'countdown':
          scene('countdown', wordsOf(texts.countdown, event));
          break;
        case 'playing':
          if (scene('playing', '')) stage.focus({ preventScroll: true });
          break;
        case 'paused':
          scene('paused', texts.paused);
          break;
        case 'over':
          scene('over', wordsOf(texts.over, event));
          break;
        case 'failed':
          again = event.retry;
          failed('failed', event.error);
          retry.focus({ preventScroll: true });
          break;
        case 'finished': // what the last round came to is still to be read
      }
    },
    score(board) {
      const text = wordsOf(texts.score, board);
      if (score.textContent !== text) score.textContent = text;
    },
    saving: () => void scene('saving', texts.saving),
    broken: (error) => failed('broken', error),
  };
}
