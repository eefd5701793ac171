// `npm start`: builds, and serves the examples together with Pyodide.
import { fileURLToPath } from 'node:url';
import { run } from './run.mjs';
import { serve } from './serve.mjs';

/** @param {string} path */
const dir = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const mounts = [
  { path: '/pyodide/', dir: dir('node_modules/pyodide'), kept: true },
  { path: '/onnxruntime/', dir: dir('node_modules/onnxruntime-web/dist'), kept: true },
  { path: '/', dir: dir('examples') },
  { path: '/', dir: dir('dist/examples') },
];

/**
 * @param {number} port
 * @returns {ReturnType<typeof serve>}
 */
const serveFrom = (port) =>
  // '::' takes IPv4 too, hence also a phone in the same network and a container's forwarded port.
  serve({ mounts, port, host: '::' }).catch((error) => {
    if (error.code === 'EAFNOSUPPORT') return serve({ mounts, port, host: '0.0.0.0' });
    if (error.code === 'EADDRINUSE' && port < 65535) return serveFrom(port + 1);
    throw error;
  });

const { code } = await run(process.execPath, ['scripts/build.mjs', '--js']);
if (code === 0) {
  const { url } = await serveFrom(Number(process.env.PORT ?? 8080));
  console.log(`rxgym examples: ${url}`);
} else {
  process.exitCode = code;
}
