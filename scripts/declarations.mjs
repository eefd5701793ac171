// The package's types. `build`: dist/*.d.ts. `check`: does the public API still match etc/rxgym.api.md? `update`: rewrite
// that report.
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Extractor, ExtractorConfig } from '@microsoft/api-extractor';
import { tool } from './run.mjs';

const root = new URL('../', import.meta.url);

/** @typedef {'build' | 'check' | 'update'} Task */

/**
 * Two emits: with Node's types at hand tsc could write them into the page's declarations.
 * @param {string} project
 * @param {string} outDir
 */
async function emit(project, outDir) {
  rmSync(new URL(outDir, root), { recursive: true, force: true });
  const to = [
    '--noEmit',
    'false',
    '--declaration',
    '--emitDeclarationOnly',
    '--stripInternal',
    '--rootDir',
    'src',
    '--outDir',
    outDir,
  ];
  const { code, output } = await tool('tsc', ['-p', project, ...to]);
  if (code !== 0) throw new Error(output);
}

/**
 * dist/index.d.ts as one file, or the comparison of that one file with the report.
 * @param {Task} task
 */
function extract(task) {
  const path = fileURLToPath(new URL('config/api-extractor.json', root));
  const object = ExtractorConfig.loadFile(path);
  object.apiReport = { ...object.apiReport, enabled: task !== 'build' };
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
      // Words for whoever runs the program by hand: its version, and what it is about to do.
      if (message.messageId.startsWith('console-') && message.logLevel === 'info') message.handled = true;
    },
  });
  if (task === 'check' && apiReportChanged) {
    console.error('The public API is not the one of etc/rxgym.api.md. If that is meant: npm run api, and commit it.');
  }
  if (!succeeded) throw new Error('api-extractor failed, see above');
}

/** dist/node.d.ts stays plain files: it has to name the classes of dist/index.d.ts, not copies of them. */
function copyNode() {
  const from = new URL('temp/types-node/node/', root);
  const dist = new URL('dist/', root);
  for (const name of readdirSync(from)) {
    const text = readFileSync(new URL(name, from), 'utf8');
    if (name === 'index.d.ts') {
      const moved = text
        .replaceAll(/(['"])\.\/([^'"]+)\1/g, "'./node/$2'")
        .replaceAll(/(['"])\.\.\/index\.js\1/g, "'./index.js'");
      writeFileSync(new URL('node.d.ts', dist), moved);
    } else {
      mkdirSync(new URL('node/', dist), { recursive: true });
      writeFileSync(new URL(`node/${name}`, dist), text);
    }
  }
}

/** @param {Task} task */
async function declarations(task) {
  await Promise.all([emit('src', 'temp/types'), task === 'build' ? emit('src/node', 'temp/types-node') : undefined]);
  extract(task);
  if (task !== 'build') return;
  copyNode();
  writeFileSync(new URL('dist/worker.d.ts', root), '// A worker script: it is started, not imported.\nexport {};\n');
}

try {
  await declarations(/** @type {Task} */ (process.argv[2] ?? 'build'));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
