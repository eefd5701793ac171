import type { Prefetched } from './prefetch.js';

/** Told of each download: which file, how many bytes so far, and of how many (null where nobody says). */
export type OnBytes = (file: string, loaded: number, total: number | null) => void;

/** Thrown for a file that the server does not have; Pyodide itself only warns and then waits for ever. */
export class FetchFailure extends Error {
  constructor(
    readonly url: string,
    problem: string,
  ) {
    super(problem);
  }
}

/**
 * Counts the bytes that `globalThis.fetch` brings while `work` runs. With `'fail fast'` it rejects as soon as one file
 * is not there; micropip, which tries several addresses, wants `'go on'`.
 * What was `prefetched` is not fetched again. `sizes` are the real sizes of known files, for servers that compress (their Content-Length is another number).
 */
export async function withCountedFetch<T>(
  sizes: Readonly<Record<string, number>>,
  onBytes: OnBytes,
  onFailure: 'fail fast' | 'go on',
  work: () => Promise<T>,
  prefetched: Prefetched = () => undefined,
): Promise<T> {
  const plainFetch = globalThis.fetch;
  let fail!: (failure: FetchFailure) => void;
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
  });
  failed.catch(() => undefined); // where nobody waits for it
  globalThis.fetch = async (input, init) => {
    const url = input instanceof Request ? input.url : String(input);
    let response: Response;
    try {
      response = (await prefetched(url)) ?? (await plainFetch(input, init));
    } catch (error) {
      fail(new FetchFailure(url, `the network failed (${String(error)})`));
      throw error;
    }
    if (!response.ok) {
      fail(new FetchFailure(url, `the server answered ${response.status}`));
      return response;
    }
    return counted(response, url, sizes, onBytes, fail);
  };
  try {
    return await (onFailure === 'fail fast' ? Promise.race([work(), failed]) : work());
  } finally {
    globalThis.fetch = plainFetch;
  }
}

function counted(
  response: Response,
  url: string,
  sizes: Readonly<Record<string, number>>,
  onBytes: OnBytes,
  fail: (failure: FetchFailure) => void,
): Response {
  if (!response.body) return response;
  const file = new URL(url, response.url).pathname.split('/').pop() ?? url;
  const length = response.headers.get('content-length');
  const total = sizes[file] ?? (length === null || response.headers.has('content-encoding') ? null : Number(length));
  let loaded = 0;
  const reader = response.body.getReader();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (done) {
          onBytes(file, loaded, loaded);
          controller.close();
          return;
        }
        loaded += value.byteLength;
        onBytes(file, loaded, total);
        controller.enqueue(value);
      } catch (error) {
        fail(new FetchFailure(url, `the download broke off after ${loaded} bytes (${String(error)})`));
        controller.error(error);
      }
    },
    cancel: (reason) => reader.cancel(reason),
  });
  // instantiateStreaming looks at status and Content-Type, Pyodide at the url
  const copy = new Response(body, { status: response.status, headers: response.headers });
  Object.defineProperty(copy, 'url', { value: response.url });
  return copy;
}
