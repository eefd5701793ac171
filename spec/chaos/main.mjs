// @ts-check
// The chaos run as long as one likes: npm run chaos -- --steps 20000 --faults 200 --seed 1 [--state own] [--json]
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createRuntime, nodeWorker } from '../../dist/node.js';
import { chaos, lines, sum } from './chaos.mjs';

const { values } = parseArgs({
  options: {
    steps: { type: 'string', default: '20000' },
    faults: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    /** pickled, own or unpicklable */
    state: { type: 'string', default: 'pickled' },
    json: { type: 'boolean', default: false },
  },
});
const report = await chaos(
  { createRuntime, nodeWorker, root: fileURLToPath(new URL('../..', import.meta.url)) },
  {
    steps: Number(values.steps),
    faults: Number(values.faults),
    seed: Number(values.seed),
    kind: /** @type {import('./chaos.mjs').Config['kind']} */ (values.state),
    log: (line) => console.error(line),
  },
);
const temp = new URL('../../temp/', import.meta.url);
mkdirSync(temp, { recursive: true });
const { steps, seed } = report.config;
const summary = { steps, faults: sum(report.injected), seed, differences: report.differences.length };
writeFileSync(new URL('chaos.json', temp), `${JSON.stringify(summary)}\n`);
console.log(values.json ? JSON.stringify(report) : lines(report).join('\n'));
process.exitCode = report.differences.length === 0 ? 0 : 1;
