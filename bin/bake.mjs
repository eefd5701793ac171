// `npx rxgym bake env.py --out env.image`: sets an env up in Node, and writes the interpreter's memory for pages to start
// from. The work is worker/bake.ts's; here are the command line, the files and the packages.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { folderOf } from './index-folder.mjs';
import { Problem } from './problem.mjs';
import { textInZip } from './zip.mjs';

export const usage = `Usage: npx rxgym bake [env.py] --out env.image [options]

  env.py                Python that leaves a global named env; or one of
  --make ID             for gymnasium.make
  --entry-point M:F     called for the env
  --kwargs JSON         for --make and --entry-point
  --packages A,B        to be had by the env: wheels (paths or URLs), or names in Pyodide's lock file; what these need
                        is looked for in the lock file
  --files FOLDER        copied to where Python runs
  --index-url FOLDER    where pyodide.mjs lies; default: the installed pyodide. Pages need the same version
  --brotli QUALITY      of the .br, 0 to 11; default: 11, which takes half a minute`;

/** @typedef {{ file_name: string, depends: string[], install_dir: string, sha256: string }} Locked */
/** @typedef {import('../worker/bake.ts').BakedPackage} BakedPackage */

/** @param {string} name */
const normal = (name) => name.toLowerCase().replace(/[-_.]+/g, '-');

/** The packages and all that they need, without their dependants twice. @param {string} packages @param {string} index */
async function packagesOf(packages, index) {
  const { info, packages: known } = JSON.parse(readFileSync(join(index, 'pyodide-lock.json'), 'utf8'));
  const { version } = JSON.parse(readFileSync(join(index, 'package.json'), 'utf8'));
  const cdn = `https://cdn.jsdelivr.net/pyodide/v${version}/full/`;
  /** @type {Map<string, Locked>} */
  const locked = new Map(Object.entries(known).map(([name, one]) => [normal(name), one]));
  /** @type {Map<string, Promise<BakedPackage>>} */
  const found = new Map();
  /** @param {string} name @param {string} [by] */
  const add = async (name, by) => {
    if (name.endsWith('.whl')) return addWheel(name);
    const key = normal(name);
    if (found.has(key)) return;
    const one = locked.get(key);
    if (!one) {
      throw new Problem(
        `--packages: Pyodide ${version} (Python ${info.python}) has no ${name}${by ? `, which ${by} needs,` : ''} in its lock ` +
          "file; give its wheel's path or URL, too (`pip download --only-binary=:all: NAME` fetches it)",
      );
    }
    const here = join(index, one.file_name);
    const bytes = bytesAt(existsSync(here) ? here : cdn + one.file_name);
    found.set(
      key,
      bytes.then((bytes) => packageOf(name, one.file_name, bytes, one.install_dir)),
    );
    for (const each of one.depends) await add(each, name);
  };
  /** @param {string} place */
  const addWheel = async (place) => {
    const file = basename(new URL(place, 'file:///').pathname);
    const name = normal(file.split('-')[0] ?? file);
    if (found.has(name)) return;
    const bytes = await bytesAt(place);
    found.set(name, Promise.resolve(packageOf(name, file, bytes, 'site')));
    for (const each of requiredBy(bytes)) await add(each, file);
  };
  // wheels first, which go before those of the lock file
  const names = packages.split(',').filter(Boolean);
  for (const name of names.filter((name) => name.endsWith('.whl'))) await addWheel(name);
  for (const name of names) await add(name);
  return Promise.all(found.values());
}

/** @param {string} name @param {string} file @param {Uint8Array} bytes @param {string} installDir @returns {BakedPackage} */
function packageOf(name, file, bytes, installDir) {
  if (!/\.(whl|zip)$/.test(file)) throw new Problem(`--packages: ${file} is neither a wheel nor a zip file`);
  return { name, file, bytes, installDir, sha256: createHash('sha256').update(bytes).digest('hex') };
}

/**
 * What a wheel needs whatever its extras and the platform are: https://packaging.python.org/en/latest/specifications/core-metadata/.
 * @param {Uint8Array} wheel @returns {string[]}
 */
function requiredBy(wheel) {
  const metadata = textInZip(wheel, /^[^/]+\.dist-info\/METADATA$/) ?? '';
  const head = metadata.split(/\r?\n\r?\n/)[0] ?? '';
  return [...head.matchAll(/^Requires-Dist:\s*([A-Za-z0-9._-]+)([^;\n]*)(;.*)?$/gm)]
    .filter(([, , , marker = '']) => !/\b(extra|sys_platform|platform_system|os_name|python_version)\b/.test(marker))
    .map(([, name = '']) => name);
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
    brotli: text,
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
  const quality = Number(values.brotli ?? 11);
  if (!(quality >= 0 && quality <= 11)) throw new Problem(`--brotli: expected 0 to 11, got ${values.brotli}`);
  const index = folderOf(values['index-url']);
  const { bake } = await import('../dist/bake.js');
  const packages = await packagesOf(values.packages ?? '', index);
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
    packages,
    files: values.files === undefined ? [] : filesIn(values.files),
    onLine: (stream, line) => console[stream === 'stdout' ? 'log' : 'error'](line),
  });
  const [image, forBrotli] = await Promise.all([promisify(gzip)(bytes, { level: 9 }), brotliOf(bytes, quality)]);
  writeFileSync(out, image);
  writeFileSync(`${out}.br`, forBrotli);
  const mb = (/** @type {number} */ size) => `${(size / 1e6).toFixed(1)} MB`;
  const native = manifest.links?.modules.length ?? 0;
  if (packages.length) {
    console.log(
      `with ${packages.map(({ file }) => file).join(', ')}${native ? `; ${native} native modules loaded` : ''}`,
    );
  }
  console.log(
    `${out}: ${mb(image.length)} (${mb(manifest.memory)} of memory, ${manifest.files.length} files), ` +
      `for Pyodide ${manifest.pyodide} (Python ${manifest.python}) and rxgym ${manifest.rxgym}`,
  );
  console.log(`${out}.br: ${mb(forBrotli.length)}, to be sent in its place with Content-Encoding: br`);
}

/** The image for a server that sends it with `Content-Encoding: br`. @param {Uint8Array} bytes @param {number} quality */
function brotliOf(bytes, quality) {
  const { BROTLI_PARAM_QUALITY, BROTLI_PARAM_LGWIN, BROTLI_PARAM_SIZE_HINT, BROTLI_MAX_WINDOW_BITS } = constants;
  const params = {
    [BROTLI_PARAM_QUALITY]: quality,
    [BROTLI_PARAM_LGWIN]: BROTLI_MAX_WINDOW_BITS,
    [BROTLI_PARAM_SIZE_HINT]: bytes.length,
  };
  return promisify(brotliCompress)(bytes, { params });
}
