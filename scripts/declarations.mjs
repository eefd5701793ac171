// The package's types. `build`: dist/*.d.ts. `check`: does the public API still match etc/*.api.md? `update`: rewrite
// those reports.
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor';
import { exported, folderOf, libraries, main, sideLibraries, specifierOf } from '../config/entries.mjs';
import { tool } from './run.mjs';

const root = new URL('../', import.meta.url);

/** @typedef {'build' | 'check' | 'update'} Task */
/** @typedef {import('../config/entries.mjs').Entry} Entry */

/** @param {string} path @param {string} text */
function write(path, text) {
  const file = new URL(path, root);
  mkdirSync(new URL('./', file), { recursive: true });
  writeFileSync(file, text);
}

/**
 * The folder that each project is emitted to. One emit for all would have Node's types at hand, which tsc could write into
 * the page's declarations.
 * @type {Map<string, string>}
 */
const emitted = new Map();
for (const { project, name } of libraries) if (!emitted.has(project)) emitted.set(project, `temp/types/${name}`);

/** @param {string} project @param {string} outDir */
async function emit(project, outDir) {
  rmSync(new URL(outDir, root), { recursive: true, force: true });
  const { code, output } = await tool('tsc', [
    ...['-p', project],
    ...['--noEmit', 'false', '--declaration', '--emitDeclarationOnly', '--stripInternal'],
    ...['--rootDir', 'src', '--outDir', outDir],
  ]);
  if (code !== 0) throw new Error(output);
}

/**
 * The emitted declarations of a library's folder.
 * @param {Entry} entry
 * @returns {{ name: string, text: string }[]}
 */
function declarationsOf(entry) {
  const folder = new URL(`${emitted.get(entry.project)}/${folderOf(entry).replace('src/', '')}/`, root);
  return readdirSync(folder)
    .filter((name) => name.endsWith('.d.ts'))
    .map((name) => ({ name, text: readFileSync(new URL(name, folder), 'utf8') }));
}

/**
 * @param {string} text
 * @param {(specifier: string) => string} change
 */
const withImports = (text, change) =>
  text.replaceAll(
    /(?<=\b(?:from|import|import\()\s*)(['"])(\.[^'"]+)\1/g,
    (_, quote, path) => quote + change(path) + quote,
  );

/**
 * What dist/index.d.ts is for the main library, a few plain files are for the others: they have to name the classes of
 * dist/index.d.ts, not copies of them.
 * @param {Entry} entry
 */
function copyDeclarations(entry) {
  for (const { name, text } of declarationsOf(entry)) {
    withImports(text, (path) => {
      if (/^[.][/][^/]+$/.test(path) || path === '../index.js') return path;
      throw new Error(
        `${folderOf(entry)}/${name} names ${path}, which is not shipped: keep it in that folder, or export it from ${main.source}`,
      );
    });
    if (name !== 'index.d.ts') write(`dist/${entry.name}/${name}`, text);
    else {
      const moved = withImports(text, (path) =>
        path === '../index.js' ? './index.js' : `./${entry.name}/${path.slice(2)}`,
      );
      write(`dist/${entry.name}.d.ts`, moved);
    }
  }
}

/**
 * The file that api-extractor starts from. For a side library it imports the main one by its name: what comes from a
 * package is left out of the report.
 * @param {Entry} entry
 */
function entryPoint(entry) {
  if (entry === main) return `${emitted.get(main.project)}/index.d.ts`;
  rmSync(new URL(`temp/api/${entry.name}`, root), { recursive: true, force: true });
  for (const { name, text } of declarationsOf(entry)) {
    const named = withImports(text, (path) => (path === '../index.js' ? specifierOf(main) : path));
    write(`temp/api/${entry.name}/${name}`, named);
  }
  // A package of its own, else the name would mean this package itself.
  write('temp/api/package.json', '{ "private": true }');
  write(
    `temp/api/node_modules/${specifierOf(main)}/index.d.ts`,
    `export * from '../../../types/${main.name}/index.js';\n`,
  );
  return `temp/api/${entry.name}/index.d.ts`;
}

/**
 * dist/index.d.ts as one file, or the comparison of a library's declarations with its report.
 * @param {Task} task
 * @param {Entry} entry
 */
function extract(task, entry) {
  const path = fileURLToPath(new URL('config/api-extractor.json', root));
  const report = `${specifierOf(entry).replace('/', '-')}.api.md`;
  const object = ExtractorConfig.loadFile(path);
  object.mainEntryPointFilePath = `<projectFolder>/${entryPoint(entry)}`;
  object.compiler = { tsconfigFilePath: `<projectFolder>/${entry.project}` };
  object.apiReport = { ...object.apiReport, enabled: task !== 'build', reportFileName: report };
  if (entry !== main) {
    // A side library's comments may link to what the main one exports.
    const extractorMessageReporting = {
      ...object.messages?.extractorMessageReporting,
      'ae-unresolved-link': { logLevel: ExtractorLogLevel.None },
    };
    object.messages = { ...object.messages, extractorMessageReporting };
  }
  object.dtsRollup = { ...object.dtsRollup, enabled: task === 'build' };
  const config = ExtractorConfig.prepare({
    configObject: object,
    configObjectFullPath: path,
    packageJsonFullPath: fileURLToPath(new URL('package.json', root)),
  });
  mkdirSync(new URL('etc/', root), { recursive: true });
  const { succeeded, apiReportChanged } = Extractor.invoke(config, {
    localBuild: task === 'update',
    messageCallback: (message) => {
      // Its version, and what it is about to do.
      if (message.messageId.startsWith('console-') && message.logLevel === 'info') message.handled = true;
    },
  });
  if (task === 'check' && apiReportChanged) {
    console.error(`The public API is not the one of etc/${report}. If that is meant: npm run api, and commit it.`);
  }
  if (!succeeded) throw new Error('api-extractor failed, see above');
}

/** @param {Task} task */
async function declarations(task) {
  await Promise.all([...emitted].map(([project, outDir]) => emit(project, outDir)));
  if (task !== 'build') return libraries.forEach((entry) => extract(task, entry));
  extract(task, main);
  sideLibraries.forEach(copyDeclarations);
  for (const { name, kind } of exported) {
    if (kind === 'worker') write(`dist/${name}.d.ts`, '// A worker script: it is started, not imported.\nexport {};\n');
  }
}

try {
  await declarations(/** @type {Task} */ (process.argv[2] ?? 'build'));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
