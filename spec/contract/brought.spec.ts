import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { EMPTY, NEVER, Observable, firstValueFrom, lastValueFrom, of, throwError, timer, toArray } from 'rxjs';
import { createPool, type EnvSpec, type Files, type Incident, type PythonRuntime, type Value } from '../../src/index';
import { realOptions, realRuntime } from '../helpers/real-runtime';

const folder = mkdtempSync(join(tmpdir(), 'rxgym-files-'));
const asked: string[] = [];
let answer: (prompt: string) => ReturnType<typeof input> = () => '';
const input = (prompt: string): string | PromiseLike<string> | Observable<string> => {
  asked.push(prompt);
  return answer(prompt);
};

let runtime: PythonRuntime;
beforeAll(() => {
  runtime = realRuntime({ input, restart: { backoff: 0, limit: 100 } });
});
afterAll(() => {
  runtime.dispose();
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  asked.length = 0;
});

const value = <T>(command$: Observable<T>): Promise<T> => firstValueFrom(command$);
const failure = (command$: Observable<unknown>): Promise<unknown> =>
  firstValueFrom(command$).catch((error: unknown) => error);
const run = (code: string): Promise<Value> => value(runtime.run(code));
const exit = () => failure(runtime.run('import os; os._exit(1)'));
const recovered = () =>
  new Promise<Incident>((resolve) => {
    runtime.incidents$.subscribe((incident) => incident.type !== 'crash' && resolve(incident));
  });
const observation = async (env: { step: (action: number) => Observable<{ observation: unknown }> }) =>
  (await value(env.step(0))).observation;

/** An env whose observation is `expression`; what comes `before` it is run once. */
const seeing = (expression: string, before = ''): EnvSpec => ({
  source: `
${before}
class Env:
    def reset(self, *, seed=None, options=None):
        return None, {}
    def step(self, action):
        return ${expression}, 0, False, False, {}
env = Env()`,
});

describe('Python text', () => {
  const mark = '\ufeff';

  it('may be indented, and begin with a byte order mark', async () => {
    const env = runtime.env({
      source: `${mark}
        class Env:
            def reset(self, *, seed=None, options=None):
                return 0, {}
            def step(self, action):
                return [action, before], 0, False, False, {}
        env = Env()
      `,
      beforeStep: `${mark}
        before = 'this'
        before += ' ran'
      `,
    });
    expect(await observation(env)).toEqual([0, 'this ran']);
    expect(await run(`${mark}    x = 1\n    x + 1`)).toBe(2);

    const policy = `${mark}
      def policy(observation):
          return 7
    `;
    const [chunk] = await lastValueFrom(env.rollout({ policy, steps: 1 }).pipe(toArray()));
    expect(chunk).toMatchObject({ actions: { data: new Int32Array([7]) } });
  });

  it('has its lines in tracebacks as they are run', async () => {
    const env = runtime.env({ ...seeing('0'), beforeStep: '\n    if True:\n        raise ValueError("told to")' });
    expect(await failure(env.step(0))).toMatchObject({
      traceback: expect.stringMatching(/File "<beforeStep>", line 3, in <module>\n {4}raise ValueError/),
    });
  });
});

