// dist: the JavaScript (webpack), then the types. `--js` leaves the types out.
import { rmSync } from 'node:fs';
import { run, tool } from './run.mjs';

rmSync(new URL('../dist/', import.meta.url), { recursive: true, force: true });
const parts = [tool('webpack', ['--stats', 'errors-warnings', '--fail-on-warnings', '--no-color'])];
if (!process.argv.includes('--js')) {
  parts.push(run(process.execPath, ['scripts/declarations.mjs', 'build'], { quiet: true }));
}
const started = performance.now();
const results = await Promise.all(parts);
const failed = results.filter(({ code }) => code !== 0);
for (const { output } of failed) console.error(output.trim());
const seconds = ((performance.now() - started) / 1000).toFixed(1);
console.log(failed.length === 0 ? `build: dist is ready (${seconds} s)` : `build: failed (${seconds} s)`);
process.exitCode = failed.length === 0 ? 0 : 1;
