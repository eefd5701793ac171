// Makes temp/quick, before the specs of a project run: Pyodide's files, and a snapshot of an interpreter that was booted by
// the worker that is shipped. A spec whose subject is not the boot starts from it (pyodide.mjs).
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { MessageChannel, Worker } from 'node:worker_threads';

const root = new URL('../../../', import.meta.url);
const pyodide = new URL('node_modules/pyodide/', root);
const worker = new URL('dist/node-worker.js', root);
const folder = new URL('temp/quick/', root);
const snapshot = new URL('pyodide.snapshot', folder);

export default async function setUp() {
  mkdirSync(folder, { recursive: true });
  copyFileSync(new URL('pyodide.mjs', import.meta.url), new URL('pyodide.mjs', folder));
  const isFresh = existsSync(snapshot) && statSync(snapshot).mtimeMs > statSync(worker).mtimeMs;
  if (isFresh) return;
  for (const name of [
    'pyodide.asm.mjs',
    'pyodide.asm.wasm',
    'python_stdlib.zip',
    'pyodide-lock.json',
    'package.json',
  ]) {
    copyFileSync(new URL(name, pyodide), new URL(name, folder));
  }
  copyFileSync(new URL('pyodide.mjs', pyodide), new URL('pyodide.cold.mjs', folder));
  const half = new URL('pyodide.half', folder);
  writeFileSync(half, await takeSnapshot());
  renameSync(half, snapshot);
}

/** As a page asks for one: PROTOCOL.md. @returns {Promise<Uint8Array>} */
async function takeSnapshot() {
  const thread = new Worker(worker);
  const { port1, port2 } = new MessageChannel();
  const messages = readFileSync(new URL('src/protocol/messages.ts', root), 'utf8');
  const version = Number(/protocolVersion = (\d+)/.exec(messages)?.[1]);
  const connect = { type: 'connect', version, port: port2, interrupt: null, mailbox: null, replies: null, lock: '' };
  const boot = { type: 'boot', id: 1, indexURL: pyodide.href, base: null, snapshot: null, makeSnapshot: 'bare' };
  try {
    return await new Promise((resolve, reject) => {
      thread.once('error', reject).once('exit', () => reject(new Error('the worker ended')));
      port1.on('message', (message) => {
        if (message.type === 'answer') resolve(memoryOf(Buffer.from(message.value.buffers[0])));
        else if (message.type === 'failure') reject(new Error(`no snapshot: ${JSON.stringify(message.error)}`));
      });
      thread.postMessage(connect, [port2]);
      port1.postMessage({ ...boot, cache: null, image: null, packages: [], specs: [], stall: Infinity });
    });
  } finally {
    port1.close();
    await thread.terminate();
  }
}

/** Pyodide's own snapshot out of an image (worker/baked-image.ts), with its zeros. @param {Buffer} image */
function memoryOf(image) {
  const [jsonLength, memoryAt] = [image.readUInt32LE(8), image.readUInt32LE(12)];
  /** @type {{ gaps: [at: number, length: number][] }} */
  const { gaps } = JSON.parse(image.toString('utf8', 48, 48 + jsonLength));
  const parts = [];
  let [from, to] = [memoryAt, 0];
  for (const [at, length] of gaps) {
    parts.push(image.subarray(from, (from += at - to)), Buffer.alloc(length));
    to = at + length;
  }
  return Buffer.concat([...parts, image.subarray(from)]);
}
