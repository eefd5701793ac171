// Gzipped and minimised, as a page's user downloads it; the peers stay outside.
/** @param {Record<string, unknown>} config */
const modifyEsbuildConfig = (config) => ({ ...config, format: 'esm' });

const page = { path: '../dist/index.js', gzip: true, ignore: ['rxjs'], modifyEsbuildConfig };

export default [
  // what a page cannot do without, and all of it: pools, operators, loop and painters are left out where they are not imported
  { ...page, name: 'rxgym: { createRuntime }', import: '{ createRuntime }', limit: '17.3 kB' },
  { ...page, name: 'rxgym: *', import: '*', limit: '26 kB' },
  { name: 'rxgym/worker', path: '../dist/worker.js', limit: '23.6 kB', gzip: true, modifyEsbuildConfig },
];
