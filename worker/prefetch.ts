import { watched, type Prefetched } from './counted-fetch.js';
import { isURL, normal } from './install.js';

/** A package in Pyodide's lock file: https://pyodide.org/en/stable/usage/lock-files.html */
interface Locked {
  readonly file_name: string;
  readonly depends: readonly string[];
  readonly sha256: string;
}

type Fetch = typeof fetch;

/**
 * Downloads wheels while the interpreter boots, those of the packages and of their dependencies, so that the installation
 * finds them there. It reports no failure: the installation tries again, and says why it fails.
 */
export function prefetch(indexURL: string, packages: readonly string[], stall: number): Prefetched {
  const arriving = new Map<string, Promise<Response | undefined>>();
  // from files, as Pyodide reads them in Node, there is nothing to download ahead
  if (packages.length && !indexURL.startsWith('file:')) void fetchAll(fetch).catch(() => undefined);
  return (url) => {
    const response = arriving.get(url);
    arriving.delete(url);
    return response;
  };

  async function fetchAll(download: Fetch): Promise<void> {
    const begin = (url: string, init: RequestInit): void => {
      // a response that nobody reads stops arriving, so it is read to its end
      const whole = async (): Promise<Response> => {
        const response = await watched(url, (signal) => download(url, { signal, ...init }), { stall });
        const { status, headers } = response;
        const copy = new Response(await response.blob(), { status, headers });
        return Object.defineProperty(copy, 'url', { value: response.url });
      };
      if (!arriving.has(url))
        arriving.set(
          url,
          whole().catch(() => undefined),
        );
    };
    const names = packages.filter((name) => !isURL(name));
    for (const url of packages.filter(isURL)) begin(new Request(url).url, {});
    if (!names.length) return;
    const lock = (await (await download(`${indexURL}pyodide-lock.json`)).json()) as {
      packages: Record<string, Locked>;
    };
    const known = new Map(Object.entries(lock.packages).map(([name, locked]) => [normal(name), locked]));
    const seen = new Set<Locked>();
    const add = (name: string): void => {
      // what is not in the lock file micropip installs
      const locked = known.get(normal(name)) ?? known.get('micropip');
      if (!locked || seen.has(locked)) return;
      seen.add(locked);
      begin(new URL(locked.file_name, indexURL).href, { integrity: `sha256-${base64(locked.sha256)}` });
      locked.depends.forEach(add);
    };
    names.forEach(add);
  }
}

function base64(hex: string): string {
  return btoa(hex.replace(/../g, (byte) => String.fromCharCode(parseInt(byte, 16))));
}
