// The layers: arrows run one way.
//
//   errors, describe  ←  protocol  ←  worker
//   errors, describe  ←  protocol, check  ←  runtime  ←  env  ←  operators  ←  loop, render
//                                                            ←  pool

const errors = '^src/errors[.]ts$';
const describe = '^src/describe[.]ts$';
const check = '^src/check[.]ts$';
const protocol = '^src/protocol/';
const runtime = '^src/runtime/';
const env = '^src/env/';
const operators = '^src/operators/';
const rxjs = '^node_modules/rxjs/';
const pyodide = '(^|/)node_modules/pyodide/|^pyodide($|/)';
const nodeBuiltins = '^(node:)?(fs/promises|module|os|path|url|worker_threads)$';
const any = '.';

/** What lies under `path` may import what `to` lists, and nothing else: no other folder, no package, no Node builtin. */
const only = (name, path, to, comment) => ({
  name,
  comment,
  severity: 'error',
  from: { path },
  to: { path: any, pathNot: to },
});

module.exports = {
  forbidden: [
    only('errors-stand-alone', errors, [], 'errors.ts imports nothing'),
    only('describe-stands-alone', describe, [], 'describe.ts imports nothing'),
    only('check', check, [errors, describe], 'checks know no layer whose options they check'),
    only('protocol', protocol, [errors, describe, protocol], 'the protocol is plain data: it imports errors at most'),
    only('runtime', runtime, [errors, describe, check, protocol, runtime, rxjs], 'the runtime knows nothing of envs'),
    only('env', env, [errors, describe, check, protocol, runtime, env, rxjs], 'an env stands on a runtime'),
    only(
      'pool',
      '^src/pool/',
      [errors, check, protocol, runtime, env, '^src/pool/', '^src/create-runtime[.]ts$', rxjs],
      'a pool is made of runtimes and their envs',
    ),
    only('operators', operators, [errors, check, protocol, env, operators, rxjs], 'operators know an env at most'),
    {
      name: 'operators-take-an-interface',
      comment: "an operator needs an env's shape, not its making: `import type`",
      severity: 'error',
      from: { path: operators },
      to: { path: env, dependencyTypesNot: ['type-only'] },
    },
    only(
      'loop',
      '^src/loop/',
      [errors, check, protocol, env, operators, '^src/loop/', rxjs],
      'the loop ends the arrows',
    ),
    only(
      'render',
      '^src/render/',
      [errors, check, protocol, env, operators, '^src/render/', rxjs],
      'painters end the arrows',
    ),
    only(
      'node-entry',
      '^src/node/',
      ['^src/index[.]ts$', '^src/node/', rxjs, nodeBuiltins],
      'dist/node.js uses dist/index.js; a second copy of its classes would break instanceof',
    ),
    only('worker', '^worker/', [errors, protocol, '^worker/', nodeBuiltins, pyodide], 'self-contained'),
    {
      name: 'pyodide-in-two-files',
      comment: 'worker/interpreter.ts and load.ts are the only files that touch Pyodide, its types included',
      severity: 'error',
      from: { path: '^(src|worker)/', pathNot: '^worker/(interpreter|load)[.]ts$' },
      to: { path: pyodide },
    },
    {
      name: 'node-builtins-in-the-node-worker',
      comment: "Node's builtins belong to the worker's entry for Node",
      severity: 'error',
      from: { path: '^worker/', pathNot: '^worker/node[.]ts$' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'index-is-a-door-outwards',
      comment: 'inside the library, import the file that defines a thing',
      severity: 'error',
      from: { path: '^(src|worker)/', pathNot: '^src/node/' },
      to: { path: '^src/index[.]ts$' },
    },
    {
      name: 'examples-are-consumers',
      comment: "an example imports 'rxgym', as a user would",
      severity: 'error',
      from: { path: '^examples/' },
      to: { path: '^(src|worker|spec|scripts)/' },
    },
    {
      name: 'shipped-code-imports-no-tests',
      severity: 'error',
      from: { path: '^(src|worker)/' },
      to: { path: '^(spec|examples|scripts|dist)/' },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'resolvable',
      comment: 'a path that does not resolve would slip through the rules above',
      severity: 'error',
      from: { path: '^(src|worker|examples|scripts)/' },
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
