// The failure matrix while an interpreter comes up: the deaths of failures.spec.ts, none of them found by a deadline.
// What can happen to its files is in loading.spec.ts.
import type { ServerResponse } from 'node:http';
import type { Page } from 'puppeteer';
import type { BootStage } from 'rxgym';
import { agony, deaths, lockFile, soon } from './deaths';
import { useSite } from './site';
import { wheel } from './wheel';

/** A worker that does what it is told to, and says when that strikes: one that computes has to come to it first. */
const obedient = `
import '/dist/worker.js';
const signs = new BroadcastChannel('struck');
globalThis.sign = () => signs.postMessage(Date.now());
addEventListener('error', sign);
addEventListener('unhandledrejection', sign);
addEventListener('message', ({ data: { obey } }) => obey && (0, eval)(obey));
`;
/** Runs what it is told to install. */
const micropip = wheel('micropip', 'async def install(code): exec(code, {})');
const lock = JSON.stringify({ ...lockFile, packages: { ...lockFile.packages, micropip: micropip.lock } });

const causes = [
  { cause: 'terminate() from outside', kind: 'closed', obey: null },
  { cause: 'self.close()', kind: 'closed', obey: 'sign(); close()' },
  { cause: 'an error that nobody catches', kind: 'worker-error', obey: 'setTimeout(() => missing())' },
  {
    cause: 'a rejection that nobody handles',
    kind: 'worker-error',
    obey: 'void Promise.reject(new Error("nobody"))',
  },
] as const;
/** What does not come meanwhile, so that the worker stays at that stage; at `boot` it computes. */
const stages: readonly (readonly [stage: BootStage, file?: string])[] = [
  ['download', '/pyodide/pyodide.asm.wasm'],
  ['boot'],
  ['packages', `/pyodide/${micropip.file}`],
];
const blows = stages.flatMap(([stage, file]) => causes.map((cause) => ({ ...cause, stage, file })));

/** Python that dies in the first of its lives. */
const python = ['fatal', 'exit', 'memory', 'stack'].flatMap((kind) => {
  const { cause, code } = deaths.find((death) => death.kind === kind) ?? { cause: '', code: '' };
  const dies = `import ctypes, os\nhere = lambda: None\n${code}`;
  const once = `
from pyodide.http import open_url
if open_url('/life').read() == '1':
${dies.replace(/^/gm, '    ')}
`;
  return { cause, kind, dies, once };
});
const source = `
class Env:
    def reset(self, seed=None):
        return 'reset', {}
    def step(self, action):
        return action, 0.0, False, False, {}
env = Env()
`;

