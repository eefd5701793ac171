import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parentPort } from 'node:worker_threads';
import type { WorkerScope } from './platform.js';
import { listen } from './serve.js';

const port = parentPort;
if (!port) throw new Error('this file is the entry of a worker thread; rxgym/node starts it');

/** The events of a worker's global scope. Without a listener, an uncaught error would end the thread. */
const scope: WorkerScope = {
  addEventListener(type: string, listener: (event: never) => void): void {
    const tell = listener as (event: object) => void;
    if (type === 'message') port.addEventListener('message', tell);
    else if (type === 'error') process.on('uncaughtException', (error) => tell({ error, preventDefault }));
    else process.on('unhandledRejection', (reason) => tell({ reason }));
  },
};
const preventDefault = (): void => undefined;

const isFile = (url: string): boolean => url.startsWith('file:');

listen(scope, {
  // in Node, Pyodide reads its files from a path
  indexPath: (indexURL) => (isFile(indexURL) ? fileURLToPath(indexURL) : indexURL),
  fetchFile: async (url, signal) =>
    isFile(url) ? new Response(await readFile(fileURLToPath(url))) : fetch(url, { signal }),
});
