import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib';
import { firstValueFrom, skip } from 'rxjs';
import type { PythonRuntime, RuntimeOptions } from '../../src/index';
import { wheel } from '../browser/wheel';
import { cold, realRuntime } from '../helpers/real-runtime';

const root = join(__dirname, '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'rxgym-image-'));
const at = (name: string): string => join(folder, name);
const urlOf = (name: string): string => pathToFileURL(at(name)).href;

/** What it draws shows where it comes from; a file and a module are only looked for at its reset. */
const source = `
import random
print("set up")
class Env:
    def __init__(self):
        self.drawn = random.random()
    def reset(self, seed=None):
        import by_name
        self.random, self.at = random.Random(seed), by_name.first
        return self.at, {"level": open("levels/one.txt").read(), "drawn": self.drawn, "fresh": random.Random().random()}
    def step(self, action):
        if action == "die":
            import os; os._exit(1)
        self.at += 1
        return self.random.random(), 0.0, False, False, {"at": self.at, "beside": random.random()}
env = Env()
`;

const bake = (...options: string[]): Promise<{ code: number; output: string }> =>
  new Promise((resolve) => {
    const index = join(root, 'node_modules/pyodide');
    const line = [join(root, 'bin/rxgym.mjs'), 'bake', ...options, '--index-url', index];
    execFile(process.execPath, line, { cwd: folder }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, output: stdout + stderr });
    });
  });

let runtime: PythonRuntime;
function start(options: RuntimeOptions = {}, pyodide = cold): PythonRuntime {
  return (runtime = realRuntime({ restart: { backoff: 1 }, ...options }, pyodide));
}
afterEach(() => {
  (runtime as PythonRuntime | undefined)?.dispose();
});

