// The files that the package consists of: dist/<name>.js each. Webpack, the declarations, the lint, the layers, Jest and
// the size limits read this list, and `npm run entries` writes it into package.json and the tsconfig.json files.
//
// A new entry is a row here, a folder src/<name>/ with an index.ts, then `npm run entries` and `npm run api`.
import { dirname } from 'node:path';

/**
 * @typedef {object} Size Gzipped and minified, what it imports from other packages left out.
 * @property {string} [import] The names that count, for instance `'{ createRuntime }'`. Default: the file as it is.
 * @property {string} limit
 *
 * @typedef {object} Entry
 * @property {string} name
 * @property {'library' | 'worker' | 'tool'} kind A library is imported by users, a worker is started, a tool belongs to
 * bin/.
 * @property {'web' | 'node'} platform
 * @property {string} source
 * @property {string} project The tsconfig.json that covers the source, and says which globals it sees.
 * @property {boolean} [exported] Whether package.json exports it. Default: a library is.
 * @property {readonly string[]} imports What its folder may import besides src/index.ts: packages, `node:` for
 * Node's builtins, and folders such as `src/protocol/`, of which its bundle then holds a copy. (The folder worker/ has layer
 * rules of its own.)
 * @property {readonly string[]} [optional] Those of its peer dependencies that users of the other entries need not install:
 * package.json's `peerDependenciesMeta` says so.
 * @property {readonly Size[]} [sizes] Required for what is exported for the web.
 */

/** @type {readonly [Entry, ...Entry[]]} */
export const entries = [
  {
    name: 'index',
    kind: 'library',
    platform: 'web',
    source: 'src/index.ts',
    project: 'src/tsconfig.json',
    // idb is imported when records are first used (src/records/database.ts).
    imports: ['rxjs', 'idb'],
    // What every page needs, and all of it: pools, operators, loop, painters and records are left out where they are not
    // imported.
    sizes: [
      { import: '{ createRuntime }', limit: '24.3 kB' },
      { import: '*', limit: '66.1 kB' },
    ],
  },
  {
    name: 'worker',
    kind: 'worker',
    platform: 'web',
    source: 'worker/main.ts',
    project: 'worker/tsconfig.json',
    exported: true,
    imports: [],
    sizes: [{ limit: '51.5 kB' }],
  },
  {
    name: 'onnx',
    kind: 'library',
    platform: 'web',
    source: 'src/onnx/index.ts',
    project: 'src/tsconfig.json',
    imports: ['rxjs', 'src/agents/random.ts', 'src/check.ts', 'src/describe.ts', 'src/runtime/address.ts'],
    sizes: [{ limit: '8 kB' }],
  },
  {
    name: 'onnx-worker',
    kind: 'worker',
    platform: 'web',
    source: 'worker/onnx/main.ts',
    project: 'worker/tsconfig.json',
    exported: true,
    // It imports the package at run time, by its address.
    imports: ['onnxruntime-web', 'src/onnx/messages.ts'],
    optional: ['onnxruntime-web'],
    sizes: [{ limit: '3 kB' }],
  },
  {
    name: 'jspsych',
    kind: 'library',
    platform: 'web',
    source: 'src/jspsych/index.ts',
    project: 'src/tsconfig.json',
    imports: ['rxjs', 'jspsych', 'src/check.ts', 'src/describe.ts'],
    optional: ['jspsych'],
    sizes: [{ limit: '5 kB' }],
  },
  {
    name: 'node',
    kind: 'library',
    platform: 'node',
    source: 'src/node/index.ts',
    project: 'src/node/tsconfig.json',
    imports: ['rxjs', 'node:'],
  },
  {
    name: 'node-worker',
    kind: 'worker',
    platform: 'node',
    source: 'worker/node.ts',
    project: 'worker/tsconfig.node.json',
    imports: ['node:'],
  },
  {
    name: 'bake',
    kind: 'tool',
    platform: 'node',
    source: 'worker/bake.ts',
    project: 'worker/tsconfig.json',
    imports: [],
  },
];

/** The library that the package's own name stands for. The other libraries import its file, never a copy of its classes. */
export const [main] = entries;

export const libraries = entries.filter(({ kind }) => kind === 'library');

/** Packages that only a command of bin/ needs. */
const ofCommands = ['libsql'];

/** All libraries but the main one. */
export const sideLibraries = libraries.filter((entry) => entry !== main);

export const workers = entries.filter(({ kind }) => kind === 'worker');

/** Those that package.json exports. */
export const exported = entries.filter((entry) => entry.exported ?? entry.kind === 'library');

/** The tsconfig.json files of the entries, each once. */
export const projects = [...new Set(entries.map(({ project }) => project))];

/**
 * The packages that an entry imports: users install them (peer dependencies) or get them along (dependencies), hence no
 * bundle holds them.
 * @param {Entry} entry
 */
export const packagesOf = ({ imports }) => imports.filter((name) => !/^(node:|src[/])/.test(name));

/** The peer dependencies that only some entries need. */
export const optionalPeers = [...new Set([...entries.flatMap(({ optional = [] }) => optional), ...ofCommands])].sort();

/** @param {Entry} entry The folder of its source, for instance `src/node`. */
export const folderOf = ({ source }) => dirname(source);

/** @param {Entry} entry How a user imports it, for instance `rxgym/node`. */
export const specifierOf = (entry) => (entry === main ? 'rxgym' : `rxgym/${entry.name}`);
