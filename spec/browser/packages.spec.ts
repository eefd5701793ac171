import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import noop from '../envs/noop.py';
import { pyodide } from '../helpers/folders';
import { at, type Answer } from './answers';
import { useSite } from './site';
import { lockFileWith, wheel } from './wheel';

const fromURL = wheel('by_url', 'answer = 1');
const fromLock = wheel('by_name', `answer = 2\n${noop}`);
const micropip = wheel('micropip', 'async def install(name):\n  raise ValueError(f"nobody has {name}")');
const [byURL, byName] = [`/wheels/${fromURL.file}`, `/pyodide/${fromLock.file}`];
const counted = (body: string | Buffer): Answer => {
  return (response) => response.writeHead(200, { 'Content-Length': Buffer.byteLength(body) }).end(body);
};
const answer = at({
  '/pyodide/pyodide-lock.json': counted(lockFileWith(fromLock, micropip)),
  [byURL]: counted(fromURL.bytes),
  [byName]: counted(fromLock.bytes),
  [`/pyodide/${micropip.file}`]: counted(micropip.bytes),
});

/** From a page in `/pages/`. */
const levels: Readonly<Record<string, Answer>> = {
  '/pages/levels/one.txt': counted('#..#'),
  '/pages/levels/maze.py': counted('COUNT = 3'),
};

describe('what a page in another folder than the worker gives by relative addresses', () => {
  const site = useSite();
  beforeEach(() => {
    site.intercept(at({ [byURL]: counted(fromURL.bytes), ...levels }));
  });

  const reading = `
import asyncio, js
from pyodide.http import open_url, pyfetch
async def fetched(url):
    return await (await pyfetch(url)).string()
`;

  it.each(['of this origin', 'of a blob'])('are found beside the page, by a worker %s', async (kind) => {
    site.allow(/404/);
    const page = await site.open();
    const { installed, opened, missing, other } = await page.evaluate(
      async (code, kind) => {
        const script = new URL('/dist/worker.js', location.href).href;
        const text = `import ${JSON.stringify(script)};`;
        const blob = URL.createObjectURL(new Blob([text], { type: 'text/javascript' }));
        const worker = () => new Worker(kind === 'of a blob' ? blob : script, { type: 'module' });
        const runtime = bench.start({ worker, packages: ['../wheels/by_url-1.0-py3-none-any.whl'] });
        const installed = await bench.outcome(runtime.run('import by_url; by_url.answer'));
        await bench.run(code);
        const opened = await bench.run(
          '[open_url("levels/one.txt").read(), await fetched("./levels/one.txt"), await (await js.fetch("levels/one.txt")).text()]',
        );
        return {
          installed,
          opened,
          missing: await bench.outcome(runtime.run('open_url("levels/two.txt")')),
          other: await bench.outcome(runtime.run('open_url("http://localhost:1/x")')),
        };
      },
      reading,
      kind,
    );

    expect(installed).toEqual({ values: [1], error: null });
    expect(opened).toEqual(['#..#', '#..#', '#..#']);
    expect(missing.error).toMatchObject({
      type: 'FileNotFoundError',
      message: expect.stringMatching(/pages\/levels\/two\.txt could not be had: the server answered 404/),
    });
    expect(other.error).toMatchObject({ type: 'OSError', message: expect.stringContaining('localhost:1/x') });
  });

  it('are the files of an env: fetched once, with their bytes counted', async () => {
    const page = await site.open();
    const { step, progress, again } = await page.evaluate(async (noop) => {
      const runtime = bench.start({ restart: { backoff: 0 } });
      const files = {
        'levels/one.txt': { url: './levels/one.txt' },
        'maze.py': new URL('levels/maze.py', location.href),
      };
      const code = 'import maze; seen = [open("levels/one.txt").read(), maze.COUNT]\n';
      const env = runtime.env({ source: code + noop, files });
      const progress = bench.watch(env.progress$);
      const step = await bench.outcome(env.step(0));
      await bench.exit();
      await bench.outcome(env.step(0));
      return { step, progress: progress.values, again: await bench.run('seen') };
    }, noop);

    expect(step.error).toBeNull();
    expect(again).toEqual(['#..#', 3]);
    expect(progress).toContainEqual(expect.objectContaining({ stage: 'packages', loaded: 13, total: 13 }));
    expect(site.requests.filter((path) => path.includes('/levels/')).sort()).toEqual(Object.keys(levels).sort());
  });

  it('end the set-up with an error that has their address and status, where they are missing', async () => {
    site.allow(/404/);
    const page = await site.open();
    const reset = await page.evaluate(async (source) => {
      bench.start();
      return bench.outcome(bench.runtime.env({ source, files: { 'two.txt': { url: 'levels/two.txt' } } }).reset());
    }, noop);

    expect(reset.error).toMatchObject({
      name: 'FileError',
      exported: true,
      path: 'two.txt',
      url: `${site.served.url}pages/levels/two.txt`,
      status: 404,
    });
  });
});