describe('the files of an env', () => {
  const reading = 'from pathlib import Path; import maze.walls';
  const spec = (files: Files): EnvSpec => ({
    ...seeing('[Path("levels/one.txt").read_text(), maze.walls.COUNT, Path("w.bin").read_bytes()]', reading),
    files,
  });
  const files: Files = {
    'levels/one.txt': '#..ü',
    'maze/walls.py': 'COUNT = 3',
    'w.bin': new Uint8Array([0, 255]),
  };
  const seen = ['#..ü', 3, { data: new Uint8Array([0, 255]), shape: [2], dtype: 'uint8' }];

  it('are there before its source runs, and again in the next interpreter', async () => {
    const env = runtime.env(spec(files));
    expect(await observation(env)).toEqual(seen);
    const incident = recovered();
    await exit();
    expect(await observation(env)).toEqual(seen);
    expect(await incident).toMatchObject({ type: 'recovered', how: 'cold' });
    await value(env.close());
  });

  it('are fetched once, and kept', async () => {
    writeFileSync(join(folder, 'one.txt'), '#..ü');
    const { href } = pathToFileURL(join(folder, 'one.txt'));
    const env = runtime.env(spec({ ...files, 'levels/one.txt': { url: href } }));
    expect(await observation(env)).toEqual(seen);
    rmSync(join(folder, 'one.txt'));
    await exit();
    expect(await observation(env)).toEqual(seen);
    await value(env.close());
  });

  it('that cannot be had end the set-up with an error that says which; the next command tries again', async () => {
    const path = join(folder, 'late.txt');
    const { href } = pathToFileURL(path);
    const env = runtime.env(spec({ ...files, 'levels/one.txt': new URL(href) }));
    expect(await failure(env.reset())).toMatchObject({
      name: 'FileError',
      path: 'levels/one.txt',
      url: href,
      status: null,
      message: expect.stringContaining(href),
    });
    writeFileSync(path, '#..ü');
    expect(await observation(env)).toEqual(seen);
    await value(env.close());
  });

  it('that have changed are imported anew by the next env', async () => {
    const next = runtime.env(spec({ ...files, 'maze/walls.py': 'COUNT = 4' }));
    expect(await observation(next)).toEqual([seen[0], 4, seen[2]]);
    await value(next.close());
  });

  it('cannot be where a folder is', async () => {
    const env = runtime.env({ ...seeing('0'), files: { maze: '' } });
    expect(await failure(env.reset())).toMatchObject({ name: 'FileError', path: 'maze', url: null, status: null });
  });

  it('are in each member of a pool', async () => {
    const pool = createPool({ ...realOptions(), size: 2 });
    const env = pool.env(spec(files));
    const steps = await value(env.step([0, 0]));
    pool.dispose();

    expect(steps.map((step) => step.observation)).toEqual([seen, seen]);
  });

  it('are in a spare interpreter, which takes over', async () => {
    const spared = realRuntime({ restart: { spare: true, backoff: 0, limit: 100 } });
    const ways: string[] = [];
    spared.incidents$.subscribe((incident) => incident.type === 'recovered' && ways.push(incident.how));
    const env = spared.env(spec(files));
    expect(await observation(env)).toEqual(seen);
    // it is made in the background; how long that takes is the machine's affair
    for (let deaths = 1; !ways.includes('spare') && deaths < 8; deaths++) {
      await value(timer(5000 * deaths));
      await failure(spared.run('import os; os._exit(1)'));
      expect(await observation(env)).toEqual(seen);
    }
    expect(ways).toContain('spare');
    spared.dispose();
  }, 300_000);

  it('are refused beside an image', () => {
    expect(() => runtime.env({ image: 'x.image', files: { a: '' } })).toThrow('rxgym bake --files');
  });
});

describe('what Python opens by a relative address', () => {
  it('is relative to the folder that Node runs in', async () => {
    const read = `
from pyodide.http import pyfetch
(await (await pyfetch("package.json")).json())["name"]`;
    expect(await run(read)).toBe('rxgym');
  });

  it('needs a browser, if it does not wait', async () => {
    expect(await failure(runtime.run('from pyodide.http import open_url; open_url("x")'))).toMatchObject({
      type: 'OSError',
      message: expect.stringContaining('open_url() needs a browser'),
    });
  });
});

