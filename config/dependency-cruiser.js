// The layers: arrows run one way.
//
//   errors  ←  protocol  ←  worker
//   errors  ←  protocol  ←  runtime  ←  recovery  ←  env  ←  operators  ←  agents  ←  loop
//                                                                       ←  render
//                                                        ←  pool
//
//   loop  ←  records  ←  persist, which alone know databases
//
// check.ts stands beside errors.ts: every floor from runtime on may use it.
// The libraries of config/entries.mjs stand outside: each imports src/index.ts.
import { entries, folderOf, main, sideLibraries, workers } from './entries.mjs';

/** With what describes a value in their messages. */
const errors = '^src/(errors|describe)[.]ts$';
const check = '^src/check[.]ts$';
const protocol = '^src/protocol/';
const runtime = '^src/runtime/';
const recovery = '^src/recovery/';
const env = '^src/env/';
/** An env's state, as users keep it. */
const state = '^src/recovery/env-state[.]ts$';
const operators = '^src/operators/';
const agents = '^src/agents/';
const rxjs = '^node_modules/rxjs/';
const pyodide = '(^|/)node_modules/pyodide/|^pyodide($|/)';
const nodeBuiltins = '^(node:)?(fs/promises|module|os|path|url|worker_threads)$';
const any = '.';

/** @param {string} path */
const exactly = (path) => `^${path.replaceAll('.', '[.]')}$`;
/** @param {import('./entries.mjs').Entry} entry */
const folder = (entry) => `^${folderOf(entry)}/`;
/** @param {string} name One of an entry's `imports`. */
const imported = (name) => {
  if (name === 'node:') return nodeBuiltins;
  return name.startsWith('src/') ? `^${name}` : `^node_modules/(@types/)?${name}/`;
};

/**
 * What lies under `path` may import what `to` lists, and nothing else: no other folder, no package, no Node builtin.
 * @param {string} name
 * @param {string} path
 * @param {string[]} to
 * @param {string} comment
 * @returns {import('dependency-cruiser').IForbiddenRuleType}
 */
const only = (name, path, to, comment) => ({
  name,
  comment,
  severity: 'error',
  from: { path },
  to: { path: any, pathNot: to },
});

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    only('errors-stand-alone', errors, [], 'errors and their words import nothing'),
    only('check', check, [errors], 'every floor from runtime on may use it, hence it uses none'),
    only('protocol', protocol, [errors, protocol], 'the protocol is plain data: it imports errors at most'),
    only('runtime', runtime, [errors, check, protocol, runtime, rxjs], 'the runtime knows nothing of envs'),
    only(
      'recovery',
      recovery,
      [errors, check, protocol, runtime, recovery, rxjs],
      'recovery stands on a runtime, and knows no env',
    ),
    only('env', env, [errors, check, protocol, runtime, recovery, env, rxjs], 'an env stands on a runtime'),
    only(
      'pool',
      '^src/pool/',
      [
        errors,
        check,
        protocol,
        runtime,
        state,
        env,
        '^src/pool/',
        '^src/create-runtime[.]ts$',
        '^src/operators/autoreset[.]ts$',
        rxjs,
      ],
      'a pool is made of runtimes and their envs',
    ),
    only(
      'operators',
      operators,
      [errors, check, protocol, state, env, operators, rxjs],
      'operators know an env at most',
    ),
    {
      name: 'operators-take-an-interface',
      comment: "an operator needs an env's shape, not its making: `import type`",
      severity: 'error',
      from: { path: operators },
      to: { path: env, dependencyTypesNot: ['type-only'] },
    },
    only(
      'agents',
      agents,
      [errors, check, protocol, env, operators, agents, rxjs],
      'agents choose what operators step',
    ),
    only(
      'loop',
      '^src/loop/',
      [errors, check, protocol, '^src/runtime/progress[.]ts$', state, env, operators, agents, '^src/loop/', rxjs],
      'the loop stands on agents, operators and envs',
    ),
    only(
      'render',
      '^src/render/',
      [errors, check, protocol, env, operators, '^src/render/', rxjs],
      'painters stand on operators and envs',
    ),
    only(
      'records',
      '^src/records/',
      [
        errors,
        check,
        protocol,
        '^src/runtime/(address|files|status)[.]ts$',
        env,
        operators,
        '^src/loop/',
        '^src/records/',
        rxjs,
        '^node_modules/idb/',
      ],
      'records stand on what the loop emits',
    ),
    only(
      'persist',
      '^src/persist/',
      [
        errors,
        check,
        protocol,
        env,
        state,
        '^src/loop/',
        '^src/records/(database|hand-over)[.]ts$',
        '^src/persist/',
        rxjs,
        '^node_modules/idb/',
      ],
      'a persisted game is what the loop emits',
    ),
    ...sideLibraries.map((entry) =>
      only(
        `${entry.name}-entry`,
        folder(entry),
        [exactly(main.source), folder(entry), ...entry.imports.map(imported)],
        `dist/${entry.name}.js uses dist/index.js; a second copy of its classes would break instanceof`,
      ),
    ),
    only(
      'worker',
      '^worker/',
      [errors, protocol, '^worker/', nodeBuiltins, pyodide, ...workers.flatMap(({ imports }) => imports.map(imported))],
      'self-contained',
    ),
    {
      name: 'onnxruntime-in-one-file',
      comment: 'worker/onnx/load.ts alone knows the package: its types too',
      severity: 'error',
      from: { path: '^(src|worker)/', pathNot: '^worker/onnx/load[.]ts$' },
      to: { path: '(^|/)node_modules/onnxruntime-' },
    },
    {
      name: 'pyodide-in-one-file',
      comment: 'worker/load.ts alone knows the package, its types included; the others use worker/pyodide.ts',
      severity: 'error',
      from: { path: '^(src|worker)/', pathNot: '^worker/load[.]ts$' },
      to: { path: pyodide },
    },
    {
      name: 'node-builtins-in-the-node-worker',
      comment: "Node's builtins belong to the worker's entry for Node",
      severity: 'error',
      from: {
        path: '^worker/',
        pathNot: entries.filter(({ imports }) => imports.includes('node:')).map(({ source }) => exactly(source)),
      },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'index-is-for-users',
      comment: 'inside the library, import the file that defines a thing',
      severity: 'error',
      from: { path: '^(src|worker)/', pathNot: sideLibraries.map(folder) },
      to: { path: '^src/index[.]ts$' },
    },
    {
      name: 'examples-are-consumers',
      comment: "an example imports 'rxgym', as a user would",
      severity: 'error',
      from: { path: '^examples/' },
      to: { path: '^(src|worker|spec|scripts|config|bench)/' },
    },
    {
      name: 'shipped-code-imports-no-tests',
      severity: 'error',
      from: { path: '^(src|worker)/' },
      to: { path: '^(spec|examples|scripts|config|bench|dist)/' },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'resolvable',
      comment: 'a path that does not resolve would slip through the rules above',
      severity: 'error',
      from: { path: '^(src|worker|examples|scripts|config)/' },
      // The package's own name resolves to dist, hence not before a build.
      to: { couldNotResolve: true, pathNot: '^rxgym(/|$)' },
    },
  ],
  options: {
    doNotFollow: { path: ['node_modules', '^dist/'] },
    exclude: { path: ['[.]py$'] },
    // Type-only imports are arrows too.
    tsPreCompilationDeps: 'specify',
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['types', 'import', 'require', 'node', 'default'],
      extensions: ['.ts', '.mjs', '.js', '.d.ts'],
    },
  },
};
