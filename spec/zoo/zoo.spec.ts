import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { lastValueFrom } from 'rxjs';
import { releaseFrame, type PythonRuntime } from '../../src/index';
import { wheel } from '../browser/wheel';
import { root } from '../helpers/folders';
import { realRuntime } from '../helpers/real-runtime';
import alone from './alone.py';
import { examine, type Pass, type Seen } from './passes.mjs';
import { pending } from './pending';
import { rows as all } from './table';

const folder = join(root, 'temp', 'zoo');
/** For a developer: ZOO_ONLY has a part of the rows' names, ZOO_LOG=1 tells each verdict. */
const { ZOO_ONLY = '', ZOO_LOG } = process.env;
const rows = all.filter(({ name }) => name.includes(ZOO_ONLY));
let runtimes: PythonRuntime[] = [];
let seen: Map<string, Seen>;

/** The zoo as a package that a page would bring. */
function zooWheel(): string {
  const files = readdirSync(__dirname).filter((name) => name.endsWith('.py') && name !== 'alone.py');
  const modules = files.map((name) => [`zoo/${name}`, readFileSync(join(__dirname, name), 'utf8')]);
  const { file, bytes } = wheel('zoo', '', Object.fromEntries(modules) as Record<string, string>);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, file), bytes);
  return pathToFileURL(join(folder, file)).href;
}

beforeAll(async () => {
  // problems that nobody looks at
  jest.spyOn(console, 'warn').mockImplementation(() => undefined);
  const options = { packages: [zooWheel()], restart: { limit: 1000, backoff: 0, snapshot: true } };
  const [runtime, other] = [realRuntime(options), realRuntime({ packages: options.packages })];
  runtimes = [runtime, other];
  // Node 20 ends with "unreachable code" where a heap grows under a call that was optimized: let it grow at once
  await lastValueFrom(runtime.run('len(bytearray(2**27))'));
  seen = await examine({ runtime, other, alone, releaseFrame }, rows, {
    ...(ZOO_LOG && { log: (line) => process.stdout.write(`${line}\n`) }),
  });
}, 600_000);
afterAll(() => {
  for (const runtime of runtimes) runtime.dispose();
});

/** An expectation that is not met yet must fail, so that nobody forgets it when it is. */
function expects(name: string, aspect: string, check: () => void): void {
  const open = Object.entries(pending).find(([, waiting]) => waiting[name]?.some((each) => each === aspect));
  if (open) it.failing(`${name}: ${aspect} (not yet: ${open[0]})`, check);
  else it(`${name}: ${aspect}`, check);
}

const verdict = (name: string, pass: Pass) => seen.get(name)?.verdicts[pass];

describe.each([
  ['setUp', 'is set up'],
  ['steps', 'takes the steps that plain Python takes'],
  ['state', 'is brought back to where it was'],
  ['deaths', 'survives three deaths as if there had been none'],
  ['rollout', 'is rolled out as it is stepped'],
] as const)('%s: it %s', (pass, _) => {
  for (const { name, expected } of rows) {
    const [what] = expected?.[pass] ?? ['equal'];
    expects(name, pass, () => {
      expect(verdict(name, pass)?.slice(0, what === 'equal' ? undefined : what.length)).toBe(what);
    });
  }
});

describe('what is seen of it', () => {
  for (const { name, ready, first, frame, frames, problems } of rows) {
    if (ready) expects(name, 'ready', () => expect(seen.get(name)?.ready).toMatchObject(ready));
    if (first) expects(name, 'first', () => expect(seen.get(name)?.first).toMatchObject(first));
    if (frame) expects(name, 'frame', () => expect(seen.get(name)?.frame).toMatchObject(frame));
    if (frames) expects(name, 'frames', () => expect(verdict(name, 'frames')).toContain(frames));
    if (problems) expects(name, 'problems', () => expect(verdict(name, 'problems')).toContain(problems));
  }
});

/** Lists give their agents away with the first values only. */
// lists give their agents away only by a step
const kinds = rows.map(({ name, kind, ready = {} }) => [
  name,
  { kind: kind === 'team' ? 'single' : kind, ...ready }.kind,
]);
expects('all', 'kind', () => {
  expect(
    rows.map(({ name }) => [name, (seen.get(name)?.ready as { readonly kind?: string } | undefined)?.kind]),
  ).toEqual(kinds);
});

it('has every pending row in the table, once', () => {
  const names = all.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const waiting of Object.values(pending))
    expect(['all', ...names]).toEqual(expect.arrayContaining(Object.keys(waiting)));
});
