import { fileURLToPath } from 'node:url';
import { parentPort } from 'node:worker_threads';
import { listen, type Listening } from './serve.js';

if (!parentPort) throw new Error('this file is the entry of a worker thread; rxgym/node starts it');

// In Node, Pyodide reads its files from a path.
listen(parentPort as unknown as Listening, (indexURL) =>
  indexURL.startsWith('file:') ? fileURLToPath(indexURL) : indexURL,
);
