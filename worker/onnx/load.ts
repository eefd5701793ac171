// From an address to a model that runs; the only file that knows onnxruntime-web.

import type * as Ort from 'onnxruntime-web/wasm';
import type { FromWorker, Load, Signature, Tensor, TensorInfo, Tensors } from '../../src/onnx/messages.js';
import { FetchFailure, withCountedFetch } from '../counted-fetch.js';
import { download, LoadFailure } from './download.js';

export { LoadFailure };

export interface Model {
  readonly signature: Signature;
  run(inputs: Tensors, outputs: readonly string[]): Promise<Tensors>;
}

/** Both in the folder `indexURL`: with the script comes all but the wasm file. */
const script = 'ort.wasm.bundle.min.mjs';
const wasm = 'ort-wasm-simd-threaded.wasm';

export async function load({ url, indexURL }: Load, post: (message: FromWorker) => void): Promise<Model> {
  const loaded = { runtime: 0, model: 0 };
  const totals: Record<keyof typeof loaded, number | null> = { runtime: __ORT_WASM_SIZE__, model: null };
  let isWhole = false;
  const count = (file: keyof typeof loaded) => (bytes: number, total: number | null) => {
    if (isWhole) return; // the end of a download is told twice
    loaded[file] = bytes;
    totals[file] = total;
    const { runtime, model } = totals;
    const all = runtime === null || model === null ? null : runtime + model;
    post({ type: 'loading', loaded: loaded.runtime + loaded.model, total: all });
    isWhole = file === 'runtime' && bytes === total;
    if (isWhole) post({ type: 'starting' });
  };

  const [ort, model] = await Promise.all([importOrt(`${indexURL}${script}`), download(url, count('model'))]);
  // with no `mjs` given it takes the one in the script
  ort.env.wasm.wasmPaths = { wasm: `${indexURL}${wasm}` };
  // without COOP and COEP there are no threads; and this is a worker already
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.proxy = false;
  ort.env.logLevel = 'error';
  const onRuntime = count('runtime');
  const session = await withCountedFetch(
    {
      sizes: isKnown(ort) ? { [wasm]: __ORT_WASM_SIZE__ } : {},
      stall: Infinity, // the page looks
      onBytes: (_, bytes, total) => onRuntime(bytes, total),
      onFailure: 'fail fast',
    },
    () => start(ort, url, model, indexURL),
  ).catch(asLoadFailure);
  return { signature: signatureOf(session, indexURL), run: (inputs, outputs) => run(ort, session, inputs, outputs) };
}

/** Whether the size of its wasm file is the one that was measured when this script was built. */
const isKnown = ({ env }: typeof Ort): boolean => env.versions.web === __ORT_VERSION__;

async function importOrt(url: string): Promise<typeof Ort> {
  try {
    return (await import(/* webpackIgnore: true */ /* @vite-ignore */ url)) as typeof Ort;
  } catch (error) {
    throw new LoadFailure('runtime', url, `onnxruntime-web was not loaded (${String(error)}); check indexURL`);
  }
}

function asLoadFailure(error: unknown): never {
  if (!(error instanceof FetchFailure)) throw error;
  const status = /answered (\d+)/.exec(error.message)?.[1];
  const advice = 'check indexURL, and that the server sends the file';
  throw new LoadFailure(
    'runtime',
    error.url,
    `${error.message}; ${advice}`,
    status === undefined ? null : Number(status),
  );
}

async function start(ort: typeof Ort, url: string, model: Uint8Array, indexURL: string): Promise<Ort.InferenceSession> {
  try {
    return await ort.InferenceSession.create(model, { executionProviders: ['wasm'] });
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    if (/backend|wasm/i.test(text) && !text.includes('ERROR_CODE')) {
      throw new LoadFailure('runtime', indexURL, `onnxruntime-web did not start (${text})`);
    }
    // `<`: servers of single-page apps send their page for a file that they do not have
    const page = model[0] === 0x3c ? 'the server sent a page (HTML) in its place: ' : '';
    throw new LoadFailure('format', url, `${page}it is no ONNX model that onnxruntime-web can run (${text})`);
  }
}

function signatureOf(session: Ort.InferenceSession, indexURL: string): Signature {
  const { inputMetadata, outputMetadata } = session as Partial<Ort.InferenceSession>;
  if (!inputMetadata || !outputMetadata) {
    throw new LoadFailure(
      'runtime',
      indexURL,
      'onnxruntime-web is older than 1.22, and does not say what a model takes',
    );
  }
  return { inputs: inputMetadata.map(infoOf), outputs: outputMetadata.map(infoOf) };
}

const infoOf = (value: Ort.InferenceSession.ValueMetadata): TensorInfo =>
  value.isTensor
    ? { name: value.name, type: value.type, shape: value.shape.length === 0 ? null : value.shape.map(lengthOf) }
    : { name: value.name, type: '?', shape: null };

/** A length that is open and has no name comes as -1 in 32 bits without a sign. */
const lengthOf = (length: number | string): number | string | null =>
  typeof length === 'number' && length > 0x7fffffff ? null : length;

async function run(
  ort: typeof Ort,
  session: Ort.InferenceSession,
  inputs: Tensors,
  outputs: readonly string[],
): Promise<Tensors> {
  const feeds = Object.entries(inputs).map(([name, { type, data, shape }]) => {
    return [name, new ort.Tensor(type as 'float32', data as Float32Array, shape)] as const;
  });
  const results = await session.run(Object.fromEntries(feeds), outputs);
  return Object.fromEntries(Object.entries(results).map(([name, result]) => [name, tensorOf(result)]));
}

const tensorOf = ({ type, dims, data }: Ort.Tensor): Tensor => ({
  type,
  shape: dims,
  data: data as Tensor['data'],
});
