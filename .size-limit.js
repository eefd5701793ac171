// Gzipped and minimised, as a page's user downloads it; the peers stay outside.
/** @param {Record<string, unknown>} config */
const modifyEsbuildConfig = (config) => ({ ...config, format: 'esm' });

export default [
  {
    name: 'rxgym',
    path: 'dist/index.js',
    import: '*',
    limit: '9 kB',
    gzip: true,
    ignore: ['rxjs'],
    modifyEsbuildConfig,
  },
  { name: 'rxgym/worker', path: 'dist/worker.js', limit: '12 kB', gzip: true, modifyEsbuildConfig },
];