describe('packages', () => {
  const site = useSite();
  beforeEach(() => {
    site.intercept(answer);
  });

  const wheelsAskedFor = () => site.requests.filter((path) => path.endsWith('.whl'));

  it('are installed by URL and by name of the lock file, each once', async () => {
    const page = await site.open();
    const { outcomes, answers, progress } = await page.evaluate(async () => {
      const url = new URL('/wheels/by_url-1.0-py3-none-any.whl', location.href).href;
      const { concat, toArray } = bench.rxjs;
      const runtime = await bench.boot();
      const progress = bench.watch(runtime.progress$);
      const installs = [[url], ['by-name'], [url, 'by-name'], ['By_Name'], ['by-url']].map((names) =>
        runtime.install(names),
      );
      const outcomes = await bench.outcome(concat(...installs).pipe(toArray()));
      const answers = await bench.run('import by_url, by_name; [by_url.answer, by_name.answer]');
      return { outcomes, answers, progress: progress.values };
    });

    expect(outcomes).toEqual({ values: [[null, null, null, null, null]], error: null });
    expect(answers).toEqual([1, 2]);
    expect(wheelsAskedFor()).toEqual([byURL, byName]);
    const size = fromURL.bytes.length;
    expect(progress).toContainEqual(expect.objectContaining({ stage: 'packages', loaded: size, total: size }));
  });

  it('of a runtime and of an env are there before the env is set up, also after a restart', async () => {
    const page = await site.open();
    const { resets, answer } = await page.evaluate(async () => {
      const runtime = bench.start({ packages: ['/wheels/by_url-1.0-py3-none-any.whl'], restart: { backoff: 0 } });
      const env = runtime.env({ entryPoint: 'by_name:Noop', packages: ['by-name'] });
      const resets = [await bench.outcome(env.reset())];
      await bench.exit();
      resets.push(await bench.outcome(env.reset()));
      return { resets, answer: await bench.run('import by_url; by_url.answer') };
    });
    const answered = [1, 2].map((episode) => ({ values: [{ observation: 0, info: {}, episode }], error: null }));

    expect(resets).toEqual(answered);
    expect(answer).toBe(1);
    expect(wheelsAskedFor()).toEqual([byURL, byName, byURL, byName]);
  });

  it('that are known before the boot are downloaded while the interpreter is', async () => {
    const asked = new Set<string>();
    site.intercept((request, response) => {
      const { url = '' } = request;
      if (url.endsWith('.whl')) asked.add(url);
      if (url !== '/pyodide/pyodide.asm.wasm') return answer(request, response);
      const waiting = setInterval(() => {
        if (asked.size < 2) return;
        clearInterval(waiting);
        const wasm = readFileSync(join(pyodide, 'pyodide.asm.wasm'));
        response.writeHead(200, { 'Content-Type': 'application/wasm' }).end(wasm);
      }, 20);
      return true;
    });
    const page = await site.open();
    const { reset, progress } = await page.evaluate(async () => {
      const runtime = bench.start({ packages: ['/wheels/by_url-1.0-py3-none-any.whl'] });
      const env = runtime.env({ entryPoint: 'by_name:Noop', packages: ['By_Name'] });
      const progress = bench.watch(runtime.progress$);
      return { reset: await bench.outcome(env.reset()), progress: progress.values };
    });
    expect(reset.values).toEqual([{ observation: 0, info: {}, episode: 1 }]);
    expect(wheelsAskedFor().sort()).toEqual([byName, byURL].sort());
    const size = fromURL.bytes.length;
    expect(progress).toContainEqual(expect.objectContaining({ stage: 'packages', loaded: size, total: size }));
  });

  it('that cannot be had end their command, and the runtime goes on', async () => {
    site.allow(/404|missing/);
    const page = await site.open();
    const { unknown, missing, env, answer } = await page.evaluate(async () => {
      const runtime = bench.start();
      const env = bench.play('env = None', { packages: ['no-such-thing'] });
      return {
        unknown: await bench.outcome(runtime.install(['no-such-thing'])),
        missing: await bench.outcome(runtime.install(['/wheels/missing-1.0-py3-none-any.whl'])),
        env: await bench.outcome(env.reset()),
        answer: await bench.run('6 * 7'),
      };
    });
    const failed = { name: 'PythonError', exported: true, command: 'install' };

    // Pyodide's lock file does not know it, and what we serve as micropip neither
    expect(unknown.error).toMatchObject({
      ...failed,
      type: 'ValueError',
      message: expect.stringContaining('nobody has no-such-thing'),
    });
    expect(missing.error).toMatchObject({ ...failed, message: expect.stringContaining('missing-1.0') });
    expect(env.error).toEqual(unknown.error);
    expect(answer).toBe(42);
  });

  it('that a runtime cannot do without end its boot', async () => {
    const page = await site.open();
    const boot = await page.evaluate(() => bench.outcome(bench.start({ packages: ['no-such-thing'] }).boot()));

    expect(boot.error).toMatchObject({
      name: 'BootError',
      stage: 'packages',
      message: expect.stringContaining('nobody has no-such-thing'),
    });
  });
});
