// `npm run bench`: measures in headless Chromium against a freshly built dist, prints a table, writes bench/results.json and
// draws bench/results.svg from it.
//
//   --rounds 5   how often each kind of boot is measured
//   --seed 1     of the order of the arms; printed, by default drawn
//   --only a,b   some groups, by name; the other figures of results.json stay as they are
//   --firefox    in Firefox, into results-firefox.json; without what only Chromium's developer tools can measure
//   --quick      fewer rounds of what takes long: to try the bench, not to quote it
//   --index-url  where a full distribution of Pyodide lies, for what needs NumPy or Gymnasium, which is not measured
//                without; or its folder in the environment variable RXGYM_DIST
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { launch } from '../scripts/browser.mjs';
import { run } from '../scripts/run.mjs';
import { serve } from '../scripts/serve.mjs';
import { boot } from './groups/boot.mjs';
import { bridge } from './groups/bridge.mjs';
import { bytes } from './groups/bytes.mjs';
import { chaos } from './groups/chaos.mjs';
import { checkpoint } from './groups/checkpoint.mjs';
import { film } from './groups/film.mjs';
import { frames } from './groups/frames.mjs';
import { heap } from './groups/heap.mjs';
import { interrupt } from './groups/interrupt.mjs';
import { lookahead } from './groups/lookahead.mjs';
import { loop } from './groups/loop.mjs';
import { records } from './groups/records.mjs';
import { overload } from './groups/overload.mjs';
import { pool } from './groups/pool.mjs';
import { restartHeap } from './groups/restart-heap.mjs';
import { restart } from './groups/restart.mjs';
import { rollout } from './groups/rollout.mjs';
import { size } from './groups/size.mjs';
import { steps } from './groups/steps.mjs';
import { randomFrom } from '../spec/helpers/random.mjs';
import { chart } from './chart.mjs';
import { table } from './table.mjs';

/** @typedef {import('./figure.mjs').Figure} Figure */

/** In this order; a new way to play or to boot is an arm of `steps` or `boot`, or a group of its own. */
const groups = [
  steps,
  lookahead,
  rollout,
  bridge,
  frames,
  film,
  boot,
  heap,
  size,
  bytes,
  interrupt,
  checkpoint,
  pool,
  overload,
  loop,
  records,
  restart,
  chaos,
  restartHeap,
];

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
    only: { type: 'string', default: groups.map(({ name }) => name).join(',') },
    firefox: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    'index-url': { type: 'string' },
  },
});
const [rounds, seed] = [Number(values.rounds), Number(values.seed)];
const wanted = groups.filter(
  ({ name, devtools }) => values.only.split(',').includes(name) && !(devtools && values.firefox),
);
const file = new URL(values.firefox ? 'results-firefox.json' : 'results.json', import.meta.url);
/** @param {string} path */
const dir = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));

const folder = process.env['RXGYM_DIST'];
const distribution = values['index-url'] ?? (folder ? '/distribution/' : null);

const build = await run(process.execPath, ['scripts/build.mjs', '--js']);
if (build.code !== 0) process.exit(build.code);
const served = await serve({
  mounts: [
    { path: '/pyodide/', dir: dir('node_modules/pyodide') }, // not cached: whether Chromium finds compiled code is a lottery
    ...(folder ? [{ path: '/distribution/', dir: resolve(folder) }] : []),
    { path: '/onnxruntime/', dir: dir('node_modules/onnxruntime-web/dist') },
    { path: '/', dir: dir('bench/page') },
    { path: '/', dir: dir('dist/bench') },
  ],
});
const browser = await launch({
  protocolTimeout: 900_000,
  ...(values.firefox ? { browser: 'firefox' } : { args: ['--js-flags=--expose-gc'] }),
});

/** @param {boolean} fresh In a context of its own, which `page.browserContext().close()` ends, with nothing stored. */
async function open(fresh = false) {
  const page = await (fresh ? await browser.createBrowserContext() : browser).newPage();
  page.on('pageerror', (error) => console.error(String(error)));
  await page.goto(served.url, { waitUntil: 'load' });
  return page;
}

const machine = {
  cpu: cpus()[0]?.model.trim() ?? 'unknown',
  cores: cpus().length,
  memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
  load: loadavg().map((load) => Number(load.toFixed(2))),
  browser: await browser.version(),
  node: process.version,
};
console.log(`bench: seed ${seed}, ${rounds} rounds of boots, load ${machine.load.join(' ')}, ${machine.browser}`);

/** @type {Record<string, Figure>} */
const figures = {};
/** @type {Record<string, string>} */
const missing = {};
try {
  for (const { name, ids, measure } of wanted) {
    const started = performance.now();
    console.log(`  ${name} …`);
    const context = {
      rounds: values.quick ? Math.min(rounds, 2) : rounds,
      quick: values.quick,
      seed,
      // Each group's own, so that `--only` has the same order as the whole run.
      random: randomFrom(seed),
      open,
      distribution,
      say: (/** @type {string} */ text) => console.log(`    ${text}`),
    };
    /** @type {Awaited<ReturnType<typeof measure>>} */
    let measured = {};
    let problem = 'not measured';
    try {
      measured = await measure(context);
    } catch (error) {
      problem = String(error);
      process.exitCode = 1;
    }
    for (const id of ids) {
      const figure = measured[id] ?? { missing: problem };
      if ('missing' in figure) missing[id] = figure.missing;
      else figures[id] = figure;
    }
    console.log(`    ${((performance.now() - started) / 1000).toFixed(0)} s`);
  }
} finally {
  await browser.close();
  await served.close();
}

console.log(`\n${table(figures, missing)}`);
const others = wanted.length < groups.length && existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
for (const id of Object.keys(missing)) delete others.figures?.[id];
for (const id of Object.keys(figures)) delete others.missing?.[id];
// those of another run say when that was
for (const figure of Object.values(others.figures ?? {})) figure.when ??= others.when;
const results = {
  machine,
  when: new Date().toISOString(),
  rounds,
  seed,
  quick: values.quick,
  figures: { ...others.figures, ...figures },
  missing: { ...others.missing, ...missing },
};
writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`);
if (!values.firefox) writeFileSync(new URL('results.svg', import.meta.url), chart(results));
