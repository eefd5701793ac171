// The other half of the failure matrix: what can be wrong with the files of an interpreter, and with the network that
// brings them, at the first boot, at a restart, and in an installation. (failures.spec.ts has what dies later.)
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { BootError } from 'rxgym';
import noop from '../envs/noop.py';
import { root } from '../helpers/folders';
import { at, script, type Answer } from './answers';
import { useSite } from './site';
import { lockFileWith, wheel } from './wheel';

const [worker, pyodide, glue, wasm, library, lock] = [
  '/dist/worker.js',
  '/pyodide/pyodide.mjs',
  '/pyodide/pyodide.asm.mjs',
  '/pyodide/pyodide.asm.wasm',
  '/pyodide/python_stdlib.zip',
  '/pyodide/pyodide-lock.json',
];
const byName = wheel('by_name', 'answer = 2');
const { bytes } = byName;
const theWheel = `/pyodide/${byName.file}`;
const theLock = lockFileWith(byName);

const notFound: Answer = (response) => response.writeHead(404).end();
/** What the server of a single-page app sends for a file that it does not have. */
const app: Answer = (response) => response.writeHead(200, { 'Content-Type': 'text/html' }).end('<!doctype html>');
const contents = (path: string): Buffer => (path === theWheel ? bytes : readFileSync(join(root, 'node_modules', path)));
/** The server has no more of it. */
const half = (path: string): Answer => {
  const whole = contents(path);
  return (response) => response.end(whole.subarray(0, whole.length / 2));
};
/** The connection brings no more of it, and ends or does not. */
const halfOf = (path: string, then: Answer): Answer => {
  const whole = contents(path);
  const type = path.endsWith('.mjs') ? 'text/javascript' : 'application/octet-stream';
  return (response) => {
    response.writeHead(200, { 'Content-Type': type, 'Content-Length': whole.length });
    response.write(whole.subarray(0, whole.length / 2), () => {
      then(response);
    });
  };
};
const breakOff: Answer = (response) => response.destroy();
const stall: Answer = () => undefined;
const otherBytes: Answer = (response) => response.end(Buffer.concat([bytes, Buffer.from('!')]));

interface Fault {
  readonly fault: string;
  readonly path: string;
  readonly answer: Answer;
  /** What its BootError says. */
  readonly says: Readonly<Record<string, string>>;
}

const faults: readonly Fault[] = [
  { fault: 'the worker script is not there', path: worker, answer: notFound, says: { stage: 'spawn' } },
  {
    fault: 'the worker script throws',
    path: worker,
    answer: script('throw new Error("broken")'),
    says: { stage: 'spawn', message: 'broken' },
  },
  { fault: 'the worker script is a page', path: worker, answer: app, says: { stage: 'spawn' } },
  { fault: 'pyodide.mjs is not there', path: pyodide, answer: notFound, says: { stage: 'download', url: pyodide } },
  { fault: 'pyodide.mjs is a page', path: pyodide, answer: app, says: { stage: 'download', url: pyodide } },
  { fault: 'pyodide.mjs does not come', path: pyodide, answer: stall, says: { url: pyodide, message: 'no byte came' } },
  { fault: 'pyodide.asm.mjs is not there', path: glue, answer: notFound, says: { stage: 'download', url: glue } },
  { fault: 'pyodide.asm.mjs is a page', path: glue, answer: app, says: { stage: 'download', url: glue } },
  {
    fault: 'pyodide.asm.mjs is not whole',
    path: glue,
    answer: script(String(contents(glue).subarray(0, 500_000))),
    says: { stage: 'download', url: glue, message: 'SyntaxError' },
  },
  {
    fault: 'pyodide.asm.mjs does not come',
    path: glue,
    answer: stall,
    says: { stage: 'download', url: glue, message: 'no byte came for 1000 ms' },
  },
  {
    fault: 'the download of pyodide.asm.mjs stalls',
    path: glue,
    answer: halfOf(glue, stall),
    says: { stage: 'download', url: glue, message: 'no byte came for 1000 ms' },
  },
  { fault: 'the wasm is not there', path: wasm, answer: notFound, says: { url: wasm, message: '404' } },
  { fault: 'the wasm is a page', path: wasm, answer: app, says: { url: wasm, message: 'a page (HTML)' } },
  { fault: 'the wasm is not whole', path: wasm, answer: half(wasm), says: { url: wasm, message: 'does not compile' } },
  {
    fault: 'the download of the wasm breaks off',
    path: wasm,
    answer: halfOf(wasm, breakOff),
    says: { stage: 'download', url: wasm, message: 'broke off' },
  },
  {
    fault: 'the download of the wasm stalls',
    path: wasm,
    answer: halfOf(wasm, stall),
    says: { stage: 'download', url: wasm, message: 'no byte came for 1000 ms' },
  },
  { fault: 'the library is not there', path: library, answer: notFound, says: { url: library, message: '404' } },
  { fault: 'the library is a page', path: library, answer: app, says: { url: library, message: 'a page (HTML)' } },
  {
    fault: 'the library is not whole',
    path: library,
    answer: half(library),
    says: { stage: 'boot', url: library, message: 'has the whole file' },
  },
  { fault: 'the lock file is a page', path: lock, answer: app, says: { url: lock, message: 'a page (HTML)' } },
  {
    fault: 'the lock file is not whole',
    path: lock,
    answer: half(lock),
    says: { stage: 'download', url: lock, message: 'it is no JSON, or not whole' },
  },
];

