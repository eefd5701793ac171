import { firstValueFrom, lastValueFrom, take, toArray } from 'rxjs';
import { countingEnv, realRuntime } from '../helpers/real-runtime';

// The short run: what differs between versions is the boot, the conversion of values and the way of dying.
describe.each([
  ['0.26.4', 'node_modules/pyodide-0.26'],
  ['0.29.3', 'node_modules/pyodide-0.29'],
])('with Pyodide %s', (version, folder) => {
  it('boots, sets an env up, steps, converts, raises, dies and comes back', async () => {
    const runtime = realRuntime({ deadlines: { step: 2000, grace: 10_000 } }, folder);
    const env = runtime.env({ source: countingEnv });
    const attempts = lastValueFrom(runtime.ready$.pipe(take(2), toArray()));
    expect(await firstValueFrom(runtime.ready$)).toMatchObject({ pyodide: version });

    const given = { f: new Float32Array([0.5]), none: [null, undefined], big: 2n ** 70n, map: new Map([[1, 'x']]) };
    expect(await firstValueFrom(runtime.run('[f, none, big, map, bytes(2)]', { globals: given }))).toEqual([
      { data: new Float32Array([0.5]), shape: [1], dtype: 'float32' },
      [null, null],
      2n ** 70n,
      new Map([[1, 'x']]),
      { data: new Uint8Array(2), shape: [2], dtype: 'uint8' },
    ]);
    expect(await firstValueFrom(runtime.run('import asyncio\nawait asyncio.sleep(0)\n1'))).toBe(1);

    const frames: unknown[] = [];
    env.frames$.subscribe((frame) => frames.push(frame));
    expect(await firstValueFrom(env.reset({ seed: 0 }))).toMatchObject({ info: { seed: 0 } });
    expect(await firstValueFrom(env.step("it's"))).toMatchObject({ index: 1, info: { action: "it's" } });
    expect(frames).toHaveLength(2);
    await expect(firstValueFrom(env.step('raise'))).rejects.toMatchObject({ name: 'PythonError', type: 'ValueError' });
    await expect(firstValueFrom(env.step('fatal'))).rejects.toMatchObject({ name: 'CrashError' });
    expect(await firstValueFrom(env.step(1))).toMatchObject({ index: 2 });
    await expect(firstValueFrom(env.step('loop'))).rejects.toMatchObject({
      name: 'DeadlineError',
      outcome: 'interrupted',
    });
    expect(await firstValueFrom(env.step(1))).toMatchObject({ index: 3 });
    expect((await attempts).map(({ attempt }) => attempt)).toEqual([1, 2]);
    runtime.dispose();
  });
});