describe('input()', () => {
  it.each<[how: string, answered: ReturnType<typeof input>]>([
    ['text', 'Ada ü 😀'],
    ['a promise', Promise.resolve('Ada ü 😀')],
    ['an observable', of('Ada ü 😀', 'Bob')],
  ])('is answered with %s', async (_, answered) => {
    answer = () => answered;
    expect(await run('"hello " + input("your name? ")')).toBe('hello Ada ü 😀');
    expect(asked).toEqual(['your name? ']);
  });

  it('is answered by the env’s own function, at its set-up and in its steps', async () => {
    const prompts: string[] = [];
    const own = (prompt: string): string => {
      prompts.push(prompt);
      return String(prompts.length);
    };
    const env = runtime.env({ ...seeing('[first, input("step")]', 'first = input("set-up")'), input: own });
    expect([await observation(env), await observation(env)]).toEqual([
      ['1', '2'],
      ['1', '3'],
    ]);
    expect(prompts).toEqual(['set-up', 'step', 'step']);
    expect(asked).toEqual([]);

    // nobody is asked a second time
    const incident = recovered();
    await exit();
    expect(await observation(env)).toEqual(['1', '4']);
    expect(await incident).toMatchObject({ type: 'recovered' });
    expect(prompts.length).toBe(4);
    await value(env.close());
  });

  it('of code that ran gets the same answers when the code runs again', async () => {
    answer = () => String(asked.length);
    await run('given = [input(), input("second")]');
    await exit();
    expect(await run('given')).toEqual(['1', '2']);
    expect(asked.length).toBe(2);
  });

  it.each<[why: string, answered: () => ReturnType<typeof input>, message: string]>([
    [
      'the function throws',
      () => {
        throw new Error('no dialog');
      },
      'no dialog',
    ],
    ['the promise is rejected', () => Promise.reject(new Error('closed')), 'closed'],
    ['the observable errors', () => throwError(() => new Error('closed')), 'closed'],
    ['it completes without an answer', () => EMPTY, 'gave no answer'],
    ['it is no text', () => of(1 as unknown as string), 'with text, got number'],
    ['it is too long', () => 'x'.repeat(20_000), 'at most 16384 characters'],
  ])('raises EOFError where %s', async (_, answered, message) => {
    answer = answered;
    expect(await failure(runtime.run('input("really? ")'))).toMatchObject({
      name: 'PythonError',
      type: 'EOFError',
      message: expect.stringMatching(new RegExp(`input\\('really\\? '\\).*${message}`)),
    });
    answer = () => 'yes';
    expect(await run('input()')).toBe('yes');
  });

  it('is interrupted by a deadline, and the question is taken back', async () => {
    let open = 0;
    answer = () =>
      new Observable<never>(() => {
        open += 1;
        return () => {
          open -= 1;
        };
      });
    const late = await failure(runtime.run('kept = 1\ninput()', { deadline: 300 }));
    expect(late).toMatchObject({ name: 'DeadlineError', outcome: 'interrupted' });
    expect(open).toBe(0);
    answer = () => 'again';
    expect(await run('[kept, input()]')).toEqual([1, 'again']);
  });

  it('is interrupted when its command is unsubscribed', async () => {
    answer = () => NEVER;
    const waiting = runtime.run('kept = 2\ninput()').subscribe();
    while (!asked.length) await value(timer(5));
    waiting.unsubscribe();
    expect(await run('kept')).toBe(2);
  });

  it('goes behind what was printed', async () => {
    const seen: string[] = [];
    const printed = runtime.stdout$.subscribe((line) => seen.push(line));
    answer = () => {
      seen.push('asked');
      return '';
    };
    await run('print("before", end="")\ninput()\nprint("after")');
    printed.unsubscribe();
    expect(seen).toEqual(['before', 'asked', 'after']);
  });

  it('raises EOFError that says what to do, where nobody answers; and sys.stdin is empty', async () => {
    const silent = realRuntime();
    const stderr: string[] = [];
    silent.stderr$.subscribe((line) => stderr.push(line));
    expect(await failure(silent.run('input("name? ")'))).toMatchObject({
      type: 'EOFError',
      message: expect.stringMatching(/input\('name\? '\).*give the env `input/),
    });
    expect(await value(silent.run('import sys; sys.stdin.readline()'))).toBe('');
    expect(stderr).toEqual([]);
    silent.dispose();
  });
});

describe('async code in the middle of a call', () => {
  it.each<[what: string, code: string]>([
    ['asyncio.run', 'import asyncio\nasyncio.run(asyncio.sleep(0))'],
    ['run_sync', 'import asyncio\nfrom pyodide.ffi import run_sync\nrun_sync(asyncio.sleep(0))'],
  ])('%s says what browsers do, where JSPI is not there', async (_, code) => {
    expect(await failure(runtime.run(code))).toMatchObject({
      type: 'RuntimeError',
      message: expect.stringMatching(/JSPI.*Chrome and Edge/),
      traceback: expect.not.stringContaining('callPromising'),
    });
  });

  it('an async step says so, too, and counts for nothing', async () => {
    const env = runtime.env({
      source: `
class Env:
    def reset(self, *, seed=None, options=None):
        return 0, {}
    async def step(self, action):
        return action, 0, False, False, {}
env = Env()`,
    });
    expect(await failure(env.step(1))).toMatchObject({
      type: 'RuntimeError',
      message: expect.stringContaining('JSPI'),
    });
  });
});
