// `npm test`: build, gates, then the specs. A failure does not stop what comes after it (a failed build does), and the
// last line is always `N passed, N failed`.
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { ensureBrowser } from './browser.mjs';
import { run, tool } from './run.mjs';

const temp = new URL('../temp/', import.meta.url);
const total = { passed: 0, failed: 0 };
/** @type {string[]} */
const failedParts = [];

/** @param {string} name @param {number} failed @param {number} [passed] */
function count(name, failed, passed = 0) {
  total.passed += passed;
  total.failed += failed;
  if (failed > 0) failedParts.push(name);
}

/** @param {string} title */
const heading = (title) => console.log(`\n=== ${title}`);

/**
 * @param {string} project
 * @param {readonly string[]} args
 */
async function specs(project, args) {
  heading(`${project} specs`);
  const report = new URL(`jest-${project}.json`, temp);
  rmSync(report, { force: true });
  const { code } = await tool(
    'jest',
    ['--selectProjects', project, ...args, '--json', '--outputFile', `temp/jest-${project}.json`],
    { quiet: false },
  );
  try {
    const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites } = JSON.parse(readFileSync(report, 'utf8'));
    // A suite that could not run has failed no test; it must not look like success.
    const failed = numFailedTests + numRuntimeErrorTestSuites;
    count(`${project} specs`, failed === 0 && code !== 0 ? 1 : failed, numPassedTests);
  } catch {
    count(`${project} specs`, 1);
  }
}

async function all() {
  heading('build');
  const build = await run(process.execPath, ['scripts/build.mjs']);
  if (build.code !== 0) return count('build', 1);

  heading('check');
  const check = await run(process.execPath, ['scripts/check.mjs']);
  if (check.code !== 0) count('check', 1);

  await specs('unit', []);
  // Each contract spec has a Python of its own (about 100 MB), and browser specs have one of two browsers. Specs that need a
  // fixed rate, or measure, run alone.
  await specs('contract', ['--maxWorkers', '2']);
  try {
    ensureBrowser();
  } catch (error) {
    heading('browser');
    console.log(error instanceof Error ? error.message : error);
    return count('browser specs', 1);
  }
  await specs('browser', ['--maxWorkers', '2']);
  await specs('rhythm', ['--runInBand']);
}

mkdirSync(temp, { recursive: true });
await all();
if (failedParts.length > 0) console.log(`\nfailed: ${failedParts.join(', ')}`);
console.log(`\n${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 ? 0 : 1;
