import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import MinimizerPlugin from 'minimizer-webpack-plugin';
import webpack from 'webpack';
import { entries, libraries, main, packagesOf, sideLibraries, workers } from './config/entries.mjs';
import { constants } from './scripts/constants.mjs';

const root = import.meta.dirname;
const dist = join(root, 'dist');

/**
 * What all parts share: TypeScript to ES modules, with source maps.
 * @param {string} name
 * @param {string} tsconfig
 * @returns {import('webpack').Configuration}
 */
const part = (name, tsconfig) => ({
  name,
  mode: 'production',
  context: root,
  target: ['web', 'es2022'],
  devtool: 'source-map',
  performance: false,
  output: { path: dist, filename: '[name].js', module: true, publicPath: 'auto' },
  resolve: { extensions: ['.ts', '.js'], extensionAlias: { '.js': ['.ts', '.js'] } },
  module: {
    rules: [
      {
        test: /\.ts$/,
        // package.json's `sideEffects` applies to dist; in the sources a bare `import './x.js'` has to stay.
        sideEffects: true,
        loader: 'ts-loader',
        options: {
          instance: name,
          configFile: join(root, tsconfig),
          // `npm run types` checks the types, of all parts at once.
          transpileOnly: true,
          onlyCompileBundledFiles: true,
          compilerOptions: { noEmit: false, sourceMap: true, useDefineForClassFields: false },
        },
      },
      { test: /\.py$/, type: 'asset/source' },
      { test: /\.py$/, include: join(root, 'worker'), loader: join(root, 'scripts/strip-python.mjs') },
    ],
  },
  plugins: [
    new webpack.DefinePlugin(
      Object.fromEntries(Object.entries(constants).map(([key, value]) => [key, JSON.stringify(value)])),
    ),
  ],
});

/**
 * `new URL('./worker.js', import.meta.url)` and its like are for the consumer's bundler or browser to resolve: what we
 * ship must hold them word for word.
 */
const verbatim = { importMeta: false, url: false, worker: false };

/** What dist/index.js exports. A second copy of these classes would break `instanceof`. */
const shared = [main.source, 'src/errors.ts'].map((source) => join(root, source.replace(/[.]ts$/, '.js')));

/**
 * @param {string} name
 * @param {readonly import('./config/entries.mjs').Entry[]} its
 * @returns {import('webpack').Configuration}
 */
const library = (name, its) => ({
  ...part(name, main.project),
  entry: Object.fromEntries(its.map(({ name, source }) => [name, `./${source}`])),
  output: { ...part('', '').output, library: { type: 'module' } },
  externalsType: 'module',
  externals: [
    ...libraries.flatMap(packagesOf).map((name) => new RegExp(`^${name}(/|$)`)),
    /^node:/,
    ({ context = '', request = '' }, done) =>
      its.includes(main) || !shared.includes(resolve(context, request)) ? done() : done(undefined, `./${main.name}.js`),
  ],
  // Left readable: the consumer's bundler minimises, and knows its own NODE_ENV.
  optimization: { minimize: false, nodeEnv: false },
  module: { ...part(name, main.project).module, parser: { javascript: { ...verbatim, import: false } } },
});

/**
 * A script of its own, for a worker or for bin/rxgym.mjs: one file, which imports others (Pyodide's) at run time only.
 * @param {import('./config/entries.mjs').Entry} entry
 * @returns {import('webpack').Configuration}
 */
const script = ({ name, kind, platform, source, project }) => {
  const base = part(name, project);
  return {
    ...base,
    entry: { [name]: `./${source}` },
    target: [platform === 'node' ? 'node20' : 'webworker', 'es2022'],
    ...(kind === 'tool' ? { output: { ...base.output, library: { type: 'module' } } } : {}),
    module: { ...base.module, parser: { javascript: verbatim } },
    optimization: {
      minimizer: [
        new MinimizerPlugin({
          extractComments: false,
          // A consumer's bundler reads our worker too, and must leave `import(url)` of Pyodide alone. Class names show
          // in error messages.
          minimizerOptions: { format: { comments: /webpackIgnore|@vite-ignore/ }, keep_classnames: true },
        }),
      ],
    },
  };
};

/**
 * Pages that use the library as a consumer does: through package.json's `exports`, hence from dist.
 * @param {string} name
 * @param {string} tsconfig
 * @param {string} folder
 * @param {Record<string, string>} entry
 * @returns {import('webpack').Configuration}
 */
const pages = (name, tsconfig, folder, entry) => ({
  ...part(name, tsconfig),
  dependencies: [
    'library',
    'side libraries',
    ...workers.filter(({ platform }) => platform === 'web').map(({ name }) => name),
  ],
  entry,
  output: { ...part('', '').output, path: join(dist, folder), assetModuleFilename: 'assets/[name][ext]' },
  // Never published: code that can be read in the devtools matters more than its size.
  optimization: { minimize: false },
});

/** @param {string} folder */
const list = (folder) => (existsSync(join(root, folder)) ? readdirSync(join(root, folder)) : []);

const examples = Object.fromEntries(
  list('examples')
    .filter((name) => /^\d\d-/.test(name) && existsSync(join(root, 'examples', name, 'main.ts')))
    .map((name) => [`${name}/main`, `./examples/${name}/main.ts`]),
);
const specPages = Object.fromEntries(
  list('spec/browser/pages')
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
    .map((name) => [name.replace(/\.ts$/, ''), `./spec/browser/pages/${name}`]),
);

/** @param {string} name @param {string} folder @param {Record<string, string>} entry */
const benchPages = (name, folder, entry) => {
  const base = pages(name, 'bench/tsconfig.json', folder, entry);
  // workerpool asks for Node's modules where it finds itself in Node.
  return {
    ...base,
    resolve: { ...base.resolve, fallback: { child_process: false, os: false, worker_threads: false } },
  };
};
const peers = Object.fromEntries(
  list('bench/peers')
    .filter((name) => !['load.ts', 'methods.ts'].includes(name))
    .map((name) => [name.replace(/\.ts$/, ''), `./bench/peers/${name}`]),
);

export default [
  library('library', [main]),
  library('side libraries', sideLibraries),
  ...entries.filter(({ kind }) => kind !== 'library').map(script),
  pages('examples', 'examples/tsconfig.json', 'examples', examples),
  pages('pages', 'spec/tsconfig.json', 'pages', specPages),
  benchPages('bench', 'bench', { main: './bench/page/main.ts' }),
  { ...benchPages('peers', 'bench/peers', peers), target: ['webworker', 'es2022'] },
].filter(({ entry }) => Object.keys(entry ?? {}).length > 0);
