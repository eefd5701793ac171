import type { LoadProblem } from '../../src/onnx/messages.js';

/** Thrown where a file cannot be had or used. */
export class LoadFailure extends Error {
  constructor(
    readonly reason: LoadProblem,
    readonly url: string,
    problem: string,
    readonly status: number | null = null,
  ) {
    super(problem);
  }
}

/** The bytes so far, and all of them; null where the server does not say how many. */
export type OnBytes = (loaded: number, total: number | null) => void;

/** A file as bytes. Throws a {@link LoadFailure} whose reason is `network` or `status`. */
export async function download(url: string, onBytes: OnBytes): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(url).catch((error: unknown) => {
    throw new LoadFailure('network', url, `the network failed (${String(error)})`);
  });
  if (!response.ok) throw new LoadFailure('status', url, `the server answered ${response.status}`, response.status);
  const length = response.headers.get('content-length');
  // of a compressed file the header counts other bytes than those that come
  const total = length === null || response.headers.has('content-encoding') ? null : Number(length);
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let loaded = 0;
  onBytes(0, total);
  try {
    const reader = response.body?.getReader();
    for (let part = await reader?.read(); part?.value; part = await reader?.read()) {
      parts.push(part.value);
      loaded += part.value.byteLength;
      onBytes(loaded, total);
    }
  } catch (error) {
    throw new LoadFailure('network', url, `the download broke off after ${loaded} bytes (${String(error)})`);
  }
  onBytes(loaded, loaded);
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}
