import type { BootStage } from '../src/errors.js';
import type { OnBytes } from './counted-fetch.js';

export type OnProgress = (stage: BootStage, label: string, loaded: number | null, total: number | null) => void;

export interface DownloadProgress {
  readonly onBytes: OnBytes;
  readonly onImage: (loaded: number, total: number) => void;
  /** The first large file of which another number of bytes came than this version of Pyodide has. */
  readonly incompleteFile: () => { readonly file: CountedFile; readonly loaded: number } | undefined;
}

/** The files that a download is counted by; the others are small. */
const counted = ['pyodide.asm.wasm', 'python_stdlib.zip'] as const;
type CountedFile = (typeof counted)[number];

/** Reports the bytes of Python's large files and of an image as one combined progress. */
export function downloadProgress(onProgress: OnProgress): DownloadProgress {
  onProgress('download', 'Downloading Python', null, null);
  // Another version's sizes are not known before its download; those of ours are close enough for a bar to begin with.
  const files = new Map<string, { readonly loaded: number; readonly total: number }>(
    counted.map((file) => [file, { loaded: 0, total: __PYODIDE_SIZES__[file] }]),
  );
  const ended = new Map<string, number>();
  const onBytes: OnBytes = (file, loaded, total) => {
    if (loaded === total) ended.set(file, loaded);
    const one = files.get(file);
    if (!one) return; // a small file
    files.set(file, { loaded, total: Math.max(total ?? one.total, loaded) });
    const sum = addUp([...files.values()].map((each) => each.loaded));
    const all = addUp([...files.values()].map((each) => each.total));
    if (sum === all) onProgress('boot', 'Starting Python', sum, all);
    else onProgress('download', 'Downloading Python', sum, all);
  };
  return {
    onBytes,
    onImage(loaded, total) {
      files.set('image', { loaded, total });
      onBytes('image', loaded, total);
    },
    incompleteFile() {
      for (const file of counted) {
        const loaded = ended.get(file);
        if (loaded !== undefined && loaded !== __PYODIDE_SIZES__[file]) return { file, loaded };
      }
      return undefined;
    },
  };
}

const addUp = (numbers: readonly number[]): number => numbers.reduce((sum, each) => sum + each, 0);
