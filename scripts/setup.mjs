// Installs the packages of package-lock.json when node_modules is missing or differs. It runs before anything is
// installed, so it imports nothing but Node's builtins.
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
/** @param {string[]} args */
function npm(...args) {
  console.log(`setup: npm ${args.join(' ')}`);
  const { status } = spawnSync('npm', [...args, '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
    env: { ...process.env, PUPPETEER_SKIP_DOWNLOAD: '1' },
  });
  return status === 0;
}

// `npm ci` refuses the lock file when the registry lacks a package for some other platform; `npm install` still installs
// the same versions.
if (!upToDate() && !npm('ci') && !npm('install', '--no-save')) {
  console.error('setup: the packages could not be installed, see above.');
  process.exit(1);
}
