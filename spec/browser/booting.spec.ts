// The failure matrix while an interpreter comes up: the crashes of failures.spec.ts, none of them found by a deadline.
// What can happen to its files is in loading.spec.ts.
import type { Page } from 'puppeteer';
import type { BootStage } from 'rxgym';
import { at, script } from './answers';
import { crashCauses } from './crash-causes';
import { useSite, type Site } from './site';
import { lockFileWith, wheel } from './wheel';

/** A worker that runs JavaScript that it is sent: one that computes gets to it later. */
const obedient = `
import '/dist/worker.js';
addEventListener('message', ({ data: { obey } }) => obey && (0, eval)(obey));
`;
/** A micropip that runs the code that it is asked to install. */
const micropip = wheel('micropip', 'async def install(code): exec(code, {})');
const lock = lockFileWith(micropip);

const causes = [
  { cause: 'terminate() from outside', kind: 'closed', obey: null },
  { cause: 'self.close()', kind: 'closed', obey: 'close()' },
  { cause: 'an error that nobody catches', kind: 'worker-error', obey: 'setTimeout(() => missing())' },
  {
    cause: 'a rejection that nobody handles',
    kind: 'worker-error',
    obey: 'void Promise.reject(new Error("nobody"))',
  },
] as const;
/** The file that the server holds back, so that the worker stays at that stage; at `boot` it computes. */
const stages: readonly (readonly [stage: BootStage, file?: string])[] = [
  ['download', '/pyodide/pyodide.asm.wasm'],
  ['boot'],
  ['packages', `/pyodide/${micropip.file}`],
];
const faults = stages.flatMap(([stage, file]) => causes.map((cause) => ({ ...cause, stage, file })));

/** Python that dies: always, or at its first visit only. */
const python = ['fatal', 'exit', 'memory', 'stack'].flatMap((kind) => {
  const { cause, code } = crashCauses.find((each) => each.kind === kind) ?? { cause: '', code: '' };
  const dies = `import ctypes, os\nhere = lambda: None\n${code}`;
  const once = `
from pyodide.http import open_url
if open_url('/visits').read() == '1':
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

/** Holds a file back, and counts the visits of Python that is to die once. */
function serving(site: Site) {
  const server = { held: undefined as string | undefined, onSpawn: (): void => undefined };
  let visits: number;

  beforeEach(() => {
    server.held = undefined;
    server.onSpawn = () => undefined;
    visits = 0;
    site.allow(/./); // Pyodide and the browser write about some crashes, too
    const answer = at({
      '/visits': (response) => response.end(String(++visits)),
      '/obedient.js': script(obedient),
      '/pyodide/pyodide-lock.json': (response) => response.end(lock),
      [`/pyodide/${micropip.file}`]: (response) => response.end(micropip.bytes),
    });
    site.intercept((request, response) => {
      if (request.url === '/obedient.js') server.onSpawn();
      return request.url === server.held || answer(request, response);
    });
  });
  return server;
}

/** For cold boots: V8 would spend most of the time of one on compiling better what is run only once. */
const plainly = { args: ['--js-flags=--liftoff-only'] };

describe.each([true, false])(
  'an interpreter that comes up, on a page that is cross-origin isolated: %s',
  (isolated) => {
    // what Python dies of has nothing to do with isolation: on the other page one stands for all
    const injected = isolated ? faults : faults.filter(({ stage }) => stage !== 'packages');
    const dying = isolated ? python : python.slice(0, 1);
    // a restart boots as the first boot does: each stage and each cause once
    const ofRestarts = injected.filter((_, i) => i % (causes.length + 1) === 0 || i === causes.length - 1);

    describe('cold', () => {
      const site = useSite({ isolated, cold: true, launch: plainly });
      const server = serving(site);

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

        it.each(injected)('dies of $cause at the stage $stage', async ({ file, kind, ...fault }) => {
          server.held = file;
          const { error, waiting, state } = await page.evaluate((fault) => booting.fail(fault), fault);

          expect(error).toMatchObject({ name: 'BootError', exported: true, cause: { kind } });
          expect(waiting).toEqual(error);
          expect(state).toBe('failed');
        });

        it('and comes up when boot() is called once more', async () => {
          const { boot, reset } = await page.evaluate(async () => {
            const boot = await bench.outcome(bench.runtime.boot());
            return { boot, reset: await bench.outcome(bench.env.reset()) };
          });

          expect(boot.values).toEqual([expect.objectContaining({ attempt: injected.length + 1, isolated })]);
          expect(reset.values).toEqual([expect.objectContaining({ observation: 'reset' })]);
        });
      });

      it('for another that died, costs a restart at each crash, and then recovers the env', async () => {
        const page = await site.open('booting.html');
        let spawned = 0;
        server.onSpawn = () => {
          spawned += 1;
          server.held = ofRestarts[spawned - 2]?.file;
        };
        const { causes, step } = await page.evaluate(
          async (source, faults) => {
            booting.start(['pass'], faults.length + 1);
            const env = bench.play(source);
            const statuses = bench.watch(bench.runtime.status$);
            await bench.outcome(env.step(0));
            const step = bench.exit().then(() => bench.outcome(env.step(1)));
            for (const [i, fault] of faults.entries()) await booting.inject(fault, i + 2);
            const outcome = await step;
            const causes = statuses.values.flatMap((status) => {
              return status.state === 'restarting'
                ? [[status.cause.name, (status.cause.cause as { kind: string }).kind]]
                : [];
            });
            return { causes, step: outcome };
          },
          source,
          ofRestarts,
        );

        expect(step.values).toEqual([expect.objectContaining({ index: 2, observation: 1 })]);
        expect(causes).toEqual([['CrashError', 'exit'], ...ofRestarts.map(({ kind }) => ['BootError', kind])]);
      }, 600_000);
    });

    describe('and in which Python dies', () => {
      const site = useSite({ isolated });
      serving(site);

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
            const crashes = bench.watch(bench.runtime.incidents$);
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

        expect(crashes[0]).toMatchObject({ type: 'crash', error: { cause: { kind }, phase: 'setUp' } });
        expect(pending.error).toMatchObject({ name: 'CrashError', exported: true, cause: { kind } });
        expect(reset.values).toEqual([expect.objectContaining({ observation: 'reset' })]);
        expect(always.error).toMatchObject({ name: 'CrashError', exported: true, cause: { kind }, phase: 'setUp' });
        expect(after.error).toMatchObject({ name: 'CrashError', cause: { kind }, phase: 'setUp' });
        expect(state).toBe('failed');
      });
    });
  },
);
