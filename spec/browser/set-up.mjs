// Before the browser specs: Pyodide's snapshot, and a browser for each of Jest's workers, which the files that it runs share
// (site.ts). Two workers must not share one: a window that opens takes the focus of another.
import { launch } from '../../scripts/browser.mjs';
import makeQuick from '../helpers/quick/set-up.mjs';

/** @type {import('puppeteer').Browser[]} */
export const browsers = [];

/** @param {{ maxWorkers: number }} config */
export default async function setUp({ maxWorkers }) {
  await makeQuick();
  const start = () => launch({ args: ['--host-resolver-rules=MAP lan.test localhost'] });
  browsers.push(...(await Promise.all(Array.from({ length: maxWorkers }, start))));
  process.env['SPEC_BROWSERS'] = browsers.map((browser) => browser.wsEndpoint()).join(' ');
}
