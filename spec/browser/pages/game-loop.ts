import {
  actions,
  createRuntime,
  hidden$,
  paint,
  pressedKeys,
  randomPolicy,
  rounds,
  scoreboard$,
  stepWith,
  type ParallelStep,
} from 'rxgym';
import { fromEvent, pipe, share } from 'rxjs';

const find = (selector: string) => document.querySelector<HTMLElement>(selector)!;
const canvas = document.querySelector('canvas')!;
const [said, score, start] = [find('#said'), find('#score'), find('#start')];
const source = await fetch('orchard.py').then((file) => file.text()); // two agents: you, bot

const env = createRuntime({ indexURL: '/pyodide/' }).env<ParallelStep>({ source });
env.frames$.pipe(paint(canvas)).subscribe();

const you$ = pressedKeys({ ArrowUp: 1, ArrowRight: 3, ArrowDown: 5, ArrowLeft: 7 }, { idle: 0 });
const play = pipe(
  actions(env, { you: you$, bot: randomPolicy() }, { bot: { every: 2 } }),
  stepWith(env, { onCrash: 'resume' }),
);
const game$ = rounds(env, play, {
  count: 3,
  fps: 6,
  countdown: 3,
  timeLimit: 40,
  ready: fromEvent(start, 'click'),
  pauseWhen: hidden$(),
}).pipe(share());

scoreboard$(game$).subscribe(({ round, rounds, total, timeLeft }) => {
  const points = total instanceof Map ? [...total].map(([agent, points]) => `${agent} ${String(points)}`) : [];
  score.textContent = `Round ${round + 1} of ${rounds}: ${points.join(', ')}; ${Math.ceil(timeLeft ?? 0)} s left`;
});

game$.subscribe((event) => {
  start.hidden = event.type !== 'waiting';
  switch (event.type) {
    case 'loading':
      said.textContent = event.progress.label;
      break;
    case 'countdown':
      said.textContent = String(event.seconds);
      break;
    case 'failed':
      said.textContent = event.error.message; // event.retry() begins the round anew
      break;
    case 'resumed':
    case 'waiting':
    case 'playing':
    case 'paused':
    case 'over':
    case 'finished':
      said.textContent = event.type;
  }
});