const bootError = (says: Fault['says']): unknown =>
  expect.objectContaining({
    name: 'BootError',
    ...Object.fromEntries(Object.entries(says).map(([name, text]) => [name, expect.stringContaining(text)])),
  });

describe('a file that cannot be had', () => {
  const site = useSite({ cold: true });

  /** Answers a path in its own way, and has a package in the lock file. */
  const serve = (current: (request: IncomingMessage) => { path: string; answer: Answer } | undefined) => {
    site.allow(/./); // Pyodide and the browser say so too
    const whole: Readonly<Record<string, Answer>> = {
      [lock]: (response) => response.end(theLock),
      [theWheel]: (response) => response.end(bytes),
    };
    site.intercept((request, response) => {
      const fault = current(request);
      return at({ ...whole, ...(fault && { [fault.path]: fault.answer }) })(request, response);
    });
  };

  async function boot(deadline: number, stall: number) {
    const page = await site.open();
    const result = await page.evaluate(
      async (script, boot, stall) => {
        const worker = () => new Worker(script, { type: 'module' });
        const runtime = bench.start({ worker, deadlines: { boot, stall } });
        const statuses = bench.watch(runtime.status$);
        const ready = bench.watch(runtime.ready$);
        const waiting = bench.watch(runtime.run('1'));
        const { error } = await bench.outcome(runtime.boot());
        const late = await bench.outcome(runtime.run('1'));
        return { error, states: statuses.values.map(({ state }) => state), others: [ready, waiting, late] };
      },
      worker,
      deadline,
      stall,
    );
    return { ...result, page };
  }

  it.each(faults)('ends a boot, before any deadline, when $fault', async ({ says, ...fault }) => {
    serve(() => fault);
    // where nothing stalls, a busy machine may take its time
    const { error, states, others } = await boot(Infinity, says['message']?.includes('no byte') ? 1000 : 30_000);

    expect(error).toEqual(bootError(says));
    expect(error).toMatchObject({ exported: true });
    expect(states).toEqual(['idle', 'booting', 'failed']);
    for (const other of others) expect(other).toEqual({ values: [], error });
  });

  it("is named where it is the worker's script, which may be given by its address", async () => {
    site.allow(/./);
    const page = await site.open();
    const outcomes = await page.evaluate(async (script) => {
      const boot = async (worker: string) => {
        const { error, values } = await bench.outcome(bench.start({ worker }).boot());
        return { error, values };
      };
      return [await boot('../missing.js'), await boot(script)];
    }, worker);
    expect(outcomes[0]?.error).toEqual(bootError({ stage: 'spawn', message: '/missing.js: is it there' }));
    expect(outcomes[1]).toMatchObject({ error: null, values: [{ how: 'cold' }] });
  });

  it('ends a boot at its deadline when it stalls, and no limit is set to that', async () => {
    serve(() => ({ path: wasm, answer: stall }));
    const { error } = await boot(2000, Infinity);

    expect(error).toMatchObject({ name: 'BootError', exported: true, stage: 'download' });
    expect(error!.message).toContain('2000 ms');
  });

  it('leaves a runtime that boot() brings up, once it is there; whatever its content type', async () => {
    serve(() => ({ path: worker, answer: notFound }));
    const { page } = await boot(Infinity, Infinity);
    serve(() => ({ path: wasm, answer: (response) => response.end(contents(wasm)) }));
    const { again, answer } = await page.evaluate(async () => ({
      again: await bench.outcome(bench.runtime.boot()),
      answer: await bench.run('6 * 7'),
    }));

    expect(again.values).toEqual([expect.objectContaining({ attempt: 2 })]);
    expect(answer).toBe(42);
  });

  it('costs a restart, each in its turn, until the limit; the one that finds all recovers the env', async () => {
    const atRestarts = [
      ...faults,
      { path: theWheel, answer: otherBytes, says: { stage: 'packages', message: 'by-name could not be loaded' } },
    ];
    let attempt = 0;
    serve(({ url }) => {
      if (url === worker) attempt += 1;
      return atRestarts[attempt - 2];
    });
    const page = await site.open();
    const { causes, step } = await page.evaluate(
      async (source, script, limit) => {
        const worker = () => new Worker(script, { type: 'module' });
        const options = { worker, packages: ['by-name'], deadlines: { boot: Infinity, stall: 1000 } };
        const runtime = bench.start({ ...options, restart: { limit, backoff: 0, within: Infinity } });
        const statuses = bench.watch(runtime.status$);
        const env = bench.play(source);
        await bench.outcome(env.step(0));
        await bench.exit();
        const step = await bench.outcome(env.step(0));
        const causes = statuses.values.flatMap((status) => {
          if (status.state !== 'restarting') return [];
          const { name, message, stage, url } = status.cause as BootError;
          return [{ name, message, stage, url }];
        });
        return { causes, step };
      },
      noop,
      worker,
      atRestarts.length + 1,
    );

    expect(causes).toEqual([
      expect.objectContaining({ name: 'CrashError' }),
      ...atRestarts.map(({ says }) => bootError(says)),
    ]);
    expect(step.values).toEqual([expect.objectContaining({ index: 2, episode: 1 })]);
  });

  const wheels: readonly (readonly [string, Answer, string?])[] = [
    ['is not there', notFound],
    ['is a page', app],
    ['is another than its hash says', otherBytes],
    ['is not whole', half(theWheel)],
    ['breaks off', halfOf(theWheel, breakOff)],
    ['stalls', halfOf(theWheel, stall), 'no byte came for 1000 ms'],
  ];

  it('ends an installation, and the runtime goes on', async () => {
    let turn = 0;
    const answers = [...wheels.map(([, answer]) => answer), (response: ServerResponse) => response.end(bytes)];
    serve(() => ({ path: theWheel, answer: (response) => answers[turn++]?.(response) }));
    const page = await site.open();
    const { outcomes, answer, states } = await page.evaluate(async (count) => {
      const runtime = bench.start({ deadlines: { install: Infinity, stall: 1000 } });
      const statuses = bench.watch(runtime.status$);
      const outcomes = [];
      for (let i = 0; i <= count; i++) outcomes.push(await bench.outcome(runtime.install(['by-name'])));
      const answer = await bench.run('import by_name; by_name.answer');
      return { outcomes, answer, states: statuses.values.map(({ state }) => state) };
    }, wheels.length);

    expect(outcomes.map(({ error }) => error)).toEqual([
      ...wheels.map(([, , says = 'by-name could not be loaded']): unknown =>
        expect.objectContaining({ name: 'PythonError', command: 'install', message: expect.stringContaining(says) }),
      ),
      null,
    ]);
    expect(answer).toBe(2);
    expect(states).toEqual(['idle', 'booting', 'ready']);
  });
});
