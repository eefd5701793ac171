import type { Page } from 'puppeteer';
import { useSite } from './site';

/** Whose observations are an `asyncio.sleep`'s result and whether the call may wait. */
const asyncEnv = `
import asyncio
from pyodide.ffi import can_run_sync
def spin():
    while True:
        pass
class Env:
    def __init__(self):
        self.count = 0
    async def reset(self, *, seed=None, options=None):
        self.count = await asyncio.sleep(0, 10)
        return self.count, {}
    async def step(self, action):
        if action == 'die':
            await asyncio.sleep(0.01)
            import os; os._exit(1)
        if action == 'fail':
            await asyncio.sleep(0.01)
            raise ValueError('told to')
        if action == 'spin':
            await asyncio.sleep(0)
            print('spinning')
            spin()
        if action == 'call back':
            asyncio.get_event_loop().call_soon(spin)
            print('spinning')
            await asyncio.sleep(1000)
        if action == 'hang':
            print('hanging')
            await asyncio.sleep(1000)
        self.count += await asyncio.sleep(0.01, 1)
        return [self.count, can_run_sync()], 1.0, False, False, {}
    async def render(self):
        return await asyncio.sleep(0, f'count {self.count}')
env = Env()
`;

/** The same, as a step that is not async itself. */
const runningEnv = `
import asyncio
from pyodide.ffi import can_run_sync, run_sync
def later(value):
    return run_sync(asyncio.sleep(0.01, value))
class Env:
    def reset(self, *, seed=None, options=None):
        return 0, {}
    def step(self, action):
        return [asyncio.run(asyncio.sleep(0.01, action)), later(can_run_sync())], 1.0, False, False, {}
env = Env()
`;

const plainEnv = `
from pyodide.ffi import can_run_sync
class Env:
    def reset(self, *, seed=None, options=None):
        return 0, {}
    def step(self, action):
        return can_run_sync(), 1.0, False, False, {}
env = Env()
`;

