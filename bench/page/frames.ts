import { count, filter, firstValueFrom, lastValueFrom, map, takeWhile, tap } from 'rxjs';
import { createRuntime, paint, stepWith, ticks, type GymEnv, type PythonRuntime } from 'rxgym';
import { indexURL } from './cart-pole.js';

export interface Film {
  readonly width: number;
  readonly height: number;
  readonly fps: number;
}

export interface Played {
  /** Of each tick, how long after it was due its frame was painted, in ms; `null` if there was none. */
  readonly after: readonly (number | null)[];
  /** Durations of the page's long tasks, over 50 ms; `null` if the browser does not report them. */
  readonly longTasks: readonly number[] | null;
}

/** Its frame costs Python next to nothing, and has the number of its step in the first bytes. */
const source = `
class Screen:
    def reset(self, seed=None, options=None):
        self.pixels = bytearray(width * height * 3)
        self.frame = memoryview(self.pixels).cast('B', (height, width, 3))
        return 0, {}

    def step(self, action):
        self.pixels[0:3] = action.to_bytes(3, 'little')
        return 0, 0.0, False, False, {}

    def render(self):
        return self.frame

env = Screen()
`;

const theCanvas = (): HTMLCanvasElement =>
  document.querySelector('canvas') ?? document.body.appendChild(document.createElement('canvas'));

let runtime: PythonRuntime | undefined;
let env: GymEnv | undefined;

/** Plays `seconds` at the film's rate. Not `watched`: the same ticks and steps, and no frames. */
export async function frames({ width, height, fps }: Film, seconds: number, watched: boolean): Promise<Played> {
  runtime ??= createRuntime({ indexURL });
  env ??= runtime.env({ source, globals: { width, height } });
  await firstValueFrom(env.reset());
  const canvas = theCanvas();
  const after = Array.from({ length: Math.round(fps * seconds) }, (): number | null => null);
  let begun = 0;
  const painting = watched
    ? env.frames$
        .pipe(
          filter((frame) => frame.kind === 'pixels'),
          paint(canvas),
        )
        .subscribe((frame) => {
          if (frame.kind !== 'pixels') return;
          const [low = 0, middle = 0, high = 0] = frame.data;
          const index = low + 256 * middle + 65536 * high;
          after[index] = performance.now() - begun - (index * 1000) / fps;
        })
    : undefined;
  const tasks = watchLongTasks();
  begun = performance.now();
  await firstValueFrom(
    ticks(fps).pipe(
      takeWhile(({ index }) => index < after.length),
      map(({ index }) => index),
      stepWith(env, { busy: 'drop' }),
      count(),
    ),
  );
  painting?.unsubscribe();
  return { after, longTasks: tasks() };
}

/** What the browser takes by itself: ready images put on a canvas at animation frames, and nothing else on the page. */
export async function images({ width, height, fps }: Film, seconds: number): Promise<number> {
  const canvas = theCanvas();
  Object.assign(canvas, { width, height });
  const context = canvas.getContext('2d');
  const ready = [0, 255].map((shade) => new ImageData(new Uint8ClampedArray(width * height * 4).fill(shade), width));
  let painted = 0;
  const put = () => {
    const image = ready[painted % 2];
    if (image) context?.putImageData(image, 0, 0);
    painted += 1;
  };
  await lastValueFrom(
    ticks(fps).pipe(
      takeWhile(({ index }) => index < fps * seconds),
      tap(() => requestAnimationFrame(put)),
    ),
  );
  return painted;
}

/** Returns a function that ends the watch and returns the durations. */
function watchLongTasks(): () => readonly number[] | null {
  if (!PerformanceObserver.supportedEntryTypes.includes('longtask')) return () => null;
  const durations: number[] = [];
  const add = (entries: PerformanceEntryList) => durations.push(...entries.map(({ duration }) => duration));
  const observer = new PerformanceObserver((list) => add(list.getEntries()));
  observer.observe({ type: 'longtask' });
  return () => {
    add(observer.takeRecords());
    observer.disconnect();
    return durations;
  };
}
