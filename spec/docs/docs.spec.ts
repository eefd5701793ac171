import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import ts from 'typescript';
import { root } from '../helpers/folders';

const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const pages = [
  'README.md',
  'PROTOCOL.md',
  ...readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

/** As GitHub makes them of headings. */
const anchorsOf = (text: string): string[] =>
  [...withoutCode(text).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\- _]/gu, '')
      .replace(/ /g, '-'),
  );

const withoutCode = (text: string): string => text.replace(/^```[^]*?^```/gm, '');

describe('the documentation', () => {
  it.each(pages)('%s links to what is there', (page) => {
    const broken = [...withoutCode(read(page)).matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, target = '']) => target)
      .filter((target) => !/^https?:/.test(target))
      .filter((target) => {
        const [path = '', anchor] = target.split('#');
        const file = path === '' ? page : relative(root, join(root, dirname(page), path));
        if (!existsSync(join(root, file))) return true;
        return anchor !== undefined && !anchorsOf(read(file)).includes(anchor);
      });
    expect(broken).toEqual([]);
  });

  it('is reached from the README, every page of it', () => {
    const linked = [...read('README.md').matchAll(/\]\((docs\/[^)#]+\.md)/g)].map(([, path]) => path);
    expect(pages.filter((page) => page.startsWith('docs/') && !linked.includes(page))).toEqual([]);
  });
});

/** What the README's recipes take for granted. */
const prelude = `
import * as rxgym from 'rxgym';
import * as rxjs from 'rxjs';
declare global {
  const runtime: rxgym.PythonRuntime;
  const env: rxgym.GymEnv;
  const team: rxgym.GymEnv<rxgym.ParallelStep>;
  const actions$: rxjs.Observable<rxgym.Action>;
  const game$: rxjs.Observable<rxgym.Round<rxgym.ParallelStep>>;
  const [bar, said, button]: [HTMLProgressElement, HTMLElement, HTMLButtonElement];
  function useState<T>(value: T): [T, (value: T) => void];
  function useEffect(effect: () => () => void, inputs: readonly unknown[]): void;
}
`;

describe('the README', () => {
  it('is a front page: at most 200 lines of at most 120 characters', () => {
    const lines = read('README.md').trimEnd().split('\n');
    expect(lines.length).toBeLessThanOrEqual(200);
    expect(lines.filter((line) => line.length > 120)).toEqual([]);
  });

  it('has code that compiles', () => {
    const files = new Map([[join(root, 'temp/readme/prelude.ts'), prelude]]);
    const blocks = [...read('README.md').matchAll(/^```ts\n([^]*?)^```/gm)].map(([, code = '']) => code);
    blocks.forEach((code, i) => files.set(join(root, `temp/readme/block-${i}.ts`), whole(code)));
    expect(problemsIn(files)).toEqual([]);
    expect(blocks.length).toBeGreaterThan(5);
  });
});

/** A recipe with the imports that it leaves out. */
function whole(code: string): string {
  if (code.startsWith('import ')) return code;
  const names = [...new Set(code.match(/(?<!\.)\b[a-zA-Z]\w*\$?/g))];
  const imports = (library: string, all: ReadonlySet<string>) =>
    `import { ${names.filter((name) => all.has(name)).join(', ')} } from '${library}';\n`;
  return imports('rxgym', ours) + imports('rxjs', rxjs) + code;
}

const exported = [...read('src/index.ts').matchAll(/^export (?:type )?\{([^}]*)\}/gm)];
const ours = new Set(exported.flatMap(([, names = '']) => names.match(/[\w$]+/g) ?? []));
const rxjs = new Set(['from', 'fromEvent', 'firstValueFrom', 'map', 'pipe', 'share', 'switchMap']);

function problemsIn(files: ReadonlyMap<string, string>): string[] {
  const { config } = ts.readConfigFile(join(root, 'spec/tsconfig.json'), (path) => ts.sys.readFile(path));
  const { options } = ts.parseJsonConfigFileContent({ ...config, files: [], include: [] }, ts.sys, join(root, 'spec'));
  const settings = {
    ...options,
    noUnusedLocals: false,
    noUnusedParameters: false,
    verbatimModuleSyntax: false,
    isolatedModules: false,
    composite: false,
    incremental: false,
  };
  const host = ts.createCompilerHost(settings);
  const { readFile, fileExists } = host;
  host.readFile = (path) => files.get(path) ?? readFile(path);
  host.fileExists = (path) => files.has(path) || fileExists(path);
  host.getSourceFile = (path, languageVersion) => {
    const text = host.readFile(path);
    return text === undefined ? undefined : ts.createSourceFile(path, text, languageVersion);
  };
  const globals = readdirSync(join(root, 'types')).map((name) => join(root, 'types', name));
  const program = ts.createProgram([...globals, ...files.keys()], settings, host);
  return ts.getPreEmitDiagnostics(program).map(({ file, start, messageText }) => {
    const line = file && start !== undefined ? ts.getLineAndCharacterOfPosition(file, start).line + 1 : 0;
    return `${file?.fileName.split('/').pop()}:${line} ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
  });
}
