// The failure matrix: what can happen to an interpreter that was up (crash-causes.ts), in each phase of its lifecycle in
// which it can. What can happen to its files is in loading.spec.ts.
import type { Page } from 'puppeteer';
import executing from '../envs/executing.py';
import type { Phase } from './pages/failures';
import { crashCauses, namesOfPhases, serveFailures, type CrashCause } from './crash-causes';
import { useSite, type Site } from './site';

const cellsOf = (rows: readonly CrashCause[]) =>
  rows.flatMap(({ phases, ...cause }) => phases.map((phase) => ({ ...cause, phase })));

/** One runtime goes through all the cells: the next one's boot is the restart after the last. */
function dies(site: Site, rows: readonly CrashCause[], outcome: 'interrupted' | 'replaced'): { readonly page: Page } {
  const visits = new Map<string, number>();
  let page: Page;

  beforeEach(() => {
    site.allow(/./); // Pyodide and the browser write about some crashes, too
    serveFailures(site, visits);
  });

  it('is up, with an env in it', async () => {
    page = await site.openForAll('failures.html');
    await page.evaluate(() => failures.begin());
  });

  it.each(cellsOf(rows))('dies of $cause while $phase', async ({ kind, phase, code, outside }) => {
    const seen = await page.evaluate((fault) => failures.inject(fault), { phase, code, outside });
    // a command that is repeated at the recovery, or was acknowledged before, succeeds
    const succeeds = ['idle', 'setting up', 'recovering'].includes(phase);

    expect(seen.crash).toEqual({ kind, phase: namesOfPhases[phase] });
    expect(seen.command).toEqual(succeeds ? null : { name: 'CrashError', kind });
    expect(seen.after).toEqual({ answer: 2, lost: 0 });
  });

  it(`is ${outcome} when a step passes its deadline`, async () => {
    const { error, step } = await page.evaluate(async () => ({
      error: (await bench.outcome(bench.env.step('while True: pass', { deadline: 300 }))).error,
      step: await bench.outcome(bench.env.step('')),
    }));

    expect(error).toMatchObject({ name: 'DeadlineError', outcome });
    expect(step).toMatchObject({ values: [{ index: expect.any(Number) as number }], error: null });
  });

  return {
    get page() {
      return page;
    },
  };
}

const closed = crashCauses.filter(({ kind }) => kind === 'closed');
const only = (kind: string, phase: Phase): CrashCause => ({
  ...crashCauses.find((cause) => cause.kind === kind)!,
  phases: [phase],
});

describe('an interpreter that was up', () => {
  describe('on a page that is cross-origin isolated', () => {
    dies(useSite(), crashCauses, 'interrupted');
  });

  // isolation matters to what finds a Python that computes: there is no interrupt
  describe('on a page that is not', () => {
    const some = closed.map((cause) => ({ ...cause, phases: cause.phases.slice(0, 1) }));
    dies(useSite({ isolated: false }), [only('fatal', 'stepping'), only('exit', 'idle'), ...some], 'replaced');
  });

  // nor are there locks
  describe('on a page of http that is not from localhost', () => {
    const [closes, terminated, computes] = closed.map((cause) => ({ ...cause, phases: cause.phases.slice(0, 1) }));
    const opened = dies(
      useSite({ secure: false }),
      [only('fatal', 'stepping'), closes!, terminated!, computes!],
      'replaced',
    );

    it('leaves no databases behind', async () => {
      const { page } = opened;
      // as a page does that goes before its worker, in Firefox
      await page.evaluate(async () => {
        const opening = indexedDB.open('rxgym lock 1-2-3-4');
        await new Promise((resolve) => (opening.onsuccess = resolve));
        opening.result.close();
        await bench.exit();
        await bench.run('1');
      });
      // but that of the running interpreter
      await page.waitForFunction(async () => {
        const [lock, ...more] = await indexedDB.databases();
        return more.length === 0 && lock?.name !== 'rxgym lock 1-2-3-4';
      });
      expect(await page.evaluate(() => indexedDB.databases())).toHaveLength(1);
    });
  });
});

function stepTenSeconds(page: Page) {
  return page.evaluate(async () => {
    const runtime = bench.start();
    const crashes = bench.watch(runtime.incidents$);
    const env = bench.play(`
import time
class Env:
    def reset(self, seed=None):
        return 0, {}
    def step(self, seconds):
        time.sleep(seconds)
        return 'slow', 0.0, False, False, {}
env = Env()
`);
    const step = await bench.outcome(env.step(10, { deadline: 60_000 }));
    return { step, crashes: crashes.values };
  });
}

