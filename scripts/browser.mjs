// The browser that the specs drive: one that is installed already, else one that this installs.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

/** For a headless Chromium that may run as root and shall speak to nobody but us. */
export const chromiumFlags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const { env, platform } = process;
const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];

/** Where puppeteer keeps what it downloads: <cache>/chrome/<platform-build>/chrome-<platform>/chrome. */
function puppeteersOwn() {
  const cache = join(env.PUPPETEER_CACHE_DIR ?? join(homedir(), '.cache', 'puppeteer'), 'chrome');
  const inside = [
    ['chrome-linux64', 'chrome'],
    ['chrome-mac-arm64', 'Google Chrome for Testing.app', 'Contents', 'MacOS', 'Google Chrome for Testing'],
    ['chrome-mac-x64', 'Google Chrome for Testing.app', 'Contents', 'MacOS', 'Google Chrome for Testing'],
    ['chrome-win64', 'chrome.exe'],
  ];
  const builds = existsSync(cache) ? readdirSync(cache).sort().reverse() : [];
  return builds.flatMap((build) => inside.map((path) => join(cache, build, ...path)));
}

/** All places to look at, the wished-for first. */
const candidates = () => [
  ...[env.CHROME_PATH, env.PUPPETEER_EXECUTABLE_PATH].filter((path) => path !== undefined),
  ...(env.PATH ?? '').split(delimiter).flatMap((folder) => names.map((name) => join(folder, name))),
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  ...[env.PROGRAMFILES, env['PROGRAMFILES(X86)'], env.LOCALAPPDATA]
    .filter((folder) => folder !== undefined)
    .map((folder) => join(folder, 'Google', 'Chrome', 'Application', 'chrome.exe')),
  ...puppeteersOwn(),
];

/**
 * A file of that name is not enough on Linux: Ubuntu's `chromium-browser` may be a stub that asks for snap.
 * @param {string} path
 */
const starts = (path) =>
  existsSync(path) && (platform !== 'linux' || spawnSync(path, ['--version'], { timeout: 20_000 }).status === 0);

/** @returns {string | undefined} the path of a Chromium or Chrome that is installed */
export const findBrowser = () => candidates().find(starts);

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

/** A Firefox that is installed. */
export function findFirefox() {
  const found = [
    ...[env.FIREFOX_PATH].filter((path) => path !== undefined),
    ...(env.PATH ?? '')
      .split(delimiter)
      .flatMap((folder) => ['firefox', 'firefox-esr'].map((name) => join(folder, name))),
    '/Applications/Firefox.app/Contents/MacOS/firefox',
  ].find(starts);
  if (found !== undefined) return found;
  throw new Error('No Firefox could be found. Install one, or set FIREFOX_PATH to its executable.');
}

/**
 * A Chromium or Chrome, installed now if there is none: Debian's package where we may, else puppeteer's own build.
 * @returns {string}
 */
export function ensureBrowser() {
  const found = findBrowser();
  if (found !== undefined) return found;
  const root = platform === 'linux' && process.getuid?.() === 0;
  if (root && existsSync('/usr/bin/apt-get')) {
    if (attempt('apt-get', ['update', '-qq'])) attempt('apt-get', ['install', '-y', '-qq', 'chromium']);
  }
  const packaged = findBrowser();
  if (packaged !== undefined) return packaged;
  attempt('npx', ['--no-install', 'puppeteer', 'browsers', 'install', 'chrome', ...(root ? ['--install-deps'] : [])]);
  const downloaded = findBrowser();
  if (downloaded !== undefined) return downloaded;
  throw new Error(
    'The browser specs need Chromium or Chrome, and none could be found or installed. ' +
      'Install one (Debian: apt-get install chromium), or set CHROME_PATH to its executable.',
  );
}
