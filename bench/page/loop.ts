import { BehaviorSubject, filter, interval, map, pipe, tap } from 'rxjs';
import { actions, createRuntime, record, rounds, stepWith, ticks, type ParallelStep } from 'rxgym';
import { onnxPolicy } from 'rxgym/onnx';
import orchard from '../../examples/05-two-players/orchard.py';
import { cartPole, indexURL } from './cart-pole.js';
import { connect, type Call } from './peers.js';

export interface Loop {
  readonly steps: number;
  /** Ticks that came more than half a period after they were due, and those that were left out. */
  readonly late: number;
  readonly missed: number;
  /** Of the tick that was the latest, in ms. */
  readonly worst: number;
}

const fps = 30;

/**
 * A declared round of two agents with records and without painting, for so many ms: a person who changes direction twice a
 * second, and a bot by the ONNX model of that address, or one in JavaScript.
 */
export async function loop(ms: number, model?: string): Promise<Loop> {
  const runtime = createRuntime({ indexURL });
  const env = runtime.env<ParallelStep>({ source: orchard.replace('9, 5, 240', '9, 5, 100_000') });
  const bot = model === undefined ? undefined : onnxPolicy(model, { indexURL: '/onnxruntime/', sample: 'argmax' });
  const person$ = new BehaviorSubject(0);
  const turning = interval(500).subscribe((n) => person$.next(1 + (n % 8)));
  const play = pipe(
    actions(env, { you: person$, bot: bot ?? (({ index }) => index % 9) }),
    stepWith(env, { onCrash: 'resume' }),
  );
  let steps = 0;
  let late = 0;
  let missed = 0;
  let worst = 0;
  let next = 0;
  const ticks$ = ticks(fps).pipe(
    tap(({ index, time }) => {
      const delay = time - (index * 1000) / fps;
      missed += index - next;
      next = index + 1;
      worst = Math.max(worst, delay);
      if (delay > 500 / fps) late += 1;
    }),
  );
  const game$ = rounds(env, play, { fps: ticks$, timeLimit: ms / 1000, ...(bot && { ready: ready(bot.progress$) }) });
  await new Promise<void>((resolve, reject) => {
    game$
      .pipe(
        record({ study: 'bench' }),
        tap((event) => {
          if (event.type === 'failed') throw event.error;
          if (event.type === 'playing' && event.step) steps += 1;
        }),
      )
      .subscribe({ error: reject, complete: resolve });
  });
  turning.unsubscribe();
  bot?.dispose();
  runtime.dispose();
  return { steps, late, missed, worst };
}

const ready = (progress$: ReturnType<typeof onnxPolicy>['progress$']) =>
  progress$.pipe(
    filter(({ stage }) => stage === 'ready'),
    map(() => true),
  );

let bare: Call | undefined;

/**
 * The least that such a page costs, and how late its ticks are: a timer of the page, a message to a worker that steps, and
 * its answer, which nobody reads.
 */
export async function bareLoop(ms: number): Promise<Loop> {
  bare ??= connect.raw();
  const call = bare;
  await call('boot', cartPole);
  let [steps, late, worst] = [0, 0, 0];
  const begun = performance.now();
  await new Promise<void>((resolve) => {
    const tick = () => {
      const time = performance.now() - begun;
      if (time > ms) {
        resolve();
        return;
      }
      const delay = time - (steps * 1000) / fps;
      if (delay > 500 / fps) late += 1;
      worst = Math.max(worst, delay);
      steps += 1;
      void call('values', steps % 2);
      setTimeout(tick, (steps * 1000) / fps - (performance.now() - begun));
    };
    tick();
  });
  return { steps, late, missed: 0, worst };
}