beforeAll(async () => {
  mkdirSync(at('data/levels'), { recursive: true });
  writeFileSync(at('data/levels/one.txt'), 'level one');
  writeFileSync(at('env.py'), source);
  const { file, bytes } = wheel('by_name', 'first = 10');
  writeFileSync(at(file), bytes);
  const baked = await bake('env.py', '--out', 'env.image', '--files', 'data', '--packages', file, '--brotli', '1');
  expect(baked).toEqual({
    code: 0,
    output: expect.stringMatching(
      /with by_name-1\.0-py3-none-any\.whl\n.*env\.image: \d\.\d MB .* 5 files[^]*env\.image\.br: \d\.\d MB/,
    ),
  });
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

it('is gzip’d, its .br has the same, and its manifest says what is in it', () => {
  const bytes = gunzipSync(readFileSync(at('env.image')));
  expect(brotliDecompressSync(readFileSync(at('env.image.br'))).equals(bytes)).toBe(true);
  const length = bytes.readUInt32LE(8);
  const memoryAt = bytes.readUInt32LE(12);
  const manifest = JSON.parse(bytes.toString('utf8', 48, 48 + length)) as { memory: number; sha256: string };
  expect(bytes.toString('utf8', 0, 8)).toBe('rxgymimg');
  expect(manifest).toMatchObject({
    format: 3,
    rxgym: '0.1.0',
    pyodide: '314.0.7',
    python: expect.stringMatching(/^3\.14/),
    env: { source, make: null, entryPoint: null, kwargs: {} },
    files: expect.arrayContaining([['home/levels/one.txt', 9]]),
    data: { length: expect.any(Number), sum: expect.any(Number) },
    memory: bytes.length - memoryAt,
  });
  // 4.9 MB with what was freed, and 5.4 MB with the main module's data
  expect(readFileSync(at('env.image')).length).toBeLessThan(4_300_000);
  expect(manifest.sha256).toBe(createHash('sha256').update(bytes.subarray(memoryAt)).digest('hex'));
});

/** Resets, steps, dies, comes back and steps. */
async function play(image: string): Promise<{ drawn: unknown; how: string[]; seen: unknown[] }> {
  const env = runtime.env({ image });
  const { info } = await firstValueFrom(env.reset({ seed: 7 }));
  const how = [(await firstValueFrom(runtime.ready$)).how];
  const steps = [await firstValueFrom(env.step(1)), await firstValueFrom(env.step(1))];
  const back = firstValueFrom(runtime.ready$.pipe(skip(1)));
  await expect(firstValueFrom(env.step('die'))).rejects.toMatchObject({ name: 'CrashError' });
  steps.push(await firstValueFrom(env.step(1)));
  how.push((await back).how);
  expect(info).toMatchObject({ level: 'level one' });
  expect(steps.map((step) => (step.info as { at: number }).at)).toEqual([11, 12, 13]);
  return { drawn: (info as { drawn: number }).drawn, how, seen: steps.map(({ observation }) => observation) };
}

it('is what an interpreter starts from, and restarts from, or else where the env’s set-up is found', async () => {
  const lines: string[] = [];
  start().stdout$.subscribe((line) => lines.push(line));
  const fromImage = await play(urlOf('env.image'));
  expect(fromImage.how).toEqual(['image', 'image']);
  expect(lines).toEqual([]); // it was set up when it was baked
  runtime.dispose();

  start().stdout$.subscribe((line) => lines.push(line));
  await firstValueFrom(runtime.boot());
  const inARunningOne = await play(urlOf('env.image'));
  expect(inARunningOne).toEqual({ ...fromImage, how: ['cold', 'cold'] });
  expect(lines).toEqual(['set up', 'set up']);
});

it('gives each runtime other draws', async () => {
  const draws = new Set<unknown>();
  for (const _ of [1, 2]) {
    const env = start().env({ image: urlOf('env.image') });
    const { info } = await firstValueFrom(env.reset());
    const step = await firstValueFrom(env.step(1));
    draws.add((info as { fresh: number }).fresh).add((step.info as { beside: number }).beside);
    runtime.dispose();
  }
  expect(draws.size).toBe(4);
});

it('may be set up twice in one interpreter, and beside others', async () => {
  const [one, two] = [start().env({ image: urlOf('env.image') }), runtime.env({ image: urlOf('env.image') })];
  const three = runtime.env({ source });
  const resets = [one, two, three].map((env) => firstValueFrom(env.reset({ seed: 1 })));
  expect((await Promise.all(resets)).map(({ observation }) => observation)).toEqual([10, 10, 10]);
  const states = [one, two].map((env) => firstValueFrom(env.stateHash()));
  expect(new Set(await Promise.all(states)).size).toBe(1);
  expect(await firstValueFrom(runtime.ready$)).toMatchObject({ how: 'image' });
});

it.each([
  ['of another version of Pyodide', (image: Buffer) => image, 'node_modules/pyodide-0.29'],
  ['cut off in its memory', (image: Buffer) => image.subarray(0, -100_000), cold],
  ['of another module', (image: Buffer) => otherSum(image), cold],
])('that is %s sets its env up in an interpreter that booted cold', async (_, change, pyodide) => {
  writeFileSync(at('changed.image'), change(readFileSync(at('env.image'))));
  start({}, pyodide);
  const env = runtime.env({ image: urlOf('changed.image') });
  expect(await firstValueFrom(env.reset({ seed: 7 }))).toMatchObject({ observation: 10, info: { level: 'level one' } });
  expect(await firstValueFrom(runtime.ready$)).toMatchObject({ how: 'cold' });
});

it('that is none, has a damaged manifest or is not there ends the set-up with what to do, and the runtime goes on', async () => {
  writeFileSync(at('none.image'), '<!doctype html>');
  writeFileSync(at('damaged.image'), damaged());
  start();
  for (const name of ['none.image', 'damaged.image', 'missing.image']) {
    await expect(firstValueFrom(runtime.env({ image: urlOf(name) }).reset())).rejects.toMatchObject({
      name: 'PythonError',
      command: 'setUp',
      message: expect.stringMatching(new RegExp(`${name} cannot be used: .*npx rxgym bake`)),
    });
  }
  expect(await firstValueFrom(runtime.run('6 * 7'))).toBe(42);
  expect(await firstValueFrom(runtime.ready$)).toMatchObject({ how: 'cold' });
});

it('cannot be baked of JavaScript, of an env that raises, or of nothing, and says so', async () => {
  const { bytes } = wheel(
    'needs',
    'x = 1',
    {},
    [],
    'Requires-Dist: no-such-need >=1\nRequires-Dist: left-out; extra == "all"\n',
  );
  writeFileSync(at('needs-1.0-py3-none-any.whl'), bytes);
  writeFileSync(at('js.py'), `${source}\nfrom js import Object\nenv.held = Object.new()\n`);
  writeFileSync(at('raises.py'), 'raise ValueError("no such level")\n');
  const problems = [
    await bake('env.py', '--out', 'x', '--packages', 'needs-1.0-py3-none-any.whl'),
    await bake('env.py', '--out', 'x', '--packages', 'no-such-thing'),
    await bake('js.py', '--out', 'x'),
    await bake('raises.py', '--out', 'x'),
    await bake('env.py'),
  ];
  expect(problems.map(({ code }) => code)).toEqual([1, 1, 1, 1, 1]);
  const expected = [
    /has no no-such-need, which needs-1\.0-py3-none-any\.whl needs, in its lock file/,
    /has no no-such-thing in its lock file; give its wheel's path/,
    /an image cannot hold JavaScript objects, and the env has some.*make them in reset/,
    /could not be set up\.\n[^]*line 1[^]*ValueError: no such level/,
    /Usage: npx rxgym bake/,
  ];
  for (const [place, pattern] of expected.entries()) expect(problems[place]?.output).toMatch(pattern);
});

function damaged(): Buffer {
  const bytes = gunzipSync(readFileSync(at('env.image')));
  bytes.writeUInt8(bytes.readUInt8(100) ^ 1, 100);
  return gzipSync(bytes, { level: 1 });
}

/** As if the data that the memory lacks were not this Pyodide's. */
function otherSum(image: Buffer): Buffer {
  const bytes = gunzipSync(image);
  const [length, memoryAt] = [bytes.readUInt32LE(8), bytes.readUInt32LE(12)];
  const manifest = bytes.toString('utf8', 48, 48 + length);
  const changed = manifest.replace(/("sum":-?\d*)(\d)/, (_, before: string, last: string) =>
    last === '1' ? `${before}2` : `${before}1`,
  );
  bytes.write(changed, 48);
  createHash('sha256').update(bytes.subarray(48, memoryAt)).digest().copy(bytes, 16);
  return gzipSync(bytes, { level: 1 });
}
