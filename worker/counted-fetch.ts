/** A download's file, its bytes so far, and all of its bytes (null where they are not known). */
export type OnBytes = (file: string, loaded: number, total: number | null) => void;

/** Thrown where a file cannot be had, at which Pyodide itself only warns and then waits for ever. */
export class FetchFailure extends Error {
  constructor(
    readonly url: string,
    problem: string,
  ) {
    super(problem);
  }
}

/** Returns what was fetched ahead, once; undefined where nothing was. */
export type Prefetched = (url: string) => Promise<Response | undefined> | undefined;

export interface Watch {
  /** The sizes of known files: the Content-Length of servers that compress is another one. */
  readonly sizes: Readonly<Record<string, number>>;
  /** How long a download may bring no byte, in ms. */
  readonly stall: number;
  readonly onBytes: OnBytes;
  /** `fail fast` rejects as soon as one file cannot be had; `go on` is for micropip, which tries several addresses. */
  readonly onFailure: 'fail fast' | 'go on';
  /** Asked first. */
  readonly prefetched?: Prefetched;
}

type Fail = (url: string, problem: string) => void;

/** Counts the bytes of `globalThis.fetch` while `work` runs, and makes sure that each download ends. */
export async function withCountedFetch<T>(watch: Watch, work: () => Promise<T>): Promise<T> {
  const { fetch } = globalThis;
  const { instantiateStreaming } = WebAssembly;
  let fail!: Fail;
  const failed = new Promise<never>((_, reject) => {
    fail = (url, problem) => {
      reject(new FetchFailure(url, problem));
    };
  });
  failed.catch(() => undefined); // it may fail when nobody waits for it
  globalThis.fetch = async (input, init) => {
    const url = input instanceof Request ? input.url : String(input);
    const ready = await watch.prefetched?.(url);
    return watched(url, async (signal) => ready ?? fetch(input, { signal, ...init }), watch, fail);
  };
  WebAssembly.instantiateStreaming = async (source, imports) => {
    try {
      return await instantiateStreaming(source, imports);
    } catch (error) {
      const why = 'the file is not whole, or the Content Security Policy lacks wasm-unsafe-eval';
      fail((await source).url, `it does not compile: ${why} (${String(error)})`);
      throw error;
    }
  };
  try {
    return await (watch.onFailure === 'fail fast' ? Promise.race([work(), failed]) : work());
  } finally {
    globalThis.fetch = fetch;
    WebAssembly.instantiateStreaming = instantiateStreaming;
  }
}

/** A download that ends: it fails where no byte comes for too long. `fail` is called with whatever goes wrong. */
export async function watched(
  url: string,
  download: (signal: AbortSignal) => Promise<Response>,
  watch: Pick<Watch, 'stall'> & Partial<Watch>,
  fail: Fail = () => undefined,
): Promise<Response> {
  const ending = new AbortController();
  try {
    const response = await within(watch.stall, download(ending.signal));
    if (response.ok) return counted(response, url, ending, watch, fail);
    fail(url, `the server answered ${response.status}`);
    return response;
  } catch (error) {
    ending.abort();
    fail(url, `the network failed (${String(error)})`);
    throw error;
  }
}

/** Rejects when `pending` takes longer than `ms`. */
export async function within<T>(ms: number, pending: Promise<T>): Promise<T> {
  if (ms === Infinity) return pending;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`no byte came for ${ms} ms`));
    }, ms);
  });
  try {
    return await Promise.race([pending, late]);
  } finally {
    clearTimeout(timer);
  }
}

const wasm = 'application/wasm';

function counted(
  response: Response,
  url: string,
  ending: AbortController,
  { sizes = {}, stall, onBytes = () => undefined }: Pick<Watch, 'stall'> & Partial<Watch>,
  fail: Fail,
): Response {
  if (!response.body) return response;
  const file = url.replace(/[?#].*/, '').replace(/.*\//, '');
  const length = response.headers.get('content-length');
  const total = sizes[file] ?? (length === null || response.headers.has('content-encoding') ? null : Number(length));
  let loaded = 0;
  // a browser caches compiled code with the response itself (https://v8.dev/blog/wasm-code-caching), not with a copy of it
  const isOwn = response.headers.get('content-type') === wasm;
  const reader = ((isOwn ? response.clone().body : null) ?? response.body).getReader();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await within(stall, reader.read());
        if (done) {
          onBytes(file, loaded, loaded);
          controller.close();
          return;
        }
        // `<`: servers of single-page apps send their page for a file that they do not have
        if (loaded === 0 && value[0] === 0x3c) fail(url, 'the server sent a page (HTML) in its place');
        loaded += value.byteLength;
        onBytes(file, loaded, total);
        controller.enqueue(value);
      } catch (error) {
        ending.abort();
        fail(url, `the download broke off after ${loaded} bytes (${String(error)})`);
        controller.error(error);
      }
    },
    cancel: (reason) => reader.cancel(reason),
  });
  if (isOwn) {
    void body.pipeTo(new WritableStream()).catch(() => undefined); // only to count; `fail` reports what goes wrong
    return response;
  }
  const headers = new Headers(response.headers);
  // instantiateStreaming accepts no other type, and not every server sends it
  if (file.endsWith('.wasm')) headers.set('Content-Type', wasm);
  const copy = new Response(body, { status: response.status, headers });
  const json = async (): Promise<unknown> => {
    try {
      return JSON.parse(await copy.text());
    } catch (error) {
      fail(url, `it is no JSON, or not whole (${String(error)})`);
      throw error;
    }
  };
  // Pyodide reads the url
  return Object.defineProperties(copy, { url: { value: response.url }, json: { value: json } });
}
