import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import webpack, { type Configuration } from 'webpack';

const root = join(__dirname, '..', '..');

/** An empty project somewhere else, in which the packed library was installed. */
export interface Project {
  readonly folder: string;
  write(file: string, text: string): void;
  /** What the command printed. */
  run(command: string, ...args: readonly string[]): string;
  build(config: Configuration): Promise<void>;
  remove(): void;
}

const npm = (cwd: string, ...args: readonly string[]): string =>
  execFileSync('npm', [...args, '--no-audit', '--no-fund', '--loglevel=error'], { cwd, encoding: 'utf8' });

export function newProject(): Project {
  const folder = mkdtempSync(join(tmpdir(), 'rxgym-consumer-'));
  const write = (file: string, text: string): void => {
    writeFileSync(join(folder, file), text);
  };
  const tarball = npm(root, 'pack', '--ignore-scripts', '--pack-destination', folder).trim().split('\n').at(-1)!;
  write('package.json', JSON.stringify({ name: 'consumer', private: true, type: 'module' }));
  npm(folder, 'install', '--prefer-offline', `./${tarball}`, 'rxjs@7.8.2', 'pyodide@314.0.7');
  return {
    folder,
    write,
    run: (command, ...args) => {
      const { stdout, stderr } = spawnSync(command, args, { cwd: folder, encoding: 'utf8' });
      return stdout + stderr;
    },
    build: (config) =>
      new Promise((resolve, reject) => {
        webpack({ mode: 'production', context: folder, performance: false, ...config }, (error, stats) => {
          if (error ?? stats?.hasErrors()) reject(error ?? new Error(stats?.toString('errors-only')));
          else resolve();
        });
      }),
    remove: () => {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
