/** Where the page's first message arrives: a worker's global scope, or Node's `parentPort`. */
export interface WorkerScope {
  addEventListener(type: 'message', listener: (event: MessageEvent<unknown>) => void): void;
  addEventListener(type: 'unhandledrejection', listener: (event: { readonly reason: unknown }) => void): void;
  addEventListener(type: 'error', listener: (event: Uncaught) => void): void;
}

interface Uncaught {
  readonly error: unknown;
  readonly message: string;
  preventDefault(): void;
}

/** What differs between a browser's worker and one of Node's. */
export interface Platform {
  /** What `loadPyodide` needs for an `indexURL`. */
  readonly indexPath: (indexURL: string) => string;
  readonly fetchFile: (url: string, signal: AbortSignal) => Promise<Response>;
}
