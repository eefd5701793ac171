import { setTimeout } from 'node:timers/promises';

/**
 * The bytes in a heap snapshot (https://developer.chrome.com/docs/devtools/memory-problems/heap-snapshots) of the page
 * after a collection: of what the page holds, and of what the browser adds: code that it compiles while a function gets
 * hot, and its list of long tasks, which ends at 200.
 * @param {import('puppeteer').CDPSession} devtools with the HeapProfiler enabled
 */
export async function weigh(devtools) {
  // What one collection frees may have held something else, in the page or in the browser.
  for (let round = 0; round < 4; round += 1) {
    await devtools.send('HeapProfiler.collectGarbage');
    await setTimeout(50);
  }
  /** @type {string[]} */
  const chunks = [];
  /** @param {{ chunk: string }} part */
  const onChunk = ({ chunk }) => void chunks.push(chunk);
  devtools.on('HeapProfiler.addHeapSnapshotChunk', onChunk);
  await devtools.send('HeapProfiler.takeHeapSnapshot', { reportProgress: false });
  devtools.off('HeapProfiler.addHeapSnapshotChunk', onChunk);
  const { snapshot, nodes, strings } = JSON.parse(chunks.join(''));
  /** @type {string[]} */
  const fields = snapshot.meta.node_fields;
  const [types] = snapshot.meta.node_types;
  /** @param {number} node @param {string} field */
  const read = (node, field) => nodes[node + fields.indexOf(field)];
  const weight = { page: 0, browser: 0 };
  for (let node = 0; node < nodes.length; node += fields.length) {
    const [kind, name] = [types[read(node, 'type')], strings[read(node, 'name')]];
    const isCode = kind === 'code' || (kind === 'native' && /^system \/ (?!JSArrayBufferData)/.test(name));
    const isTiming = kind === 'native' && /Timing|PerformanceEntry/.test(name);
    weight[isCode || isTiming ? 'browser' : 'page'] += read(node, 'self_size');
  }
  return weight;
}
