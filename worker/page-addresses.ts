import type { Platform } from './platform.js';

/**
 * Makes addresses that Python opens relative to the page, as those that the page gives: `fetch`, `Request` and
 * `XMLHttpRequest` would take them as relative to this script, which may lie in another folder, be another origin's, or a
 * blob, which has no folder at all. To be called before Pyodide takes these functions.
 */
export function resolveAgainst(base: string, fetchFile: Platform['fetchFile']): void {
  const resolved = <T>(address: T): T | string =>
    typeof address === 'string' && URL.canParse(address, base) ? new URL(address, base).href : address;
  const { fetch, Request } = globalThis;

  globalThis.fetch = (input, init) => {
    const target = resolved(input);
    const url = target instanceof Request ? target.url : String(target);
    // Node's fetch has no files
    if (url.startsWith('file:')) return fetchFile(url, init?.signal ?? new AbortController().signal);
    return fetch(target, init);
  };
  globalThis.Request = new Proxy(Request, {
    construct: (target, [input, ...more]: unknown[], newTarget) =>
      Reflect.construct(target, [resolved(input), ...more], newTarget) as object,
  });
  const { XMLHttpRequest } = globalThis as { XMLHttpRequest?: { readonly prototype: { open: Open } } };
  if (!XMLHttpRequest) return;
  const { open } = XMLHttpRequest.prototype;
  // as many arguments as were given: without a third one it is asynchronous
  XMLHttpRequest.prototype.open = function (method, url, ...more) {
    open.call(this, method, resolved(url), ...more);
  };
}

type Open = (this: unknown, method: string, url: unknown, ...more: readonly unknown[]) => void;