describe.each([true, false])(
  'an interpreter that comes up, on a page that is cross-origin isolated: %s',
  (isolated) => {
    const site = useSite({ isolated });
    // what Python dies of has nothing to do with isolation: on the other page one stands for all
    const struck = isolated ? blows : blows.filter(({ stage }) => stage !== 'packages');
    const dying = isolated ? python : python.slice(0, 1);
    let held: string | undefined;
    let onSpawn: () => void;
    let lives: number;

    beforeEach(() => {
      held = undefined;
      onSpawn = () => undefined;
      lives = 0;
      site.allow(/./); // of some deaths Pyodide and the browser say something, too
      const answers: Readonly<Record<string, (response: ServerResponse) => void>> = {
        '/life': (response) => response.end(String(++lives)),
        '/obedient.js': (response) => response.writeHead(200, { 'Content-Type': 'text/javascript' }).end(obedient),
        '/pyodide/pyodide-lock.json': (response) => response.end(lock),
        [`/pyodide/${micropip.file}`]: (response) => response.end(micropip.bytes),
      };
      site.intercept(({ url = '' }, response) => {
        if (url === '/obedient.js') onSpawn();
        if (url !== held) answers[url]?.(response);
        return url === held || url in answers;
      });
    });

    // one runtime goes through all of these: boot() brings up one that has failed
    describe('for the first time', () => {
      let page: Page;
      beforeAll(async () => {
        page = await site.openForAll('booting.html');
        await page.evaluate((source) => {
          booting.start(['pass'], 3);
          bench.play(source);
        }, source);
      });

      it.each(struck)('dies of $cause at the stage $stage', async ({ file, kind, ...blow }) => {
        held = file;
        const { error, waiting, state, beats } = await page.evaluate((blow) => booting.fall(blow), blow);

        expect(error).toMatchObject({ name: 'BootError', exported: true, cause: { kind } });
        expect(waiting).toEqual(error);
        expect(state).toBe('failed');
        expect(beats).toBeLessThan(blow.stage === 'boot' && blow.obey === null ? agony + soon : soon);
      });

      it('and comes up when boot() is called once more', async () => {
        const { boot, reset } = await page.evaluate(async () => {
          const boot = await bench.outcome(bench.runtime.boot());
          return { boot, reset: await bench.outcome(bench.env.reset()) };
        });

        expect(boot.values).toEqual([expect.objectContaining({ attempt: struck.length + 1, isolated })]);
        expect(reset.values).toEqual([expect.objectContaining({ observation: 'reset' })]);
      });
    });

    it('for another that died, costs a restart at each death, and then brings the env back', async () => {
      const page = await site.open('booting.html');
      let spawned = 0;
      onSpawn = () => {
        spawned += 1;
        held = struck[spawned - 2]?.file;
      };
      const { causes, step } = await page.evaluate(
        async (source, blows) => {
          booting.start(['pass'], blows.length + 1);
          const env = bench.play(source);
          const statuses = bench.watch(bench.runtime.status$);
          await bench.outcome(env.step(0));
          const step = bench
            .outcome(bench.runtime.run('import os; os._exit(1)'))
            .then(() => bench.outcome(env.step(1)));
          for (const [i, blow] of blows.entries()) await booting.strike(blow, i + 2);
          const outcome = await step;
          const causes = statuses.values.flatMap((status) => {
            return status.state === 'restarting'
              ? [[status.cause.name, (status.cause.cause as { kind: string }).kind]]
              : [];
          });
          return { causes, step: outcome };
        },
        source,
        struck,
      );

      expect(step.values).toEqual([expect.objectContaining({ index: 2, observation: 1 })]);
      expect(causes).toEqual([['CrashError', 'exit'], ...struck.map(({ kind }) => ['BootError', kind])]);
    });

    // all of them die in an env, below
    it.each(dying.slice(0, 2))('dies of $cause in a package, which ends the boot', async ({ once, kind }) => {
      const page = await site.open('booting.html');
      const { boot, state, again } = await page.evaluate(async (once) => {
        booting.start([once], 3);
        const boot = await bench.outcome(bench.runtime.boot());
        const { state } = await bench.rxjs.firstValueFrom(bench.runtime.status$);
        await bench.outcome(bench.runtime.boot());
        return { boot, state, again: await bench.run('1 + 1') };
      }, once);

      expect(boot.error).toMatchObject({ name: 'BootError', exported: true, stage: 'packages', cause: { kind } });
      expect(state).toBe('failed');
      expect(again).toBe(2);
    });

    it.each(dying)('dies of $cause in the env that the first command sets up', async ({ once, dies, kind }) => {
      const page = await site.open('booting.html');
      const { crashes, pending, reset, always, after, state } = await page.evaluate(
        async (source, once, dies) => {
          booting.start([], 1);
          const crashes = bench.watch(bench.runtime.crashes$);
          const env = bench.play(once + source);
          const pending = await bench.outcome(env.reset());
          const reset = await bench.outcome(env.reset());
          const always = await bench.outcome(bench.play(dies + source).reset());
          const after = await bench.outcome(bench.runtime.run('1 + 1')); // ends when the restarts do
          const { state } = await bench.rxjs.firstValueFrom(bench.runtime.status$);
          return { crashes: crashes.values, pending, reset, always, after, state };
        },
        source,
        once,
        dies,
      );

      expect(crashes[0]).toMatchObject({ name: 'CrashError', cause: { kind }, phase: 'setUp' });
      expect(pending.error).toMatchObject({ name: 'CrashError', exported: true, cause: { kind } });
      expect(reset.values).toEqual([expect.objectContaining({ observation: 'reset' })]);
      expect(always.error).toMatchObject({ name: 'CrashError', exported: true, cause: { kind }, phase: 'setUp' });
      expect(after.error).toMatchObject({ name: 'CrashError', cause: { kind }, phase: 'setUp' });
      expect(state).toBe('failed');
    });
  },
);
