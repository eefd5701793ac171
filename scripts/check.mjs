// Runs all gates, two at a time: one line for each, and the full output only of those that failed. dist must be built.
import { run } from './run.mjs';

/** Every gate is an npm script of its own; the slow ones go first. */
const gates = ['lint', 'types', 'attw', 'api:check', 'unused', 'publint', 'size', 'format', 'layers', 'entries:check'];
const waiting = [...gates];
/** @type {{ gate: string, output: string }[]} */
const failures = [];

async function lane() {
  for (let gate = waiting.shift(); gate !== undefined; gate = waiting.shift()) {
    const { code, output, seconds } = await run('npm', ['run', '--silent', gate], { quiet: true });
    console.log(`  ${code === 0 ? 'ok    ' : 'FAILED'} ${gate.padEnd(10)} ${seconds.toFixed(1).padStart(5)} s`);
    if (code !== 0) failures.push({ gate, output });
  }
}

await Promise.all([lane(), lane()]);
for (const { gate, output } of failures) console.log(`\n--- ${gate}\n${output.trim()}`);
console.log(
  failures.length === 0 ? 'check: all gates pass' : `check: failed: ${failures.map(({ gate }) => gate).join(', ')}`,
);
process.exitCode = failures.length === 0 ? 0 : 1;
