// The values of types/build-constants.d.ts, for webpack and for Jest.
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, statSync } from 'node:fs';

const root = new URL('../', import.meta.url);
/** @param {string} path @returns {string} */
const versionOf = (path) => JSON.parse(readFileSync(new URL(path, root), 'utf8')).version;
/** @param {string} name */
const bytesOf = (name) => statSync(new URL(`node_modules/${name}`, root)).size;
const bridge = readdirSync(new URL('worker/bridge', root))
  .sort()
  .map((name) => readFileSync(new URL(`worker/bridge/${name}`, root)));

export const constants = {
  __RXGYM_VERSION__: versionOf('package.json'),
  __BRIDGE__: createHash('sha256').update(Buffer.concat(bridge)).digest('hex').slice(0, 16),
  __PYODIDE_VERSION__: versionOf('node_modules/pyodide/package.json'),
  __PYODIDE_SIZES__: Object.fromEntries(
    ['pyodide.asm.wasm', 'python_stdlib.zip', 'pyodide.asm.mjs'].map((name) => [name, bytesOf(`pyodide/${name}`)]),
  ),
  __ORT_VERSION__: versionOf('node_modules/onnxruntime-web/package.json'),
  __ORT_WASM_SIZE__: bytesOf('onnxruntime-web/dist/ort-wasm-simd-threaded.wasm'),
};
