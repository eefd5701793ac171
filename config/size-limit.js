// What a page's user downloads; the peers stay outside.
import { entries, main, specifierOf } from './entries.mjs';

export default entries.flatMap((entry) =>
  (entry.sizes ?? []).map(({ import: names, limit }) => ({
    name: names === undefined ? specifierOf(entry) : `${specifierOf(entry)}: ${names}`,
    path: `../dist/${entry.name}.js`,
    ...(names === undefined ? {} : { import: names }),
    limit,
    gzip: true,
    // A page that imports a side library has the main one already.
    ignore: entry.kind === 'library' && entry !== main ? ['./index.js'] : [],
    /** @param {Record<string, unknown>} config */
    modifyEsbuildConfig: (config) => ({ ...config, format: 'esm' }),
  })),
);
