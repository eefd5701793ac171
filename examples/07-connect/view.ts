import { filter, fromEvent, ignoreElements, map, merge, tap, type Observable } from 'rxjs';
import type { AgentId, Frame, PoolProgress, Round, TurnStep } from 'rxgym';
import { element } from '../shared/element.js';
import type { Thought } from './searching.js';

const rows = 6;
const main = element('main', HTMLElement);
const board = element('#board', HTMLElement);
const bar = element('#bar', HTMLProgressElement);
const said = element('#said', HTMLElement);
const failure = element('#failure', HTMLElement);
const problem = element('#problem', HTMLElement);
const again = element('#again', HTMLAnchorElement);
const summary = element('#summary', HTMLElement);
const chances = element('#chances', HTMLElement);
const [round, yours, bots] = ['#round', '#yours', '#bots'].map((id) => element(id, HTMLElement));

/** Begins a round. */
export const go = element('#go', HTMLButtonElement);

const columns = Array.from({ length: 7 }, (_, column) => {
  const button = board.appendChild(document.createElement('button'));
  button.type = 'button';
  button.tabIndex = column === 3 ? 0 : -1;
  const cells = Array.from({ length: rows }, () => button.appendChild(document.createElement('span')));
  const chance = chances.appendChild(document.createElement('li'));
  return { button, cells, chance };
});
const buttons = columns.map(({ button }) => button);

let retry: () => void = () => undefined;
element('#retry', HTMLButtonElement).addEventListener('click', () => retry());

// Arrow keys choose a column from anywhere; Enter, a click and a tap take it: all three are clicks on its button.
const arrows$ = fromEvent<KeyboardEvent>(document, 'keydown').pipe(
  filter(({ target, ctrlKey, altKey, metaKey }) => {
    const isElsewhere = target instanceof Element && target.closest('select, pre, summary') !== null;
    return !isElsewhere && !ctrlKey && !altKey && !metaKey;
  }),
  tap((event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const at = buttons.findIndex((button) => button === document.activeElement);
    const to = at < 0 ? 3 : (at + step + buttons.length) % buttons.length;
    for (const [column, button] of buttons.entries()) button.tabIndex = column === to ? 0 : -1;
    buttons[to]?.focus();
  }),
  ignoreElements(),
);

/** The columns that the person takes, one by one. */
export const columns$: Observable<number> = merge(
  arrows$,
  fromEvent(buttons, 'click').pipe(
    map(({ currentTarget }) => buttons.findIndex((button) => button === currentTarget)),
    filter((column) => buttons[column]?.ariaDisabled !== 'true'),
  ),
);

/** Puts the pieces on the board. */
export function draw(frame: Frame) {
  if (frame.kind !== 'objects') return;
  for (const { cells } of columns) for (const cell of cells) cell.dataset['next'] = '';
  for (const { column, row, agent, won } of frame.objects) {
    const cell = columns[Number(column)]?.cells[rows - 1 - Number(row)];
    if (cell) cell.dataset['next'] = `${agent === 'you' ? 'you' : 'bot'}${won === true ? ' won' : ''}`;
  }
  for (const [column, { button, cells }] of columns.entries()) {
    // only what changes is touched, or pieces would fall again
    for (const cell of cells) if (cell.className !== cell.dataset['next']) cell.className = cell.dataset['next'] ?? '';
    const free = cells.filter(({ className }) => className === '').length;
    button.ariaLabel = `Column ${column + 1}: ${free ? `room for ${free}` : 'full'}`;
    button.ariaDisabled = String(free === 0);
  }
}

/** Says how the bot rates the columns. */
export function think({ tally, best, isDone }: Thought) {
  const games = tally.reduce((sum, [n]) => sum + n, 0);
  for (const [column, { chance }] of columns.entries()) {
    const [n = 0, points = 0] = tally[column] ?? [];
    const share = n ? points / n : 0;
    chance.style.setProperty('--share', String(share));
    chance.textContent = n ? `${Math.round(100 * share)}%` : '–';
    chance.className = column === best ? 'best' : '';
  }
  main.dataset['games'] = String(games);
  const verb = isDone ? 'took' : 'leans to';
  summary.textContent = `It ${verb} column ${best + 1}, after ${games.toLocaleString('en')} games in its head.`;
}

/** How far the bot's interpreters are. */
export function loadingBot({ ratio, label }: PoolProgress) {
  const isReady = ratio === 1;
  bar.value = ratio;
  bar.hidden = isReady;
  go.hidden = !isReady;
  if (!isReady) said.textContent = `The bot is on its way: ${label}`;
  else if (beginning) said.textContent = beginning;
}

let beginning = '';
let turn: AgentId | null | undefined;
const score = { you: 0, bot: 0 };

/** Puts where the game stands on the page. */
export function show(event: Round<TurnStep>) {
  if (event.type === 'waiting') turn = event.begun?.agent;
  if (event.type === 'playing' && event.step) turn = event.step.agent;
  if (event.type === 'failed') retry = event.retry;
  if (event.type === 'over') {
    if (event.return?.get('you') === 1) score.you += 1;
    if (event.return?.get('bot') === 1) score.bot += 1;
  }
  main.dataset['scene'] = event.type;
  main.dataset['turn'] = event.type === 'playing' ? String(turn) : '';
  failure.hidden = event.type !== 'failed';
  bar.hidden = event.type !== 'loading';
  go.hidden = event.type !== 'over';
  again.hidden = event.type !== 'finished';
  go.textContent = event.type === 'over' ? 'Next round' : 'Begin';
  if ('round' in event && round) round.textContent = `${event.round + 1}/${event.rounds}`;
  if (yours) yours.textContent = String(score.you);
  if (bots) bots.textContent = String(score.bot);
  if (event.type === 'loading') bar.value = event.progress.ratio;
  said.textContent = words(event);
  if (event.type === 'waiting') beginning = said.textContent;
}

function words(event: Round<TurnStep>): string {
  switch (event.type) {
    case 'loading':
      return event.progress.label;
    case 'resumed':
    case 'waiting':
      return turn === 'you' ? 'You are green, and begin.' : 'You are green. The bot begins.';
    case 'playing':
      if (turn === 'bot') return 'The bot is thinking …';
      return event.step
        ? `The bot took column ${Number(event.step.action) + 1}. Your turn.`
        : 'Your turn: take a column.';
    case 'over':
      return result(event.return);
    case 'finished':
      return `${result(event.results.at(-1)?.return ?? null)} After ${event.results.length} rounds: you ${score.you}, the bot ${score.bot}.`;
    case 'failed':
      problem.textContent = event.error.message;
      return '';
    case 'countdown':
    case 'paused':
      return '';
  }
}

function result(points: TurnStep['return'] | null): string {
  const yours = points?.get('you') ?? 0;
  return yours === 0 ? 'A draw.' : yours === 1 ? 'Four in a row: you have won.' : 'Four in a row: the bot has won.';
}
