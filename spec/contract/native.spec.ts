import { execFile } from 'node:child_process';
import { copyFileSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { firstValueFrom, skip } from 'rxjs';
import { lockFileWith } from '../browser/wheel';
import { pyodide, root } from '../helpers/folders';
import { nativeWheels } from '../helpers/native-wheels';
import { realRuntime } from '../helpers/real-runtime';

const folder = mkdtempSync(join(tmpdir(), 'rxgym-native-'));
const at = (name: string): string => join(folder, name);

const source = `
import native_part
class Env:
    def reset(self, seed=None):
        self.at = 0
        return native_part.count(None), {}
    def step(self, action):
        if action == "die":
            import os; os._exit(1)
        import native_part.late
        self.at += native_part.late.late
        return self.at, 0.0, False, False, {"counted": native_part.count(None)}
env = Env()
`;

const bake = (...options: string[]): Promise<string> =>
  new Promise((resolve) => {
    const line = [join(root, 'bin/rxgym.mjs'), 'bake', ...options, '--index-url', folder, '--brotli', '1'];
    execFile(process.execPath, line, { cwd: folder }, (_, stdout, stderr) => {
      resolve(stdout + stderr);
    });
  });

beforeAll(async () => {
  const wheels = await nativeWheels();
  for (const name of readdirSync(pyodide).filter((name) => /\.(mjs|wasm|zip|json)$/.test(name))) {
    if (name === 'pyodide-lock.json') writeFileSync(at(name), lockFileWith(...wheels));
    else if (name === 'package.json') copyFileSync(join(pyodide, name), at(name));
    else symlinkSync(join(pyodide, name), at(name));
  }
  for (const { file, bytes } of wheels) writeFileSync(at(file), bytes);
  writeFileSync(at('env.py'), source);
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

it('is baked, with the library that it needs; interpreters start and restart from it', async () => {
  const output = await bake('env.py', '--out', 'env.image', '--packages', 'native-part');
  expect(output).toMatch(/with native_part-1\.0-py3-none-any\.whl, shared_part-1\.0\.zip; 2 native modules loaded/);

  const runtime = realRuntime({ indexURL: pathToFileURL(folder).href, restart: { backoff: 1 } });
  const env = runtime.env({ image: pathToFileURL(at('env.image')).href });
  expect(await firstValueFrom(env.reset())).toMatchObject({ observation: 10 });
  expect(await firstValueFrom(env.step(0))).toMatchObject({ observation: 7, info: { counted: 20 } });
  expect(await firstValueFrom(runtime.ready$)).toMatchObject({ how: 'image' });
  const back = firstValueFrom(runtime.ready$.pipe(skip(1)));
  await expect(firstValueFrom(env.step('die'))).rejects.toMatchObject({ name: 'CrashError' });
  expect(await firstValueFrom(env.step(0))).toMatchObject({ observation: 14, info: { counted: 30 } });
  expect(await back).toMatchObject({ how: 'image' });
  runtime.dispose();
});

it('whose wheel needs what is nowhere to be found is not baked', async () => {
  const output = await bake('env.py', '--out', 'x.image', '--packages', 'native-part,no-such-thing');
  expect(output).toMatch(/has no no-such-thing in its lock file/);
});
