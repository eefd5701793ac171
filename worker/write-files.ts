import type { CommandOf } from '../src/protocol/commands.js';
import { pack, type Packed } from '../src/protocol/pack.js';
import type { Called } from './calls.js';
import { watched } from './counted-fetch.js';
import type { OnProgress } from './download-progress.js';
import { placesIn, writeFile } from './files.js';
import type { Platform } from './platform.js';
import type { Pyodide } from './pyodide.js';
import { RemoteFailure } from './remote-failure.js';

type File = CommandOf<'writeFiles'>['files'][number];
type Bytes = Uint8Array<ArrayBuffer>;

/** Writes files to where Python runs, fetching those that are addresses. Answers with the bytes of the fetched ones. */
export type FileWriter = (files: readonly File[], stall: number) => Promise<Packed>;

export function fileWriter(
  pyodide: Pyodide,
  call: (name: 'files_changed', paths: string) => Called,
  fetchFile: Platform['fetchFile'],
  onProgress: OnProgress,
): FileWriter {
  const { home } = placesIn(pyodide);

  /** True where a file had other bytes before. */
  function write(path: string, bytes: Bytes): boolean {
    const before = bytesAt(pyodide, path);
    if (before && isEqual(before, bytes)) return false;
    writeFile(pyodide, path, bytes);
    return before !== undefined;
  }

  return async (files, stall) => {
    const contents = await allOf(files, { stall, fetchFile, onProgress });
    const changed = files.filter(({ path }, i) => {
      try {
        return write(`${home}/${path}`, contents[i] ?? new Uint8Array());
      } catch (error) {
        throw fileFailure(path, null, null, `it cannot be written (${String(error)}): is there a folder of that name?`);
      }
    });
    await call('files_changed', JSON.stringify(changed.map(({ path }) => `${home}/${path}`)));
    const fetched = files.flatMap(({ url }, i) => (url === null ? [] : [contents[i]]));
    return pack(fetched, 'files');
  };
}

interface FetchOptions {
  readonly stall: number;
  readonly fetchFile: Platform['fetchFile'];
  readonly onProgress: OnProgress;
}

/** The bytes of each; all downloads at once, counted together. */
async function allOf(files: readonly File[], options: FetchOptions): Promise<readonly Bytes[]> {
  const counts = new Map<string, { readonly loaded: number; readonly total: number | null }>();
  const label = (count: number): string => (count === 1 ? 'Fetching a file' : `Fetching ${count} files`);
  const report = (): void => {
    const all = [...counts.values()];
    const loaded = all.reduce((sum, each) => sum + each.loaded, 0);
    const total = all.reduce<number | null>(
      (sum, each) => (sum === null || each.total === null ? null : sum + each.total),
      0,
    );
    options.onProgress('packages', label(all.length), loaded, total);
  };
  return Promise.all(
    files.map(async ({ path, bytes, url }) => {
      if (url === null) return new Uint8Array(bytes ?? new ArrayBuffer(0));
      counts.set(path, { loaded: 0, total: null });
      return fetched(path, url, options, (loaded, total) => {
        counts.set(path, { loaded, total });
        report();
      });
    }),
  );
}

async function fetched(
  path: string,
  url: string,
  { stall, fetchFile }: FetchOptions,
  onBytes: (loaded: number, total: number | null) => void,
): Promise<Bytes> {
  let response: Response | undefined;
  try {
    response = await watched(url, (signal) => fetchFile(url, signal), {
      stall,
      onBytes: (_file, loaded, total) => {
        onBytes(loaded, total);
      },
    });
    if (response.ok) return new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    throw fileFailure(path, url, response?.status ?? null, `the network failed (${String(error)})`);
  }
  throw fileFailure(path, url, response.status, `the server answered ${response.status}`);
}

function fileFailure(path: string, url: string | null, status: number | null, message: string): RemoteFailure {
  return new RemoteFailure({ kind: 'file', path, url, status, message });
}

function bytesAt({ FS }: Pyodide, path: string): Uint8Array | undefined {
  try {
    return FS.readFile(path);
  } catch {
    return undefined; // there is none
  }
}

const isEqual = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((byte, i) => byte === b[i]);
