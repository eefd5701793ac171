/** How far the loading of a model has come. */
export interface OnnxProgress {
  /** `download`: the bytes of onnxruntime-web and of the model; `start`: it compiles and reads them; `ready`: it answers. */
  readonly stage: 'download' | 'start' | 'ready';
  /** For people to read. */
  readonly label: string;
  /** Bytes so far; null where there are none to count any more. */
  readonly loaded: number | null;
  /** Bytes in all; null where the server does not say. */
  readonly total: number | null;
  /** 0 to 1; never goes back within one loading. */
  readonly ratio: number;
}

/** Where the download ends on the bar. */
const downloaded = 0.9;

const counted = { loaded: null, total: null };
export const starting: OnnxProgress = { stage: 'start', label: 'Starting the model', ...counted, ratio: downloaded };
export const ready: OnnxProgress = { stage: 'ready', label: 'Ready', ...counted, ratio: 1 };

export const downloading = (loaded: number, total: number | null): OnnxProgress => ({
  stage: 'download',
  label: 'Downloading the model',
  loaded,
  total,
  ratio: total === null ? 0 : downloaded * Math.min(loaded / total, 1),
});
