// @ts-check
// The zoo's passes over real packages, where a whole Pyodide distribution is at hand:
// npm run test:real -- --index-url FOLDER_OR_URL [--only TEXT] [--steps 120] [--log]
//   [--source FILE --kind parallel --actions 7 --packages a,b]: an env file of one's own
import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { lastValueFrom } from 'rxjs';
import { releaseFrame } from '../../dist/index.js';
import { createRuntime } from '../../dist/node.js';
import { examine } from '../zoo/passes.mjs';
import { rows as table } from './table.mjs';

/** @typedef {import('./table.mjs').Row} Row */

const { values: given } = parseArgs({
  options: {
    'index-url': { type: 'string' },
    only: { type: 'string' },
    steps: { type: 'string', default: '120' },
    log: { type: 'boolean', default: false },
    source: { type: 'string' },
    kind: { type: 'string', default: 'single' },
    actions: { type: 'string', default: '2' },
    packages: { type: 'string', default: '' },
  },
});

/** Errors that say that something is not installed, or not known in the version that is. */
const absent = /No module named|ModuleNotFoundError|DependencyNotInstalled|NameNotFound|VersionNotFound/;
const columns = /** @type {const} */ (['setUp', 'steps', 'frames', 'state', 'deaths', 'rollout']);
const titles = ['set-up', `${given.steps} steps`, 'pictures', 'state', 'three deaths', 'rollout'];

function usage(/** @type {string} */ problem) {
  console.error(
    `test:real: ${problem}. Usage: npm run test:real -- --index-url FOLDER_OR_URL [--only TEXT] [--steps 120]`,
  );
  process.exit(2);
}

/** A folder or an address, as an address that ends with a slash. @param {string | undefined} place */
function address(place) {
  if (!place) return usage('expected --index-url, the folder or address of a full Pyodide distribution, got none');
  if (/^(https?|file):/.test(place)) return place.endsWith('/') ? place : `${place}/`;
  if (!statSync(place, { throwIfNoEntry: false })?.isDirectory()) return usage(`expected a folder, got ${place}`);
  return `${pathToFileURL(resolve(place)).href}/`;
}

/** The packages that a distribution has. @param {string} indexURL @returns {Promise<ReadonlySet<string>>} */
async function packagesOf(indexURL) {
  const url = new URL('pyodide-lock.json', indexURL);
  const text = url.protocol === 'file:' ? readFileSync(url, 'utf8') : await (await fetch(url)).text();
  const { packages } = JSON.parse(text);
  /** @param {string} file */
  const isThere = (file) => url.protocol !== 'file:' || !!statSync(new URL(file, indexURL), { throwIfNoEntry: false });
  // a local copy need not have all that its lock file lists
  return new Set(Object.keys(packages).filter((name) => isThere(packages[name].file_name)));
}

/** @returns {readonly Row[]} */
function chosen() {
  const { source, kind, actions, packages, only } = given;
  if (source === undefined) return table.filter(({ name }) => !only || name.includes(only));
  const needs = packages.split(',').filter(Boolean);
  return [
    {
      name: source.split('/').pop() ?? source,
      kind: /** @type {Row['kind']} */ (kind),
      actions: Array.from({ length: Number(actions) }, (_, i) => i),
      needs,
      shows: true,
      spec: { source: readFileSync(source, 'utf8'), packages: needs },
    },
  ];
}

const indexURL = /** @type {string} */ (address(given['index-url']));
const installed = await packagesOf(indexURL).catch((error) =>
  usage(`no pyodide-lock.json in ${indexURL}: ${error.message}`),
);
const rows = chosen();
const missing = (/** @type {Row} */ { needs }) => needs.filter((name) => !installed?.has(name));
const there = rows.filter((row) => !missing(row).length);

const packages = [...new Set(there.flatMap(({ needs }) => needs))];
const restart = { limit: 1000, backoff: 0 };
const [runtime, other] = [createRuntime({ indexURL, restart }), createRuntime({ indexURL, packages })];
runtime.stderr$.subscribe(given.log ? (line) => console.error(`  ${line}`) : () => undefined);
const began = performance.now();
async function examined() {
  // see spec/zoo/zoo.spec.ts
  await lastValueFrom(runtime.run('len(bytearray(2**27))'));
  if (installed?.has('numpy') && there.length) await lastValueFrom(other.run('import numpy'));
  const alone = readFileSync(new URL('../zoo/alone.py', import.meta.url), 'utf8');
  const log = given.log ? (/** @type {string} */ line) => console.error(line) : () => undefined;
  return examine({ runtime, other, alone, releaseFrame }, there, { steps: Number(given.steps), log });
}
const seen = await examined().finally(() => {
  runtime.dispose();
  other.dispose();
});

/** @type {string[][]} */
const lines = [];
/** @type {string[]} */
const failures = [];
const skipped = [];
for (const row of rows) {
  const absentPackages = missing(row);
  const verdicts = seen.get(row.name)?.verdicts ?? {};
  if (absentPackages.length || absent.test(verdicts.setUp ?? '')) {
    skipped.push(`${row.name}: ${absentPackages.join(', ') || verdicts.setUp}`);
    continue;
  }
  lines.push([
    row.name,
    ...columns.map((pass) => {
      const verdict = verdicts[pass];
      if (verdict === undefined) return '-';
      const expected = row.expected?.[pass];
      if (expected && verdict.startsWith(expected[0])) return `(${verdict.split(':', 2).join(':')})`;
      // what a picture is, is for the reader
      if (verdict === 'equal' || (pass === 'frames' && !/^(different|refused)/.test(verdict))) return verdict;
      failures.push(`${row.name}, ${pass}: ${verdict}`);
      return verdict.split(' ')[0]?.replace(':', '').toUpperCase() ?? '';
    }),
  ]);
}
const grid = [['env', ...titles], ...lines];
const widths = ['env', ...titles].map((_, i) => Math.max(...grid.map((line) => line[i]?.length ?? 0)));
for (const line of grid)
  console.log(
    line
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd(),
  );
for (const line of skipped) console.log(`skipped, not installed: ${line}`);
for (const line of failures) console.log(`failed: ${line.slice(0, 600)}`);
console.log(`${lines.length} envs in ${Math.round((performance.now() - began) / 1000)} s, ${skipped.length} skipped`);
console.log(`${lines.length * columns.length - failures.length} passed, ${failures.length} failed`);
process.exit(failures.length || !lines.length ? 1 : 0);
