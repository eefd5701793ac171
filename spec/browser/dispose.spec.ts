import type { Observable } from 'rxjs';
import hangingEnv from '../envs/hanging.py';
import { untilWorkers, useSite } from './site';

const disposed = { values: [], error: expect.objectContaining({ name: 'DisposedError', exported: true }) };

describe('dispose', () => {
  const site = useSite();

  it('ends every pending command with DisposedError and every stream, and terminates the worker', async () => {
    const page = await site.open();
    const { streams, commands } = await page.evaluate(async (source) => {
      const runtime = bench.start();
      const env = bench.play(source);
      const hanging = bench.printed('hanging');
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
      return { streams: streams.map(({ name, outcome: { error } }) => ({ name, error })), commands };
    }, hangingEnv);

    expect(streams).toEqual(streams.map(({ name }) => ({ name, error: null })));
    expect(commands).toEqual(commands.map(() => disposed));
    await untilWorkers(page, 0);
  });

  it('leaves a runtime that refuses every command', async () => {
    const page = await site.open();
    const late = await page.evaluate(async (source) => {
      const runtime = bench.start();
      const env = bench.play(source);
      runtime.dispose();
      runtime.dispose();
      const commands: readonly Observable<unknown>[] = [runtime.run('1'), runtime.boot(), env.step(1), env.reset()];
      return Promise.all(commands.map((command$) => bench.outcome(command$)));
    }, hangingEnv);

    expect(late).toEqual(late.map(() => disposed));
  });

  it('ends a boot that is under way', async () => {
    site.intercept(({ url }) => url === '/pyodide/pyodide.asm.wasm'); // without an answer
    const page = await site.open();
    const outcomes = await page.evaluate(async () => {
      const runtime = bench.start();
      const { filter, firstValueFrom } = bench.rxjs;
      const waiting = [runtime.boot(), runtime.run('1')].map((command$) => bench.watch<unknown>(command$));
      await firstValueFrom(runtime.progress$.pipe(filter(({ stage }) => stage === 'download')));
      runtime.dispose();
      return waiting;
    });

    expect(outcomes).toEqual([disposed, disposed]);
    await untilWorkers(page, 0);
  });
});
