// What a first visit downloads until the first step of the cart-pole, from a baked image: the requests that the worker
// makes while the server holds the standard library back, which is not waited for. The page's own script is not in it.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, gzip } from 'node:zlib';
import { run } from '../../scripts/run.mjs';
import { serve } from '../../scripts/serve.mjs';
import { rounded } from '../statistics.mjs';

/** @param {string} path */
const file = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const image = file('dist/bench/cart-pole.image');
const bake = [file('bin/rxgym.mjs'), 'bake', file('examples/03-cart-pole/cart_pole.py'), '--out', image];
const library = '/pyodide/python_stdlib.zip';
const pages = ['/', '/main.js', '/favicon.ico'];

/** @param {string} path */
const contents = (path) =>
  readFileSync(file(path.startsWith('/pyodide/') ? `node_modules${path}` : `dist/bench${path}`));

/** @type {import('../figure.mjs').Group} */
export const bytes = {
  name: 'bytes',
  ids: ['first-bytes'],
  async measure({ open }) {
    const baked = await run(process.execPath, bake, { quiet: true });
    if (baked.code !== 0) throw new Error(baked.output);
    const requests = await requestsOfAFirstStep(open);
    const cold = [...requests.filter((path) => !path.endsWith('.image')), library];
    const [brotli, gzipped, coldBrotli, coldGzipped] = [
      await total(requests, 'brotli'),
      await total(requests, 'gzip'),
      await total(cold, 'brotli'),
      await total(cold, 'gzip'),
    ];
    return {
      'first-bytes': {
        value: brotli,
        unit: 'MB',
        limit: 6,
        note:
          `to the first step of the cart-pole from a baked image, all in brotli (11); in gzip (9) ${gzipped} MB. ` +
          `Without an image ${coldBrotli} MB, ${coldGzipped} MB; with it, ` +
          `${await total([library], 'brotli')} MB of these arrive behind the first steps`,
      },
    };
  },
};

/** @param {import('../figure.mjs').Context['open']} open */
async function requestsOfAFirstStep(open) {
  const served = await serve({
    mounts: [
      { path: '/pyodide/', dir: file('node_modules/pyodide') },
      { path: '/', dir: file('bench/page') },
      { path: '/', dir: file('dist/bench') },
    ],
    intercept: ({ url }) => url === library,
  });
  const page = await open(true);
  try {
    await page.goto(served.url, { waitUntil: 'load' });
    await page.evaluate(() => bench.firstStep());
    return [...new Set(served.requests)].filter((path) => !pages.includes(path) && path !== library);
  } finally {
    await page.browserContext().close();
    await served.close();
  }
}

/** @param {readonly string[]} paths @param {'brotli' | 'gzip'} coding */
async function total(paths, coding) {
  let sum = 0;
  for (const path of paths) sum += await sizeOf(path, coding);
  return rounded(sum / 1e6);
}

/** @type {Map<string, Promise<number>>} */
const sizes = new Map();

/** @param {string} path @param {'brotli' | 'gzip'} coding */
function sizeOf(path, coding) {
  const key = `${coding} ${path}`;
  const size = sizes.get(key) ?? measured(path, coding);
  sizes.set(key, size);
  return size;
}

/** Both at their best, which for brotli is what Node does of itself. @param {string} path @param {'brotli' | 'gzip'} coding */
async function measured(path, coding) {
  const bytes = contents(path);
  if (path.endsWith('.image')) return coding === 'gzip' ? bytes.length : contents(`${path}.br`).length;
  return (await (coding === 'gzip' ? promisify(gzip)(bytes, { level: 9 }) : promisify(brotliCompress)(bytes))).length;
}
