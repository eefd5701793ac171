import { join } from 'node:path';
import { serve as serveFolders, type Mount, type Served, type ServeOptions } from '../../scripts/serve.mjs';
import { root } from './folders';

/**
 * What the browser specs find: `/dist/` the library, `/pages/` the pages of spec/browser/pages, `/examples/` the
 * examples, `/ort/` onnxruntime-web, and `/pyodide/`, `/pyodide-0.26/`, `/pyodide-0.29/`.
 */
const folders: readonly Mount[] = [
  { path: '/pages/', dir: join(root, 'spec/browser/pages') },
  { path: '/pages/', dir: join(root, 'dist/pages') },
  { path: '/examples/', dir: join(root, 'examples') },
  { path: '/examples/', dir: join(root, 'dist/examples') },
  { path: '/dist/', dir: join(root, 'dist') },
  { path: '/ort/', dir: join(root, 'node_modules/onnxruntime-web/dist') },
  ...['pyodide', 'pyodide-0.26', 'pyodide-0.29'].map((name) => ({
    path: `/${name}/`,
    dir: join(root, 'node_modules', name),
  })),
];

const quick: Mount = { path: '/pyodide/', dir: join(root, 'temp/quick') };

export interface Serving extends Partial<ServeOptions> {
  /** True for a Pyodide that boots from nothing; default: one that starts from a snapshot, see helpers/quick. */
  readonly cold?: boolean;
}

/** Serves all that on a free port; `mounts` given here come first. */
export function serve({ cold = false, mounts = [], ...options }: Serving = {}): Promise<Served> {
  return serveFolders({ ...options, mounts: [...mounts, ...(cold ? [] : [quick]), ...folders] });
}
