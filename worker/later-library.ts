// An interpreter that starts from a baked image has in its memory what was imported before. The file with the rest of
// Python's standard library, 2.5 MB, is not waited for: it arrives behind the first steps, or when Python first reads it.

import { watched } from './counted-fetch.js';
import type { Pyodide } from './pyodide.js';

type Bytes = Uint8Array<ArrayBuffer>;

export const libraryFile = 'python_stdlib.zip';

/** What is used of a file in Emscripten's memory file system, and of the file system itself. */
interface Inside {
  lookupPath(path: string): { readonly node: Node };
  readonly ErrnoError: new (errno: number) => Error;
}
interface Node {
  contents: Uint8Array;
  usedBytes: number;
  stream_ops: object;
}

/** An error of input or output, by its number in WASI: https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/docs.md#errno */
const EIO = 29;

/** Puts the library into its file, which is empty. Until it has arrived, reading the file waits for it. */
export function bringLibrary(pyodide: Pyodide, python: string, indexURL: string, stall: number): void {
  const files = pyodide.FS as unknown as Inside;
  const url = indexURL + libraryFile;
  const [major = '', minor = ''] = python.split('.');
  const { node } = files.lookupPath(`/lib/python${major}${minor}.zip`);
  const { stream_ops: usual } = node;
  const put = (bytes: Bytes): void => {
    if (node.stream_ops === usual) return;
    node.contents = bytes;
    node.usedBytes = bytes.length;
    node.stream_ops = usual;
  };
  node.usedBytes = __PYODIDE_SIZES__[libraryFile];
  node.stream_ops = {
    ...usual,
    open() {
      const bytes = downloadNow(url, stall);
      if (!bytes) throw new files.ErrnoError(EIO);
      put(bytes);
    },
  };
  download(url, stall).then(put, () => undefined);
}

async function download(url: string, stall: number): Promise<Bytes> {
  const response = await watched(url, (signal) => fetch(url, { signal, priority: 'low' }), { stall });
  return wholeLibrary(await response.arrayBuffer());
}

/** Python is waiting, so this worker does nothing else: https://developer.mozilla.org/docs/Web/API/XMLHttpRequest/open#async */
function downloadNow(url: string, stall: number): Bytes | undefined {
  try {
    const request = new XMLHttpRequest();
    request.open('GET', url, false);
    request.responseType = 'arraybuffer';
    request.timeout = stall === Infinity ? 0 : stall; // 0: none
    request.send();
    return wholeLibrary(request.response as ArrayBuffer);
  } catch {
    return undefined;
  }
}

function wholeLibrary(buffer: ArrayBuffer): Bytes {
  if (buffer.byteLength !== __PYODIDE_SIZES__[libraryFile]) throw new Error(`${libraryFile} is not whole`);
  return new Uint8Array(buffer);
}
