// `check`: do package.json and the tsconfig.json files match config/entries.mjs? `update`: write it into them.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import * as prettier from 'prettier';
import {
  entries,
  exported,
  folderOf,
  main,
  optionalPeers,
  packagesOf,
  projects,
  sideLibraries,
  workers,
} from '../config/entries.mjs';

const root = new URL('../', import.meta.url);
/** @param {string} file */
const read = (file) => readFileSync(new URL(file, root), 'utf8');

/** @param {string} text */
function packageJson(text) {
  const entryOf = (/** @type {string} */ name) => ({ types: `./dist/${name}.d.ts`, default: `./dist/${name}.js` });
  const manifest = JSON.parse(text);
  manifest.main = entryOf(main.name).default;
  manifest.types = entryOf(main.name).types;
  manifest.exports = Object.fromEntries([
    ...exported.map((entry) => [entry === main ? '.' : `./${entry.name}`, entryOf(entry.name)]),
    ['./package.json', './package.json'],
  ]);
  manifest.peerDependenciesMeta = Object.fromEntries(optionalPeers.map((name) => [name, { optional: true }]));
  manifest.sideEffects = workers.map(({ name }) => `./dist/${name}.js`);
  manifest.files = [
    'bin/**/*.mjs',
    'dist/*.js',
    'dist/*.js.map',
    'dist/*.d.ts',
    ...sideLibraries.map(({ name }) => `dist/${name}/*.d.ts`),
    'PROTOCOL.md',
    'CHANGELOG.md',
  ];
  return JSON.stringify(manifest);
}

/**
 * `tsc -b` builds the projects of all entries, and those of the other folders.
 * @param {string} text
 */
function rootProject(text) {
  const own = projects.map((project) => `./${project.replace(/[/]tsconfig[.]json$/, '')}`);
  return text.replace(/"references": \[([^\]]*)\]/, (_, list) => {
    const paths = [...list.matchAll(/"path": "([^"]+)"/g)].map(([, path]) => path);
    const others = paths.filter((path) => !/^[.][/](src|worker)\b/.test(path));
    return `"references": [${[...own, ...others].map((path) => `{ "path": "${path}" }`)}]`;
  });
}

/**
 * The main library's project leaves out the folders that have a project of their own.
 * @param {string} text
 */
function mainProject(text) {
  const apart = sideLibraries.filter(({ project }) => project !== main.project);
  const folders = apart.map((entry) => `"./${folderOf(entry).slice(dirname(main.project).length + 1)}"`);
  return text.replace(/"exclude": \[[^\]]*\]/, `"exclude": [${folders}]`);
}

/** Mistakes in the list itself. */
function* mistakes() {
  const { dependencies, peerDependencies } = JSON.parse(read('package.json'));
  for (const entry of entries) {
    for (const file of [entry.source, entry.project]) {
      if (!existsSync(new URL(file, root))) yield `${entry.name}: there is no ${file}`;
    }
    for (const name of packagesOf(entry)) {
      if (name in dependencies || name in peerDependencies) continue;
      yield `${entry.name}: imports ${name}, which is not among the dependencies or peerDependencies`;
    }
    for (const name of entry.optional ?? []) {
      if (!entry.imports.includes(name)) yield `${entry.name}: does not import its optional peer ${name}`;
      if (main.imports.includes(name)) yield `${entry.name}: ${name} is not optional, since ${main.name} imports it`;
    }
    if (exported.includes(entry) && entry.platform === 'web' && !entry.sizes) yield `${entry.name}: has no size limit`;
  }
  for (const { name, source } of sideLibraries) {
    // The `paths` of spec/tsconfig.json, and the relative imports in its declarations, depend on it.
    if (source !== `src/${name}/index.ts`) yield `${name}: expected the source src/${name}/index.ts, got ${source}`;
  }
}

const problems = [...mistakes()];
const files = { 'package.json': packageJson, 'tsconfig.json': rootProject, [main.project]: mainProject };
const { prettier: style } = JSON.parse(read('package.json'));
for (const [file, wantedOf] of Object.entries(files)) {
  const text = read(file);
  const wanted = await prettier.format(wantedOf(text), { ...style, filepath: file });
  if (wanted === text) continue;
  if (process.argv[2] === 'update') writeFileSync(new URL(file, root), wanted);
  else problems.push(`${file}: does not match config/entries.mjs; run \`npm run entries\``);
}
for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;
