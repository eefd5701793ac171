// What a page's user downloads: minimised and gzipped, rxjs outside. `npm run size` guards limits of its own.
import { readFileSync, readdirSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { run } from '../../scripts/run.mjs';
import stripPython from '../../scripts/strip-python.mjs';
import { rounded } from '../statistics.mjs';

/** @type {import('../figure.mjs').Group} */
export const size = {
  name: 'size',
  ids: ['size-page', 'size-worker'],
  async measure() {
    const { output } = await run('npm', ['run', '--silent', 'size', '--', '--json'], { quiet: true });
    /** @type {{ name: string, size: number }[]} */
    const sizes = JSON.parse(output.slice(output.indexOf('['), output.lastIndexOf(']') + 1));
    /** @param {string} wanted */
    const kB = (wanted) => rounded((sizes.find(({ name }) => name === wanted)?.size ?? NaN) / 1000);
    return {
      'size-page': {
        value: kB('rxgym: { createRuntime }'),
        unit: 'kB',
        limit: 9,
        note: `createRuntime alone; all of it ${kB('rxgym: *')} kB`,
      },
      'size-worker': {
        value: kB('rxgym/worker'),
        unit: 'kB',
        limit: 12,
        note: `${rounded(gzipSync(python()).length / 1000)} kB of it is the bridge, in Python, without its comments`,
      },
    };
  },
};

/** The bridge, as it is in the worker. */
function python() {
  const folder = new URL('../../worker/bridge/', import.meta.url);
  const files = readdirSync(folder).filter((name) => name.endsWith('.py'));
  return files.map((name) => stripPython(readFileSync(new URL(name, folder), 'utf8'))).join('');
}
