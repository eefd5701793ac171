import { Subject } from 'rxjs';
import type { DrawableObject, Frame, ObjectFrame } from '../../src/env/step.js';
import type { PaintProblem } from '../../src/render/objects.js';
import { paint, type PaintConfig } from '../../src/render/paint.js';
import { Recorder } from './recorder.js';

/** A full frame of objects. */
export const objects = (...list: Omit<DrawableObject, 'uuid'>[]): ObjectFrame => ({
  kind: 'objects',
  objects: list as DrawableObject[],
  delta: false,
  removed: [],
});

export const delta = (...list: DrawableObject[]): ObjectFrame => ({ ...objects(...list), delta: true });

/** Paints on a canvas that writes down what is drawn. */
export function start(canvas = new Recorder(), config: PaintConfig = {}) {
  const frames$ = new Subject<Frame>();
  const passed: Frame[] = [];
  const errors: unknown[] = [];
  const problems: PaintProblem[] = [];
  const subscription = frames$
    .pipe(paint(canvas, { onProblem: (problem) => problems.push(problem), ...config }))
    .subscribe({ next: (frame) => passed.push(frame), error: (error: unknown) => errors.push(error) });
  const show = (...frames: Frame[]) => {
    canvas.log.length = 0;
    for (const frame of frames) frames$.next(frame);
    return canvas.log;
  };
  return { canvas, show, passed, errors, problems, frames$, subscription };
}

/** Stands in for the browser's animation frames and clock, until `restore`. */
export function animationFrames() {
  let due: (() => void) | undefined;
  let now = 1000;
  Object.assign(globalThis, {
    requestAnimationFrame: (show: () => void) => ((due = show), 1),
    cancelAnimationFrame: () => (due = undefined),
  });
  const clock = jest.spyOn(performance, 'now').mockImplementation(() => now);
  return {
    get isDue() {
      return due !== undefined;
    },
    /** Lets time pass without an animation frame, as in a hidden tab. */
    wait: (ms: number) => void (now += ms),
    /** Lets time pass, then comes the next animation frame. */
    animate(ms = 0) {
      now += ms;
      const show = due;
      due = undefined;
      show?.();
    },
    restore() {
      clock.mockRestore();
      Reflect.deleteProperty(globalThis, 'requestAnimationFrame');
      Reflect.deleteProperty(globalThis, 'cancelAnimationFrame');
    },
  };
}
