import { createReadStream } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { useSite } from './site';

type Answer = (response: ServerResponse) => void;

const notFound: Answer = (response) => response.writeHead(404).end();
const script = (code: string): Answer => {
  return (response) => response.writeHead(200, { 'Content-Type': 'text/javascript' }).end(code);
};
/** What the server of a single-page app sends for a file that it does not have. */
const app: Answer = (response) => response.writeHead(200, { 'Content-Type': 'text/html' }).end('<!doctype html>');
const breakOff: Answer = (response) => {
  response.writeHead(200, { 'Content-Type': 'application/wasm' });
  createReadStream(join(__dirname, '../../node_modules/pyodide/pyodide.asm.wasm'), { end: 1_000_000 })
    .on('end', () => response.destroy())
    .pipe(response, { end: false });
};

const [worker, pyodide, wasm] = ['/dist/worker.js', '/pyodide/pyodide.mjs', '/pyodide/pyodide.asm.wasm'];

describe('a boot that cannot succeed', () => {
  const site = useSite();

  /** Answers this path in its own way. */
  const serve = (path: string, answer: Answer) => {
    site.intercept(({ url }, response) => {
      if (url === path) answer(response);
      return url === path;
    });
  };

  async function boot(deadline: number) {
    const page = await site.open();
    const result = await page.evaluate(
      async (script, deadline) => {
        const worker = () => new Worker(script, { type: 'module' });
        const runtime = bench.start({ worker, deadlines: { boot: deadline } });
        const statuses = bench.watch(runtime.status$);
        const ready = bench.watch(runtime.ready$);
        const waiting = bench.watch(runtime.run('1'));
        const { error } = await bench.outcome(runtime.boot());
        const late = await bench.outcome(runtime.run('1'));
        return { error, states: statuses.values.map(({ state }) => state), others: [ready, waiting, late] };
      },
      worker,
      deadline,
    );
    return { ...result, page };
  }

  const failures: readonly (readonly [string, string, Answer, object])[] = [
    ['the worker script is not there', worker, notFound, { stage: 'spawn' }],
    ['the worker script throws', worker, script('throw new Error("broken")'), { stage: 'spawn', message: 'broken' }],
    ['the worker script is a page', worker, app, { stage: 'spawn' }],
    ['pyodide.mjs is not there', pyodide, notFound, { stage: 'download', url: pyodide }],
    ['pyodide.mjs is a page', pyodide, app, { stage: 'download', url: pyodide }],
    ['the wasm file is not there', wasm, notFound, { stage: 'download', url: wasm, message: '404' }],
    ['the download breaks off', wasm, breakOff, { stage: 'download', url: wasm, message: 'broke off' }],
  ];

  it.each(failures)('ends with a BootError, before any deadline, when %s', async (_, path, answer, expected) => {
    site.allow(/./); // Pyodide and the browser say so too
    serve(path, answer);
    const { error, states, others } = await boot(Infinity);

    expect(error).toMatchObject({ name: 'BootError', exported: true, ...containing(expected) });
    expect(states).toEqual(['idle', 'booting', 'failed']);
    for (const other of others) expect(other).toEqual({ values: [], error });
  });

  // Pyodide says of neither that it has given up.
  it.each([
    ['never comes', () => undefined],
    ['is a page', app],
  ])('ends at its deadline when the wasm file %s', async (_, answer: Answer) => {
    site.allow(/wasm/i);
    serve(wasm, answer);
    const { error } = await boot(3000);

    expect(error).toMatchObject({ name: 'BootError', exported: true, stage: 'download' });
    expect(error!.message).toContain('3000 ms');
  });

  it('leaves a runtime that boot() brings up, once what was missing is there', async () => {
    site.allow(/404/);
    serve(worker, notFound);
    const { page } = await boot(Infinity);
    serve('/nothing', notFound);
    const { again, answer } = await page.evaluate(async () => ({
      again: await bench.outcome(bench.runtime.boot()),
      answer: await bench.run('6 * 7'),
    }));

    expect(again.values).toEqual([expect.objectContaining({ attempt: 2 })]);
    expect(answer).toBe(42);
  });
});

const containing = (fields: object): object =>
  Object.fromEntries(Object.entries(fields).map(([name, text]) => [name, expect.stringContaining(String(text))]));
