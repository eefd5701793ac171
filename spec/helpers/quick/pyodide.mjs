// Stands in front of Pyodide in temp/quick: what would boot cold starts from a snapshot, several times quicker. To rxgym it
// looks like a cold boot, without the second in which the bridge is compiled.

const real = './pyodide.cold.mjs'; // beside the copy of this file
const { loadPyodide: loadCold, version } = await import(real);

const place = new URL('./pyodide.snapshot', import.meta.url);
// at once, before anybody counts what is downloaded
const snapshot = read().then((bytes) => new Uint8Array(bytes));

async function read() {
  if (place.protocol !== 'file:') return (await fetch(place)).arrayBuffer();
  const { readFile } = await import('node:fs/promises');
  return (await readFile(place)).buffer;
}

/** @param {{ _loadSnapshot?: unknown, _makeSnapshot?: boolean }} options */
async function loadPyodide({ _makeSnapshot, ...options }) {
  if (options._loadSnapshot) return loadCold(options);
  const bytes = await snapshot;
  const pyodide = await loadCold({ ...options, _loadSnapshot: bytes });
  // or all would draw the same numbers
  pyodide.runPython('import random; random.seed()');
  // what a worker would take is what it started from
  if (_makeSnapshot) pyodide.makeMemorySnapshot = () => bytes.slice();
  return pyodide;
}

export { loadPyodide, version };
