import { firstValueFrom, type Subscription } from 'rxjs';
import { holdFrame } from '../../src/env/frame-lease';
import {
  createRuntime,
  releaseFrame,
  paint,
  type CommonSpec,
  type Frame,
  type PixelFrame,
  type PythonRuntime,
} from '../../src/index';
import type { Command } from '../../src/protocol/commands';
import { usageError } from '../operators/usage-error';
import { standInWorker } from '../helpers/stand-in-worker';
import { Recorder } from '../render/recorder';

describe('what is rendered', () => {
  let runtime: PythonRuntime;
  let commands: Command[];
  let now: number;
  const watching: Subscription[] = [];

  beforeEach(() => {
    now = 0;
    commands = [];
    jest.spyOn(performance, 'now').mockImplementation(() => now);
    runtime = createRuntime({
      worker: () => standInWorker({ episode: Infinity, onCommand: (command) => commands.push(command) }),
    });
  });
  afterEach(() => {
    jest.restoreAllMocks();
    for (const each of watching.splice(0)) each.unsubscribe();
    runtime.dispose();
  });

  const envOf = (spec: CommonSpec) => runtime.env({ source: 'env = …', ...spec });
  const watch = (env: ReturnType<typeof envOf>, onFrame: (frame: Frame) => void = () => undefined) => {
    watching.push(env.frames$.subscribe(onFrame));
  };
  /** Of the steps, in order: whether each was to be rendered. */
  const rendered = () => commands.flatMap((command) => (command.type === 'step' ? [command.render] : []));
  const recycleds = () => commands.flatMap(({ recycled = [] }) => recycled.map(({ byteLength }) => byteLength));

  it('keeps a frame rate on the average, of steps that do not fit it', async () => {
    const env = envOf({ render: { fps: 30 } });
    watch(env);
    for (let i = 0; i < 90; i++) {
      now = 1000 + (i * 1000) / 45;
      await firstValueFrom(env.step(0));
    }
    expect(rendered().filter(Boolean).length).toBeGreaterThanOrEqual(58);
    expect(rendered().filter(Boolean).length).toBeLessThanOrEqual(62);
  });

  it('takes every second step of twice the rate, though they come early and late', async () => {
    const env = envOf({ render: { fps: 30 } });
    watch(env);
    for (const time of [1000, 1017, 1033, 1051, 1066, 1083]) {
      now = time;
      await firstValueFrom(env.step(0));
    }
    expect(rendered()).toEqual([true, false, true, false, true, false]);
  });

  it('makes no haste after a pause', async () => {
    const env = envOf({ render: { fps: 10 } });
    watch(env);
    for (const time of [0, 5000, 5010, 5020, 5100]) {
      now = time;
      await firstValueFrom(env.step(0));
    }
    expect(rendered()).toEqual([true, true, false, false, true]);
  });

  it.each([
    [undefined, 2],
    [1, 1],
    [3, 3],
  ])(
    'with frames.inFlight %p stops at %i frames that are held, and goes on when one is released',
    async (inFlight, most) => {
      const env = envOf(inFlight === undefined ? {} : { frames: { inFlight } });
      const held: Frame[] = [];
      watch(env, (frame) => {
        holdFrame(frame);
        held.push(frame);
      });
      await firstValueFrom(env.step(0)); // resets first; a reset that was asked for would be rendered, too
      for (let i = 0; i < 4; i++) await firstValueFrom(env.step(0));
      expect(held.length).toBe(most);
      releaseFrame(held.shift()!);
      await firstValueFrom(env.step(0));
      await firstValueFrom(env.step(0));
      expect(held.length).toBe(most);
    },
  );

  it.each([
    [undefined, 5],
    [1, 1],
  ])('with frames.inFlight %p, of five steps between two animation frames renders %i', async (inFlight, expected) => {
    let showNow = (): void => undefined;
    Object.assign(globalThis, {
      requestAnimationFrame: (show: () => void) => {
        showNow = show;
        return 1;
      },
      cancelAnimationFrame: () => undefined,
    });
    try {
      const env = envOf(inFlight === undefined ? {} : { frames: { inFlight } });
      watching.push(env.frames$.pipe(paint(new Recorder())).subscribe());
      for (let i = 0; i < 5; i++) await firstValueFrom(env.step(0));
      expect(rendered().filter(Boolean)).toHaveLength(expected);
      showNow();
      await firstValueFrom(env.step(0));
      expect(rendered().at(-1)).toBe(true);
    } finally {
      Reflect.deleteProperty(globalThis, 'requestAnimationFrame');
      Reflect.deleteProperty(globalThis, 'cancelAnimationFrame');
    }
  });

  it('leaves alone a buffer that its frame’s subscriber has passed on', async () => {
    const env = envOf({});
    const got: PixelFrame[] = [];
    watch(env, (frame) => {
      releaseFrame(frame);
      if (frame.kind === 'pixels') got.push(frame);
    });
    await firstValueFrom(env.step(0));
    structuredClone(got[0]!.data, { transfer: [got[0]!.data.buffer] });

    await firstValueFrom(env.step(0));
    expect(recycleds()).toEqual([]);
  });

  it('sends the buffer of a frame back with the next command, when all who got it released it', async () => {
    const env = envOf({});
    const got: Frame[] = [];
    watch(env, (frame) => got.push(frame));
    watch(env);
    await firstValueFrom(env.step(0));
    releaseFrame(got[0]!);
    await firstValueFrom(env.step(0));
    expect(recycleds()).toEqual([]);
    releaseFrame(got[0]!);
    await firstValueFrom(env.step(0));
    expect(recycleds()).toEqual([8]);
    expect(got[0]).toMatchObject({ data: new Uint8Array(0) });
    expect(got[1]).toMatchObject({ data: { length: 8 } });
  });

  it('leaves the frame to who asked for it by render()', async () => {
    const env = envOf({});
    watch(env, (frame) => {
      releaseFrame(frame);
    });
    await firstValueFrom(env.step(0));
    const frame = await firstValueFrom(env.render());
    await firstValueFrom(env.step(0));
    await firstValueFrom(env.step(0));
    expect(frame).toMatchObject({ data: { length: 8 } });
  });

  it.each([
    [{ render: { fps: 0 } }, 'render.fps'],
    [{ render: { fps: '30' as never } }, 'render.fps'],
    [{ frames: { inFlight: 0 } }, 'frames.inFlight'],
    [{ frames: { inFlight: 1.5 } }, 'frames.inFlight'],
  ])('refuses %j', (spec, option) => {
    expect(() => envOf(spec)).toThrow(usageError(option));
  });
});
