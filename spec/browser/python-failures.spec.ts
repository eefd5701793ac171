import type { Page } from 'puppeteer';
import counter from '../envs/counter.py';
import { useSite } from './site';

const broken = `class Maze:
    def __init__(self, level):
        raise ValueError(f'no level {level}')

env = Maze(
    level='"it\\'s"'
)
`;

describe("an error of the user's Python", () => {
  const site = useSite();
  let page: Page;

  beforeAll(async () => {
    page = await site.openForAll();
    await page.evaluate(async () => {
      await bench.boot();
    });
  });

  afterEach(async () => {
    const status = await page.evaluate(() => bench.outcome(bench.runtime.status$.pipe(bench.rxjs.take(1))));
    expect(status.values).toEqual([expect.objectContaining({ state: 'ready', attempt: 1 })]);
  });

  it('at the set-up ends whatever waits for the env, with the lines of the source', async () => {
    const { ready, reset, again } = await page.evaluate(async (source) => {
      const env = bench.play(source);
      const ready = bench.watch(env.ready$);
      const reset = await bench.outcome(env.reset());
      return { ready, reset, again: await bench.outcome(env.ready$.pipe(bench.rxjs.take(1))) };
    }, broken);

    expect(reset.error).toMatchObject({
      name: 'PythonError',
      exported: true,
      type: 'ValueError',
      command: 'setUp',
      message: expect.stringContaining(`no level "it's"`),
    });
    const lines = (reset.error!['traceback'] as string).trimEnd().split('\n');
    expect(lines[0]).toBe('Traceback (most recent call last):');
    expect(lines[1]).toMatch(/File "<env>", line 5/);
    expect(lines.join('\n')).toContain("raise ValueError(f'no level {level}')");
    expect(lines.at(-1)).toBe(`ValueError: no level "it's"`);
    expect(ready.error).toEqual(reset.error);
    expect(again.error).toEqual(reset.error);
  });

  it('at the set-up leaves the runtime to the next env', async () => {
    const reset = await page.evaluate(
      async (broken, source) => {
        await bench.outcome(bench.play(broken).reset());
        return bench.outcome(bench.play(source).reset());
      },
      broken,
      counter,
    );

    expect(reset.values).toEqual([expect.objectContaining({ observation: 0 })]);
  });

  it.each([
    ['a source that leaves no env', 'environment = 1', 'NameError'],
    ['a source that does not parse', 'env = (', 'SyntaxError'],
    ['a source that exits', 'import sys; sys.exit(3)', 'SystemExit'],
    ['a source that recurs for ever', 'def f(): f()\nf()', 'RecursionError'],
    ['an env without step()', 'env = object()', 'TypeError'],
  ])('is named for %s', async (_, source, type) => {
    const reset = await page.evaluate((source) => bench.outcome(bench.play(source).reset()), source);

    expect(reset.error).toMatchObject({ name: 'PythonError', type });
  });

  it('in a step ends that step, and the episode goes on', async () => {
    const { failed, next } = await page.evaluate(async (source) => {
      const env = bench.play(`${source}\nCounter.render = lambda self: None`);
      await bench.outcome(env.reset());
      return { failed: await bench.outcome(env.step('not a number')), next: await bench.outcome(env.step(1)) };
    }, counter);

    expect(failed.error).toMatchObject({ name: 'PythonError', type: 'TypeError', command: 'step' });
    expect(next.values).toEqual([expect.objectContaining({ reward: 1, episode: 1 })]);
  });
});
