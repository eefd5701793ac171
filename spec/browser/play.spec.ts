import type { Page } from 'puppeteer';
import counter from '../envs/counter.py';
import { useSite } from './site';

describe('play', () => {
  const site = useSite();
  let page: Page;

  beforeAll(async () => {
    page = await site.openForAll();
    await page.evaluate(async () => {
      await bench.boot();
    });
  });

  it('goes from reset through the steps of an episode, as streams', async () => {
    const { before, reset, steps, seen, after } = await page.evaluate(async (source) => {
      const { concatMap, range } = bench.rxjs;
      const env = bench.play(source);
      const seen = bench.watch(env.steps$);
      const before = bench.watch(env.ready$);
      const reset = await bench.outcome(env.reset({ seed: 0 }));
      const steps = await bench.outcome(range(10).pipe(concatMap((n) => env.step(n))));
      await bench.outcome(env.close());
      return { before, reset, steps, seen, after: await bench.outcome(env.step(0)) };
    }, counter);

    expect(before.values).toHaveLength(1);
    expect(before.error).toBeNull();
    expect(reset.values).toEqual([{ observation: 0, info: { seed: 0 }, episode: 1 }]);
    expect(steps.values).toHaveLength(10);
    expect(steps.values.at(-1)).toEqual({
      action: 9,
      observation: 10,
      reward: 9,
      terminated: true,
      truncated: false,
      info: {},
      done: true,
      index: 10,
      episode: 1,
      return: 45,
    });
    expect(seen).toEqual(steps);
    expect(after.error).toMatchObject({ name: 'DisposedError', exported: true });
  });

  it('renders only while somebody watches the frames', async () => {
    const rendered = await page.evaluate(async (source) => {
      const { concatMap, lastValueFrom, range } = bench.rxjs;
      const env = bench.play(source);
      const fiveSteps = () => lastValueFrom(range(5).pipe(concatMap((n) => env.step(n))));
      const renders = () => bench.run("calls['render']");
      const counts = [];
      await bench.outcome(env.reset());
      await fiveSteps();
      counts.push(await renders());
      const frames: unknown[] = [];
      const watching = env.frames$.subscribe((frame) => frames.push(frame));
      await fiveSteps();
      counts.push(await renders());
      watching.unsubscribe();
      await bench.outcome(env.reset());
      await fiveSteps();
      counts.push(await renders());
      return { counts, frames };
    }, counter);

    expect(rendered.counts).toEqual([0, 5, 5]);
    expect(rendered.frames).toHaveLength(5);
    expect(rendered.frames.at(-1)).toEqual({ kind: 'text', text: 'count 10' });
  });

  it('takes one env after another without booting again', async () => {
    const { answers, statuses } = await page.evaluate(async (source) => {
      const statuses = bench.watch(bench.runtime.status$);
      const answers = [];
      for (const start of [100, 200]) {
        const env = bench.play(source.replace('self.count = 0', `self.count = ${start}`));
        answers.push((await bench.outcome(env.reset())).values[0]!.observation);
        await bench.outcome(env.close());
      }
      return { answers, statuses: statuses.values };
    }, counter);

    expect(answers).toEqual([100, 200]);
    expect(statuses).toEqual([expect.objectContaining({ state: 'ready', attempt: 1 })]);
  });

  it('hands on what Python prints, line by line', async () => {
    const { stdout, stderr } = await page.evaluate(async () => {
      const stdout = bench.watch(bench.runtime.stdout$);
      const stderr = bench.watch(bench.runtime.stderr$);
      await bench.run("import sys; print('out\\nmore'); print('err', file=sys.stderr)");
      return { stdout: stdout.values, stderr: stderr.values };
    });

    expect(stdout).toEqual(['out', 'more']);
    expect(stderr).toEqual(['err']);
  });
});
