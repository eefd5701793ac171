// Installs what package-lock.json names, when node_modules is missing or is not that. It runs before anything is
// installed, so it imports nothing but Node.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

const root = new URL('../', import.meta.url);
/** @typedef {Record<string, { version?: string, resolved?: string, optional?: boolean }>} Packages */
/** @param {string} path @returns {Packages} */
const packagesOf = (path) => JSON.parse(readFileSync(new URL(path, root), 'utf8')).packages;

/** By content, not by date: a checkout touches the lock file without changing it. */
function upToDate() {
  // npm writes this one last, hence a broken install leaves none.
  if (!existsSync(new URL('node_modules/.package-lock.json', root))) return false;
  const wanted = packagesOf('package-lock.json');
  const installed = packagesOf('node_modules/.package-lock.json');
  delete wanted[''];
  return Object.entries(wanted).every(([path, { version, resolved, optional }]) => {
    const there = installed[path];
    // Optional packages are those of other platforms.
    return there ? there.version === version && there.resolved === resolved : optional === true;
  });
}

const [major = 0] = process.versions.node.split('.').map(Number);
if (major < 20) {
  console.error(`rxgym needs Node 20 or newer; this is ${process.versions.node}.`);
  process.exit(1);
}
if (!upToDate()) {
  console.log('setup: npm ci (once, or after package-lock.json has changed)');
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
    env: { ...process.env, PUPPETEER_SKIP_DOWNLOAD: '1' },
  });
  if (status !== 0) {
    console.error('setup: npm ci failed, see above.');
    process.exit(status ?? 1);
  }
}
