import type { ParallelStep, Round, Scoreboard } from 'rxgym';
import { element } from '../shared/element.js';

const main = element('main', HTMLElement);
const curtain = element('#curtain', HTMLElement);
const bar = element('#bar', HTMLProgressElement);
const label = element('#label', HTMLElement);
const headline = element('#headline', HTMLElement);
const hint = element('#hint', HTMLElement);
const go = element('#go', HTMLButtonElement);
const failure = element('#failure', HTMLElement);
const problem = element('#problem', HTMLElement);
const said = element('#said', HTMLElement);
const [round, yours, bots, left] = ['#round', '#yours', '#bots', '#left-time'].map((id) => element(id, HTMLElement));

let retry: () => void = () => undefined;
element('#retry', HTMLButtonElement).addEventListener('click', () => retry());

/** Puts where the game stands on the page. */
export function show(event: Round<ParallelStep>) {
  const { type } = event;
  if (type === 'loading') {
    label.textContent = event.progress.label;
    bar.value = event.progress.ratio;
  } else if (type === 'countdown') {
    headline.textContent = String(event.seconds);
  } else if (type === 'failed') {
    retry = event.retry;
    problem.textContent = event.error.message;
  }
  if (main.dataset['scene'] === type) return;
  main.dataset['scene'] = type;
  curtain.hidden = type === 'playing' || type === 'failed';
  bar.hidden = label.hidden = type !== 'loading';
  go.hidden = type !== 'waiting';
  failure.hidden = type !== 'failed';
  const [title, more] = words(event);
  if (type !== 'countdown') headline.textContent = title;
  hint.textContent = more;
  said.textContent = `${title} ${more}`;
}

function words(event: Round<ParallelStep>): readonly [title: string, more: string] {
  switch (event.type) {
    case 'loading':
      return ['', 'Python is on its way.'];
    case 'resumed':
    case 'waiting':
      return [
        `Round ${event.round + 1} of ${event.rounds}`,
        'You are green. Pick apples with the arrow keys or the pad.',
      ];
    case 'countdown':
      return ['Get ready', `Round ${event.round + 1} begins.`];
    case 'playing':
      return ['', `Round ${event.round + 1}.`];
    case 'paused':
      return ['Paused', 'It goes on when you are back.'];
    case 'over':
      return ['Time is up', result(event.return)];
    case 'finished': {
      const last = event.results.at(-1);
      return ['That was the game', last ? result(last.return) : ''];
    }
    case 'failed':
      return ['The game cannot go on', event.error.message];
  }
}

function result(points: ParallelStep['return'] | null): string {
  const [you, bot] = [points?.get('you') ?? 0, points?.get('bot') ?? 0];
  return `You have ${you} points, the bot has ${bot}.`;
}

/** Puts the score board on the page. */
export function score({ round: now, rounds, total, timeLeft }: Scoreboard) {
  const of = (agent: string) => (total instanceof Map ? String(total.get(agent) ?? 0) : '0');
  if (round) round.textContent = `${now + 1}/${rounds}`;
  if (yours) yours.textContent = of('you');
  if (bots) bots.textContent = of('bot');
  if (left) left.textContent = timeLeft === null ? '–' : `${Math.ceil(timeLeft)} s`;
}
