import { fragile } from './envs';
import { useSite } from './site';

describe('dispose', () => {
  const site = useSite();

  it('ends every pending command with DisposedError and every stream, and the worker goes', async () => {
    const page = await site.open();
    const gone = new Promise((resolve) => page.once('workerdestroyed', resolve));
    const { streams, commands, late } = await page.evaluate(async (source) => {
      const { filter, firstValueFrom } = bench.rxjs;
      const runtime = bench.start();
      const env = bench.play(source);
      const hanging = firstValueFrom(runtime.stdout$.pipe(filter((line) => line === 'hanging')));
      const { status$, progress$, ready$, crashes$, stdout$, stderr$ } = runtime;
      const ofEnv = { envProgress$: env.progress$, envReady$: env.ready$, steps$: env.steps$, frames$: env.frames$ };
      const streams = Object.entries({ status$, progress$, ready$, crashes$, stdout$, stderr$, ...ofEnv }).map(
        ([name, stream$]) => ({ name, outcome: bench.watch<unknown>(stream$) }),
      );
      const commands = [
        env.step('hang'),
        env.step('waiting'),
        env.reset(),
        env.render(),
        runtime.run('1'),
        runtime.install(['nothing']),
        runtime.setGlobals({ a: 1 }),
      ].map((command$) => bench.watch<unknown>(command$));
      await hanging;
      runtime.dispose();
      runtime.dispose();
      const late = await Promise.all(
        [runtime.run('1'), runtime.boot(), env.step('late')].map((command$) => bench.outcome<unknown>(command$)),
      );
      return { streams: streams.map(({ name, outcome: { error } }) => ({ name, error })), commands, late };
    }, fragile);
    await gone;

    expect(streams).toEqual(streams.map(({ name }) => ({ name, error: null })));
    const disposed = { values: [], error: expect.objectContaining({ name: 'DisposedError', exported: true }) };
    expect(commands).toEqual(commands.map(() => disposed));
    expect(late).toEqual(late.map(() => disposed));
    expect(page.workers()).toEqual([]);
  });

  it('ends a boot that is under way', async () => {
    site.intercept(({ url }) => url === '/pyodide/pyodide.asm.wasm'); // which never answers
    const page = await site.open();
    const created = new Promise((resolve) => page.once('workercreated', resolve));
    const gone = new Promise((resolve) => page.once('workerdestroyed', resolve));
    const outcomes = page.evaluate(async () => {
      const runtime = bench.start();
      const { filter, firstValueFrom } = bench.rxjs;
      const waiting = [runtime.boot(), runtime.run('1')].map((command$) => bench.watch<unknown>(command$));
      await firstValueFrom(runtime.progress$.pipe(filter(({ stage }) => stage === 'download')));
      runtime.dispose();
      return waiting;
    });
    await created;
    await gone;

    expect(await outcomes).toEqual([
      { values: [], error: expect.objectContaining({ name: 'DisposedError' }) },
      { values: [], error: expect.objectContaining({ name: 'DisposedError' }) },
    ]);
    expect(page.workers()).toEqual([]);
  });
});
