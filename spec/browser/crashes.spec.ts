import { fragile } from './envs';
import { useSite } from './site';

describe('a dead interpreter', () => {
  const site = useSite();

  it('is replaced after a fatal error, up to the limit; then boot() brings it back', async () => {
    site.allow(/fatal error|memory access/);
    const page = await site.open();
    const result = await page.evaluate(async (source) => {
      const runtime = bench.start({ restart: { limit: 1, backoff: 0 } });
      const statuses = bench.watch(runtime.status$);
      const env = bench.play(source);
      const first = await bench.outcome(env.step('die'));
      const between = await bench.outcome(env.step('alive'));
      const second = await bench.outcome(env.step('die'));
      const refused = await bench.outcome(env.step('refused'));
      const ready = await bench.outcome(runtime.ready$);
      const back = await bench.outcome(runtime.boot());
      const reset = await bench.outcome(env.reset());
      const states = statuses.values.map(({ state }) => state);
      return { first, between, second, refused, ready, back, reset, states };
    }, fragile);

    const fatal = { name: 'CrashError', exported: true, cause: { kind: 'fatal' }, phase: 'step' };
    expect(result.first.error).toMatchObject({ ...fatal, attempt: 1 });
    expect(result.between.values).toEqual([expect.objectContaining({ observation: 'alive' })]);
    expect(result.second.error).toMatchObject({ ...fatal, attempt: 2 });
    expect(result.refused.error).toEqual(result.second.error);
    expect(result.ready.error).toEqual(result.second.error);
    expect(result.back.values).toEqual([expect.objectContaining({ attempt: 3 })]);
    expect(result.reset.values).toEqual([expect.objectContaining({ observation: 1 })]);
    expect(result.states).toEqual(['idle', 'booting', 'ready', 'restarting', 'ready', 'failed', 'booting', 'ready']);
  });

  const deaths = [
    ['import os; os._exit(1)', 'exit'],
    // an error that nobody in the worker catches
    ["import js; js.eval('setTimeout(() => missing())')", 'worker-error'],
    // no event tells of it: the lock that the worker held does
    ['import js; js.self.close()', 'closed'],
  ] as const;

  it('is noticed without a deadline, whatever killed it', async () => {
    site.allow(/missing/);
    const page = await site.open();
    const codes = deaths.map(([code]) => code);
    const { kinds, answer } = await page.evaluate(async (codes) => {
      const { filter, firstValueFrom } = bench.rxjs;
      const runtime = bench.start({ restart: { limit: codes.length, backoff: 0 } });
      const kinds = [];
      for (const [index, code] of codes.entries()) {
        const crash = firstValueFrom(runtime.crashes$.pipe(filter((report) => report.name === 'CrashError')));
        const ready = firstValueFrom(runtime.ready$.pipe(filter(({ attempt }) => attempt === index + 2)));
        void bench.outcome(runtime.run(code));
        kinds.push((await crash).cause.kind);
        await ready;
      }
      return { kinds, answer: await bench.run('6 * 7') };
    }, codes);

    expect(kinds).toEqual(deaths.map(([, kind]): unknown => kind));
    expect(answer).toBe(42);
  });
});
