// `npx rxgym bake env.py --out env.image`: sets an env up in Node, and writes the interpreter's memory for pages to start
// from. The work is worker/bake.ts's; here are the command line, the files and the packages.
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { folderOf } from './index-folder.mjs';
import { Problem } from './problem.mjs';

export const usage = `Usage: npx rxgym bake [env.py] --out env.image [options]

  env.py                Python that leaves a global named env; or one of
  --make ID             for gymnasium.make
  --entry-point M:F     called for the env
  --kwargs JSON         for --make and --entry-point
  --packages A,B        to be had by the env: pure-Python wheels (paths or URLs), or names in Pyodide's lock file
  --files FOLDER        copied to where Python runs
  --index-url FOLDER    where pyodide.mjs lies; default: the installed pyodide. Pages need the same version`;

/** @typedef {{ file_name: string, depends: string[] }} Locked */

/** @param {string} packages @param {string} index @returns {Promise<(readonly [string, Uint8Array])[]>} */
async function wheelsOf(packages, index, nativeCodeProblem) {
  const { info, packages: known } = JSON.parse(readFileSync(join(index, 'pyodide-lock.json'), 'utf8'));
  const { version } = JSON.parse(readFileSync(join(index, 'package.json'), 'utf8'));
  const cdn = `https://cdn.jsdelivr.net/pyodide/v${version}/full/`;
  /** @type {Map<string, string>} */
  const places = new Map();
  /** @param {string} name */
  const normal = (name) => name.toLowerCase().replace(/[-_.]+/g, '-');
  /** @type {Map<string, Locked>} */
  const locked = new Map(Object.entries(known).map(([name, one]) => [normal(name), one]));
  /** @param {string} name */
  const add = (name) => {
    if (name.endsWith('.whl')) return places.set(basename(name), name);
    const one = locked.get(normal(name));
    if (!one) {
      throw new Problem(
        `--packages: Pyodide ${version} (Python ${info.python}) has no ${name} in its lock file; ` +
          "give its wheel's path or URL, and those of what it needs (`pip download --only-binary=:all: NAME` fetches them)",
      );
    }
    const native = /-(?!none-any)([^-]+-[^-]+)\.whl$/.exec(one.file_name)?.[1];
    if (native || !one.file_name.endsWith('.whl')) throw new Problem(nativeCodeProblem(name, one.file_name));
    if (places.has(one.file_name)) return;
    const here = join(index, one.file_name);
    places.set(one.file_name, existsSync(here) ? here : cdn + one.file_name);
    one.depends.forEach(add);
  };
  packages.split(',').filter(Boolean).forEach(add);
  return Promise.all([...places].map(async ([name, place]) => [name, await bytesAt(place)]));
}

/** @param {string} place */
async function bytesAt(place) {
  if (!/^https?:/.test(place)) return read(place);
  const response = await fetch(place);
  if (!response.ok) throw new Problem(`${place}: the server answered ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

/** @param {string} path */
function read(path) {
  try {
    return new Uint8Array(readFileSync(path));
  } catch (error) {
    throw new Problem(`cannot read ${path}: ${error.message}`);
  }
}

/** @param {string} folder @returns {(readonly [string, Uint8Array])[]} */
function filesIn(folder, inside = '') {
  return readdirSync(join(folder, inside), { withFileTypes: true }).flatMap((entry) => {
    const path = inside + entry.name;
    return entry.isDirectory() ? filesIn(folder, `${path}/`) : [[path, read(join(folder, path))]];
  });
}

/** @param {string | undefined} json */
function kwargsOf(json = '{}') {
  try {
    const kwargs = JSON.parse(json);
    if (typeof kwargs === 'object' && kwargs !== null && !Array.isArray(kwargs)) return kwargs;
  } catch {
    // reported below
  }
  throw new Problem(`--kwargs: expected a JSON object, got ${json}`);
}

/** @param {string[]} args */
function commandLine(args) {
  const text = { type: /** @type {const} */ ('string') };
  const options = {
    out: text,
    make: text,
    'entry-point': text,
    kwargs: text,
    packages: text,
    files: text,
    'index-url': text,
  };
  try {
    return parseArgs({ args, options, allowPositionals: true });
  } catch (error) {
    throw new Problem(`${error.message}\n\n${usage}`);
  }
}

/** @param {string[]} args What came after `rxgym bake`. */
export async function main(args) {
  const { positionals, values } = commandLine(args);
  const [path, ...more] = positionals;
  const { out, make = null, 'entry-point': entryPoint = null } = values;
  const given = [path, make, entryPoint].filter((each) => typeof each === 'string');
  if (more.length || given.length !== 1 || !out) throw new Problem(usage);
  if (path && values.kwargs) throw new Problem('--kwargs: expected none with a source');
  const index = folderOf(values['index-url']);
  const { bake, nativeCodeProblem } = await import('../dist/bake.js');
  const { manifest, bytes } = await bake({
    indexURL: `${pathToFileURL(index).href}/`,
    indexPath: index,
    rxgym: JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version,
    env: {
      source: path ? new TextDecoder().decode(read(path)) : null,
      make,
      entryPoint,
      kwargs: kwargsOf(values.kwargs),
    },
    wheels: await wheelsOf(values.packages ?? '', index, nativeCodeProblem),
    files: values.files === undefined ? [] : filesIn(values.files),
  });
  const image = gzipSync(bytes, { level: 9 });
  writeFileSync(out, image);
  const mb = (/** @type {number} */ size) => `${(size / 1e6).toFixed(1)} MB`;
  console.log(
    `${out}: ${mb(image.length)} (${mb(manifest.memory)} of memory, ${manifest.files.length} files), ` +
      `for Pyodide ${manifest.pyodide} (Python ${manifest.python}) and rxgym ${manifest.rxgym}`,
  );
}