describe('async code in the middle of a call', () => {
  const site = useSite({ cold: true });
  let page: Page;

  beforeAll(async () => {
    page = await site.openForAll();
    await page.evaluate(() => void bench.start({ restart: { backoff: 0, limit: 100 } }));
  });

  it('works in an env whose methods are async', async () => {
    const { steps, reset, frames, rollout } = await page.evaluate(async (source) => {
      const { concat, toArray } = bench.rxjs;
      const env = bench.play(source);
      const frames = bench.watch(env.frames$);
      const reset = await bench.outcome(env.reset());
      const steps = await bench.outcome(concat(env.step(0), env.step(0)).pipe(toArray()));
      const rollout = await bench.outcome(env.rollout({ actions: [0, 0, 0], every: 3 }));
      return { reset, steps, frames: frames.values, rollout };
    }, asyncEnv);

    expect(reset.values).toEqual([expect.objectContaining({ observation: 10 })]);
    expect(steps.values[0]).toEqual([
      expect.objectContaining({ observation: [11, true], index: 1, return: 1 }),
      expect.objectContaining({ observation: [12, true], index: 2, return: 2 }),
    ]);
    expect(frames).toEqual([10, 11, 12].map((count) => ({ kind: 'text', text: `count ${count}` })));
    expect(rollout.values).toEqual([expect.objectContaining({ count: 3, index: 5 })]);
  });

  it('works in a step that runs it, and in run', async () => {
    const { step, ran } = await page.evaluate(async (source) => {
      const step = await bench.outcome(bench.play(source).step(5));
      const code = `
import asyncio, time
from pyodide.ffi import run_sync
time.sleep(0.01)
[asyncio.run(asyncio.sleep(0.01, 1)), run_sync(asyncio.sleep(0.01, 2)), await asyncio.sleep(0, 3)]`;
      return { step, ran: await bench.run(code) };
    }, runningEnv);

    expect(step.values).toEqual([expect.objectContaining({ observation: [5, true] })]);
    expect(ran).toEqual([1, 2, 3]);
  });

  it('is not made ready for where an env does not wait; the spec may say that it does', async () => {
    const observations = await page.evaluate(async (source) => {
      const seen = [];
      for (const spec of [{}, { async: true }]) {
        const { values } = await bench.outcome(bench.play(source, spec).step(0));
        seen.push(values[0]?.observation);
      }
      return seen;
    }, plainEnv);

    expect(observations).toEqual([false, true]);
  });

  it('raises what it raises', async () => {
    const step = await page.evaluate(async (source) => bench.outcome(bench.play(source).step('fail')), asyncEnv);

    expect(step.error).toMatchObject({ name: 'PythonError', type: 'ValueError', command: 'step' });
  });

  it('that is late or unsubscribed while it waits is interrupted, and the step counts as if it had not been', async () => {
    const { late, next, incidents } = await page.evaluate(async (source) => {
      const incidents = bench.watch(bench.runtime.incidents$);
      const env = bench.play(source);
      await bench.outcome(env.step(0));
      const late = await bench.outcome(env.step('hang', { deadline: 300 }));
      const hanging = bench.printed('hanging');
      const step = env.step('hang').subscribe();
      await hanging;
      step.unsubscribe();
      const next = await bench.outcome(env.step(0));
      return { late, next, incidents: incidents.values };
    }, asyncEnv);

    expect(late.error).toMatchObject({ name: 'DeadlineError', outcome: 'interrupted' });
    expect(next.values).toEqual([expect.objectContaining({ observation: [12, true], index: 2 })]);
    expect(incidents.map(({ type }) => type)).toEqual(['recovered', 'recovered']);
  });

  it.each(['spin', 'call back'])('is interrupted where it does not wait: %s', async (action) => {
    const { late, next } = await page.evaluate(
      async (source, action) => {
        const env = bench.play(source);
        await bench.outcome(env.step(0));
        const late = await bench.outcome(env.step(action, { deadline: 1000 }));
        return { late, next: await bench.outcome(env.step(0)) };
      },
      asyncEnv,
      action,
    );

    expect(late.error).toMatchObject({ name: 'DeadlineError', outcome: 'interrupted' });
    expect(next.values).toEqual([expect.objectContaining({ observation: [12, true], index: 2 })]);
  });

  it('survives the death of its interpreter while it waits', async () => {
    site.allow(/Exit: Program terminated/); // in a callback of the event loop
    const { dead, next, incidents } = await page.evaluate(async (source) => {
      const incidents = bench.watch(bench.runtime.incidents$);
      const env = bench.play(source);
      await bench.outcome(env.step(0));
      const dead = await bench.outcome(env.step('die'));
      return { dead, next: await bench.outcome(env.step(0)), incidents: incidents.values };
    }, asyncEnv);

    expect(dead.error).toMatchObject({ name: 'CrashError', phase: 'step', cause: { kind: 'exit' } });
    expect(next.values).toEqual([expect.objectContaining({ observation: [12, true], index: 2 })]);
    expect(incidents).toContainEqual(expect.objectContaining({ type: 'recovered', replayed: 1 }));
  });

  it('leaves deep recursion an ordinary error', async () => {
    const ran = await page.evaluate(() =>
      bench.outcome(
        bench.runtime.run('def deep(): return deep()\ntry: deep()\nexcept RecursionError: print("deep")\n1'),
      ),
    );

    expect(ran).toEqual({ values: [1], error: null });
  });
});

describe('input()', () => {
  describe('on a page that is cross-origin isolated', () => {
    const site = useSite({ cold: true });

    it('waits for what the page answers, while the page goes on', async () => {
      const page = await site.open();
      const { outcome, asked, late } = await page.evaluate(async () => {
        const asked: string[] = [];
        const field = document.body.appendChild(document.createElement('input'));
        const { fromEvent, map } = bench.rxjs;
        const runtime = bench.start({
          input: (prompt) => {
            asked.push(prompt);
            if (prompt === 'ever? ') return bench.rxjs.NEVER;
            setTimeout(() => {
              field.value = 'Ada';
              field.dispatchEvent(new Event('change'));
            }, 50);
            return fromEvent(field, 'change').pipe(map(() => field.value));
          },
        });
        const outcome = await bench.outcome(runtime.run('"hello " + input("name? ")'));
        const late = await bench.outcome(runtime.run('input("ever? ")', { deadline: 300 }));
        return { outcome, asked, late };
      });

      expect(outcome).toEqual({ values: ['hello Ada'], error: null });
      expect(asked).toEqual(['name? ', 'ever? ']);
      expect(late.error).toMatchObject({ name: 'DeadlineError', outcome: 'interrupted' });
    });
  });

  describe('on a page that is not', () => {
    const site = useSite({ isolated: false, cold: true });

    it('raises EOFError that says what it needs', async () => {
      const page = await site.open();
      const outcome = await page.evaluate(async () => {
        const runtime = bench.start({ input: () => 'Ada' });
        return bench.outcome(runtime.run('input("name? ")'));
      });

      expect(outcome.error).toMatchObject({
        name: 'PythonError',
        type: 'EOFError',
        message: expect.stringContaining('cross-origin isolated'),
      });
    });
  });
});
