import { attention$, gamepad, heldButtons, hidden$, inputs, pauseWhen, pressedKeys, singleTab, ticks } from 'rxgym';
import { map, withLatestFrom } from 'rxjs';

const element = (selector: string) => document.querySelector<HTMLElement>(selector)!;
const [left, right] = [element('#left'), element('#right')];
const [warning, elsewhere] = [element('#warning'), element('#elsewhere')];

const push$ = inputs(
  pressedKeys({ ArrowLeft: 0, ArrowRight: 1 }, { idle: null }),
  heldButtons({ left, right }, { idle: null, actions: { left: 0, right: 1 } }),
  gamepad({ 'dpad-left': 0, 'left-stick-left': 0, 'dpad-right': 1, 'left-stick-right': 1 }, { idle: null }),
);

const game$ = ticks(30).pipe(
  pauseWhen(hidden$()),
  withLatestFrom(push$),
  map(([{ index }, push]) => push ?? index % 2), // or stepWith(env, …)
);
game$.subscribe((action) => (element('output').textContent = `${action}`));

attention$({ warn: 3000, exclude: 10_000 }).subscribe(({ type }) => {
  warning.hidden = type !== 'warn';
  document.body.dataset['attention'] = type;
});

singleTab('my-study').subscribe((isHere) => (elsewhere.hidden = isHere));
