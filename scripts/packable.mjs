// Before a tarball is packed: a build with `--js` has no declarations, and nobody would notice until somebody installs it.
import { existsSync, readFileSync } from 'node:fs';

const root = new URL('../', import.meta.url);
const { exports } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'));
/** @type {string[]} */
const paths = Object.values(exports).flatMap((entry) => (typeof entry === 'object' ? Object.values(entry) : [entry]));
const missing = paths.filter((path) => !existsSync(new URL(path, root)));
if (missing.length > 0) {
  console.error(`pack: ${missing.join(', ')} missing; \`npm run build\` makes them`);
  process.exitCode = 1;
}
