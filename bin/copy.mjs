// `npx rxgym copy`: what pages load beside their bundle, in a folder that the server serves.
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { folderOf } from './index-folder.mjs';
import { Problem } from './problem.mjs';

export const usage = `Usage: npx rxgym copy FOLDER [options]

  Copies the worker's script to FOLDER/rxgym and Pyodide to FOLDER/pyodide, for bundlers that do not do so:
  createRuntime({ worker: '/rxgym/worker.js', indexURL: '/pyodide/' })

  --index-url FOLDER    where pyodide.mjs lies; default: the installed pyodide`;

const scripts = ['worker.js', 'onnx-worker.js'];

/** @param {string[]} args */
export async function main(args) {
  const { positionals, values } = commandLine(args);
  const [folder, ...more] = positionals;
  if (folder === undefined || more.length > 0) throw new Problem(usage);
  const pyodide = folderOf(values['index-url']);
  const dist = fileURLToPath(new URL('../dist/', import.meta.url));
  for (const name of scripts.filter((name) => existsSync(join(dist, name)))) {
    copy(join(dist, name), join(folder, 'rxgym', name));
  }
  for (const name of readdirSync(pyodide).filter(isForPages)) copy(join(pyodide, name), join(folder, 'pyodide', name));
  const { version } = JSON.parse(readFileSync(join(pyodide, 'package.json'), 'utf8'));
  console.log(`${join(folder, 'rxgym')}: the worker`);
  console.log(`${join(folder, 'pyodide')}: Pyodide ${version}`);
  console.log(`createRuntime({ worker: '/rxgym/worker.js', indexURL: '/pyodide/' })`);
}

/** Neither the types nor what only Node runs. @param {string} name */
const isForPages = (name) => /^pyodide\.mjs$|^pyodide\.asm\.(mjs|wasm)$|[.](whl|zip)$|^pyodide-lock\.json$/.test(name);

/** @param {string} from @param {string} to */
function copy(from, to) {
  mkdirSync(join(to, '..'), { recursive: true });
  cpSync(from, to);
}

/** @param {string[]} args */
function commandLine(args) {
  try {
    return parseArgs({ args, options: { 'index-url': { type: 'string' } }, allowPositionals: true });
  } catch (error) {
    throw new Problem(`${error instanceof Error ? error.message : error}\n\n${usage}`);
  }
}
