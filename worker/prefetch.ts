import { watched, type Prefetched } from './counted-fetch.js';
import { isURL, normal } from './install.js';

/** An entry of Pyodide's lock file. */
interface Locked {
  readonly file_name: string;
  readonly depends: readonly string[];
  readonly sha256: string;
}

type Fetch = typeof fetch;

/**
 * Downloads wheels while the interpreter boots, so that the installation finds them there: those of the names, and what
 * they depend on. What does not come is left to the installation, which tells why.
 */
export function prefetch(indexURL: string, packages: readonly string[], stall: number): Prefetched {
  const arriving = new Map<string, Promise<Response | undefined>>();
  // in Node, Pyodide reads files
  if (packages.length && !indexURL.startsWith('file:')) void fetchAll(fetch).catch(() => undefined);
  return (url) => {
    const response = arriving.get(url);
    arriving.delete(url);
    return response;
  };

  async function fetchAll(download: Fetch): Promise<void> {
    const begin = (url: string, init: RequestInit): void => {
      // read to the end: a response that nobody reads stops arriving
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
      // by micropip, which comes first
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
