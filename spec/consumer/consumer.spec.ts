import { join } from 'node:path';
import type { Browser } from 'puppeteer';
import { serve as serveFolders, type Served } from '../../scripts/serve.mjs';
import { launch } from '../helpers/browser';
import { newProject, type Project } from './project';

const root = join(__dirname, '..', '..');

const play = `
const source = \`
class Env:
    def reset(self, *, seed=None, options=None):
        return 0, {}
    def step(self, action):
        return action * 2, 1.0, True, False, {}
env = Env()\`;
`;

/** What each consumer does: boot, step, and show the result. */
const main = `
import { createRuntime } from 'rxgym';
import { firstValueFrom } from 'rxjs';
${play}
const runtime = createRuntime({ indexURL: '/node_modules/pyodide/' });
const { pyodide } = await firstValueFrom(runtime.ready$);
const step = await firstValueFrom(runtime.env({ source }).step(21));
document.title = [pyodide, step.observation].join();
`;

const page = (head: string): string => `<!doctype html><link rel="icon" href="data:,"><title></title>${head}`;

describe('a project that installed the packed library', () => {
  let project: Project;
  let browser: Browser;
  let served: Served;
  beforeAll(async () => {
    project = newProject();
    [browser, served] = await Promise.all([
      launch(),
      serveFolders({ mounts: [{ path: '/', dir: project.folder }], isolated: false }),
    ]);
  }, 300_000);
  afterAll(async () => {
    await browser.close();
    await served.close();
    project.remove();
  });

  const titleOf = async (path: string): Promise<string> => {
    const tab = await browser.newPage();
    const problems: string[] = [];
    tab.on('pageerror', (error) => problems.push(String(error)));
    await tab.goto(served.url + path);
    await tab
      .waitForFunction(() => document.title !== '', { timeout: 60_000 })
      .catch((error: unknown) => {
        throw new Error(`${String(error)}; the page said: ${problems.join('; ')}`);
      });
    const title = await tab.title();
    await tab.close();
    return title;
  };

  it('uses it from a plain ES-module page with an import map', async () => {
    // RxJS has no build that browsers load as it is: its modules import one another without file endings
    await project.build({
      entry: { rxjs: 'rxjs' },
      experiments: { outputModule: true },
      output: { path: project.folder, filename: '[name].mjs', library: { type: 'module' } },
    });
    project.write('plain.mjs', main);
    const map = { imports: { rxgym: '/node_modules/rxgym/dist/index.js', rxjs: '/rxjs.mjs' } };
    project.write(
      'plain.html',
      page(`<script type="importmap">${JSON.stringify(map)}</script><script type="module" src="/plain.mjs"></script>`),
    );
    expect(await titleOf('plain.html')).toBe('314.0.7,42');
  });

  it('uses it from a webpack 5 build, with the default worker', async () => {
    project.write('main.mjs', main);
    await project.build({ entry: './main.mjs', output: { path: join(project.folder, 'built') } });
    project.write('webpack.html', page('<script defer src="/built/main.js"></script>'));
    expect(await titleOf('webpack.html')).toBe('314.0.7,42');
  });

  it('uses rxgym/node in Node', () => {
    project.write(
      'node.mjs',
      `import { createRuntime } from 'rxgym/node';
import { PythonRuntime } from 'rxgym';
import { firstValueFrom } from 'rxjs';
${play}
const runtime = createRuntime();
const step = await firstValueFrom(runtime.env({ source }).step(21));
console.log(step.observation, runtime instanceof PythonRuntime);
runtime.dispose();`,
    );
    expect(project.run('node', 'node.mjs').trim()).toBe('42 true');
  });

  it.each(['nodenext', 'bundler'])('has its types, with moduleResolution %s', (resolution) => {
    project.write(
      'types.ts',
      `import { createRuntime, stepWith, type NdArray, type ParallelStep, type Step } from 'rxgym';
import { createRuntime as inNode } from 'rxgym/node';
import 'rxgym/worker';
import { of } from 'rxjs';
of(1).pipe(stepWith(createRuntime().env<Step<NdArray>>({ source: '' }))).subscribe(({ observation }) => observation.data);
inNode().env<ParallelStep>({ make: 'x' }).steps$.subscribe(({ reward }) => reward.get(0));
// @ts-expect-error: an env comes from somewhere
createRuntime().env({});`,
    );
    const module = resolution === 'nodenext' ? 'nodenext' : 'esnext';
    const compilerOptions = { noEmit: true, strict: true, module, moduleResolution: resolution, target: 'es2022' };
    project.write(
      'tsconfig.json',
      JSON.stringify({
        compilerOptions: { ...compilerOptions, lib: ['es2022', 'dom'], types: [] },
        files: ['types.ts'],
      }),
    );
    expect(project.run(join(root, 'node_modules/.bin/tsc'), '--pretty', 'false')).toBe('');
  });
});
