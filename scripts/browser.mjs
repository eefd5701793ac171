// The browsers that the specs and the bench drive: those that are installed already, else those that this installs.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import puppeteer from 'puppeteer';

/** For a headless Chromium that may run as root, and makes no requests of its own. */
const chromiumFlags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const { env, platform } = process;
const programFiles = [env.PROGRAMFILES, env['PROGRAMFILES(X86)'], env.LOCALAPPDATA].filter(
  (path) => path !== undefined,
);

/**
 * @typedef {object} Kind
 * @property {string} title
 * @property {readonly string[]} variables Environment variables that may name its executable.
 * @property {readonly string[]} names Of the executable, in the folders of PATH.
 * @property {readonly string[]} places Where else it may be.
 * @property {string} download What puppeteer calls it, and the folder in its cache.
 * @property {readonly (readonly string[])[]} inside Where a build in that folder has its executable.
 * @property {string} packaged Debian's package.
 */

/** @type {Kind} */
const chromium = {
  title: 'Chromium or Chrome',
  variables: ['CHROME_PATH', 'PUPPETEER_EXECUTABLE_PATH'],
  names: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'],
  places: [
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    ...programFiles.map((folder) => join(folder, 'Google', 'Chrome', 'Application', 'chrome.exe')),
  ],
  download: 'chrome',
  inside: [
    ['chrome-linux64', 'chrome'],
    ['chrome-mac-arm64', 'Google Chrome for Testing.app', 'Contents', 'MacOS', 'Google Chrome for Testing'],
    ['chrome-mac-x64', 'Google Chrome for Testing.app', 'Contents', 'MacOS', 'Google Chrome for Testing'],
    ['chrome-win64', 'chrome.exe'],
  ],
  packaged: 'chromium',
};

/** @type {Kind} */
const firefox = {
  title: 'Firefox',
  variables: ['FIREFOX_PATH'],
  names: ['firefox-esr', 'firefox'],
  places: [
    '/Applications/Firefox.app/Contents/MacOS/firefox',
    ...programFiles.map((folder) => join(folder, 'Mozilla Firefox', 'firefox.exe')),
  ],
  download: 'firefox',
  inside: [
    ['firefox', 'firefox'],
    ['Firefox.app', 'Contents', 'MacOS', 'firefox'],
    ['core', 'firefox.exe'],
  ],
  packaged: 'firefox-esr',
};

/**
 * Where puppeteer keeps what it downloads: <cache>/chrome/<platform-build>/chrome-<platform>/chrome.
 * @param {Kind} kind
 */
function puppeteersOwn({ download, inside }) {
  const cache = join(env.PUPPETEER_CACHE_DIR ?? join(homedir(), '.cache', 'puppeteer'), download);
  const builds = existsSync(cache) ? readdirSync(cache).sort().reverse() : [];
  return builds.flatMap((build) => inside.map((path) => join(cache, build, ...path)));
}

/**
 * All paths to try, in order of preference.
 * @param {Kind} kind
 */
const candidates = (kind) => [
  ...kind.variables.map((name) => env[name]).filter((path) => path !== undefined),
  ...(env.PATH ?? '').split(delimiter).flatMap((folder) => kind.names.map((name) => join(folder, name))),
  ...kind.places,
  ...puppeteersOwn(kind),
];

/**
 * A file of that name is not enough on Linux: Ubuntu's `chromium-browser` may be a stub that asks for snap.
 * @param {string} path
 */
const starts = (path) =>
  existsSync(path) && (platform !== 'linux' || spawnSync(path, ['--version'], { timeout: 20_000 }).status === 0);

/** @param {string} command @param {string[]} args */
function attempt(command, args) {
  console.log(`browser: ${command} ${args.join(' ')}`);
  const { status, stdout, stderr } = spawnSync(command, args, {
    encoding: 'utf8',
    cwd: new URL('../', import.meta.url),
    env: { ...env, DEBIAN_FRONTEND: 'noninteractive' },
    shell: platform === 'win32',
  });
  if (status !== 0) console.log(`${stdout ?? ''}${stderr ?? ''}`.trim().split('\n').slice(-5).join('\n'));
  return status === 0;
}

/**
 * An installed one, else installs one: Debian's package if we are root, else puppeteer's own build.
 * @param {Kind} kind
 * @returns {string}
 */
function ensure(kind) {
  const find = () => candidates(kind).find(starts);
  const found = find();
  if (found !== undefined) return found;
  const root = platform === 'linux' && process.getuid?.() === 0;
  if (root && existsSync('/usr/bin/apt-get')) {
    if (attempt('apt-get', ['update', '-qq'])) attempt('apt-get', ['install', '-y', '-qq', kind.packaged]);
  }
  const packaged = find();
  if (packaged !== undefined) return packaged;
  const extra = root && kind === chromium ? ['--install-deps'] : [];
  attempt('npx', ['--no-install', 'puppeteer', 'browsers', 'install', kind.download, ...extra]);
  const downloaded = find();
  if (downloaded !== undefined) return downloaded;
  throw new Error(
    `${kind.title} is needed by browser specs and the bench, and none could be found or installed. ` +
      `Install one (Debian: apt-get install ${kind.packaged}), or set ${kind.variables[0]} to its executable.`,
  );
}

/** The path of a Chromium or Chrome; throws where there is none. */
export const ensureBrowser = () => ensure(chromium);

/** The path of a Firefox; throws where there is none. */
export const ensureFirefox = () => ensure(firefox);

/**
 * A headless Chromium or Chrome, or Firefox if `browser` says so.
 * @param {import('puppeteer').LaunchOptions} [options] `args` are added to ours.
 */
export function launch({ browser = 'chrome', args = [], ...options } = {}) {
  return puppeteer.launch({
    // a call into a page waits as long as the spec that makes it
    protocolTimeout: 0,
    headless: true,
    browser,
    ...(browser === 'firefox'
      ? { executablePath: ensureFirefox(), args }
      : { executablePath: ensureBrowser(), args: [...chromiumFlags, ...args] }),
    ...options,
  });
}