describe('a runtime', () => {
  const site = useSite();
  let tenSeconds: ReturnType<typeof stepTenSeconds>;
  beforeAll(async () => {
    // while the first spec boots
    tenSeconds = stepTenSeconds(await site.openForAll());
  });

  it('says that it has failed when its restarts are used up; then boot() recovers all', async () => {
    site.allow(/./);
    serveFailures(site, new Map());
    const page = await site.open();
    const result = await page.evaluate(async (source) => {
      const runtime = bench.start({ restart: { limit: 1, backoff: 0 } });
      const statuses = bench.watch(runtime.status$);
      // acknowledged at the first visit, deadly when it is replayed, harmless after that
      const action = `
import ctypes
from pyodide.http import open_url
if open_url('/visits/failed').read() == '2':
    ctypes.string_at(1 << 31)
`;
      const env = bench.play(source, { recovery: { ms: 3_600_000 } }); // no checkpoint: the step is replayed
      await bench.outcome(env.step(action));
      const first = await bench.exit();
      const waiting = await bench.outcome(env.step(''));
      const refused = await bench.outcome(env.step(''));
      const ready = await bench.outcome(runtime.ready$);
      const booted = await bench.outcome(runtime.boot());
      const step = await bench.outcome(env.step(''));
      return { first, waiting, refused, ready, booted, step, states: statuses.values.map(({ state }) => state) };
    }, executing);
    const crash = { name: 'CrashError', exported: true };

    expect(result.first.error).toMatchObject({ ...crash, cause: { kind: 'exit' }, phase: 'run', attempt: 1 });
    expect(result.waiting.error).toMatchObject({ ...crash, cause: { kind: 'fatal' }, phase: 'replay', attempt: 2 });
    expect(result.refused.error).toEqual(result.waiting.error);
    expect(result.ready.error).toEqual(result.waiting.error);
    expect(result.booted.values).toEqual([expect.objectContaining({ attempt: 3 })]);
    expect(result.step.values).toEqual([expect.objectContaining({ index: 2, episode: 1 })]);
    expect(result.states).toEqual(['idle', 'booting', 'ready', 'restarting', 'ready', 'failed', 'booting', 'ready']);
  });

  it('leaves alone a Python that is busy, for as long as its deadline allows', async () => {
    const { step, crashes } = await tenSeconds;

    expect(step.values).toEqual([expect.objectContaining({ observation: 'slow' })]);
    expect(crashes).toEqual([]);
  });

  it('outlives exceptions, and a message that cannot be cloned', async () => {
    const page = await site.open();
    const { outcomes, stderr, crashes, answer } = await page.evaluate(async () => {
      const runtime = bench.start();
      const crashes = bench.watch(runtime.incidents$);
      const stderr = bench.watch(runtime.stderr$);
      await bench.outcome(runtime.boot());
      const { postMessage } = MessagePort.prototype;
      const outcomes = [];
      for (const code of ['def f(): f()\nf()', '[None] * 2**30', "raise MemoryError('mine')", 'cannot be cloned']) {
        if (code === 'cannot be cloned') {
          // until the worker waits for messages, and looks no more for one in the memory that they share
          await new Promise((resolve) => setTimeout(resolve, 20));
          MessagePort.prototype.postMessage = function (message: object) {
            MessagePort.prototype.postMessage = postMessage;
            this.postMessage({ ...message, clone: () => undefined });
          };
        }
        outcomes.push(await bench.outcome(runtime.run(code)));
      }
      const background =
        'import js\nfrom pyodide.ffi import create_proxy\njs.setTimeout(create_proxy(lambda: 1 / 0)); 0';
      const printed = bench.rxjs.firstValueFrom(runtime.stderr$);
      await bench.run(background);
      await printed;
      return { outcomes, stderr: stderr.values, crashes: crashes.values, answer: await bench.run('6 * 7') };
    });

    expect(outcomes.map(({ error }) => error)).toMatchObject([
      { name: 'PythonError', type: 'RecursionError' },
      { name: 'PythonError', type: 'MemoryError' },
      { name: 'PythonError', type: 'MemoryError' },
      { name: 'UsageError', option: 'run' },
    ]);
    expect(stderr).toEqual([expect.stringContaining('ZeroDivisionError in a task that nobody awaits')]);
    expect(crashes).toEqual([]);
    expect(answer).toBe(42);
  });
});
