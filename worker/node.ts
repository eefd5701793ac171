import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parentPort } from 'node:worker_threads';
import { listen, type Listening } from './serve.js';

if (!parentPort) throw new Error('this file is the entry of a worker thread; rxgym/node starts it');

const isFile = (url: string): boolean => url.startsWith('file:');

listen(parentPort as unknown as Listening, {
  // In Node, Pyodide reads its files from a path.
  indexPath: (indexURL) => (isFile(indexURL) ? fileURLToPath(indexURL) : indexURL),
  fetchFile: async (url) => (isFile(url) ? new Response(await readFile(fileURLToPath(url))) : fetch(url)),
});
