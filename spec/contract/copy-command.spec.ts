import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../helpers/folders';

describe('npx rxgym copy', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rxgym-copy-'));
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });
  const copy = (...line: readonly string[]) =>
    spawnSync(process.execPath, [join(root, 'bin/rxgym.mjs'), 'copy', ...line], { cwd: folder, encoding: 'utf8' });

  it('puts the worker and what pages load of Pyodide into a folder, and says how to name them', () => {
    const { status, stderr, stdout } = copy('public');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(readFileSync(join(folder, 'public/rxgym/worker.js'))).toEqual(readFileSync(join(root, 'dist/worker.js')));
    expect(readdirSync(join(folder, 'public/pyodide')).sort()).toEqual([
      'pyodide-lock.json',
      'pyodide.asm.mjs',
      'pyodide.asm.wasm',
      'pyodide.mjs',
      'python_stdlib.zip',
    ]);
    expect(stdout).toContain("createRuntime({ worker: '/rxgym/worker.js', indexURL: '/pyodide/' })");
  });

  it.each(['', 'a b', 'a --to b'])("says how it is used where it gets '%s'", (line) => {
    const { status, stderr } = copy(...line.split(' ').filter(Boolean));
    expect(status).toBe(1);
    expect(stderr).toContain('Usage: npx rxgym copy FOLDER');
  });
});
