import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Problem } from './problem.mjs';

/**
 * The folder of Pyodide's files that a command was given by --index-url, or else that of the installed package.
 * @param {string | undefined} given
 * @throws {Problem} where it has none
 */
export function folderOf(given) {
  if (given === undefined) {
    try {
      return dirname(createRequire(import.meta.url).resolve('pyodide/package.json'));
    } catch {
      throw new Problem('there is no pyodide: `npm install pyodide`, or say --index-url');
    }
  }
  if (/^https?:/.test(given)) {
    throw new Problem(
      `--index-url: expected a folder, got ${given}; Node runs the files of the same version from a disk`,
    );
  }
  const folder = given.startsWith('file:') ? fileURLToPath(given) : resolve(given);
  if (!existsSync(join(folder, 'pyodide.mjs'))) throw new Problem(`--index-url: there is no pyodide.mjs in ${folder}`);
  return folder;
}
