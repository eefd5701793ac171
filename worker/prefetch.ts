import { watched, type Prefetched } from './counted-fetch.js';
import { isURL, normal } from './install.js';
import type { Locked } from './pyodide.js';

type Fetch = typeof fetch;

export interface Prefetch {
  /**
   * Downloads wheels while the interpreter boots, those of the packages and of their dependencies, so that the installation
   * finds them there. It reports no failure: the installation tries again, and says why it fails.
   */
  readonly begin: (packages: readonly string[]) => void;
  readonly prefetched: Prefetched;
}

export function prefetch(indexURL: string, stall: number): Prefetch {
  const arriving = new Map<string, Promise<Response | undefined>>();
  return {
    begin(packages) {
      // from files, as Pyodide reads them in Node, there is nothing to download ahead
      if (packages.length && !indexURL.startsWith('file:')) void fetchAll(packages, fetch).catch(() => undefined);
    },
    prefetched(url) {
      const response = arriving.get(url);
      arriving.delete(url);
      return response;
    },
  };

  async function fetchAll(packages: readonly string[], download: Fetch): Promise<void> {
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
    // what is not in the lock file micropip installs
    const known = new Set(Object.keys(lock.packages).map(normal));
    const wanted = names.map((name) => (known.has(normal(name)) ? name : 'micropip'));
    for (const [, { file_name, sha256 }] of lockedWith(lock.packages, wanted)) {
      begin(new URL(file_name, indexURL).href, { integrity: `sha256-${base64(sha256)}` });
    }
  }
}

/** These packages of a lock file, and all that they depend on: what others need comes first. */
export function lockedWith(
  packages: Readonly<Record<string, Locked>>,
  names: readonly string[],
): readonly (readonly [name: string, locked: Locked])[] {
  const known = new Map(Object.entries(packages).map((entry) => [normal(entry[0]), entry]));
  const found = new Set<readonly [name: string, locked: Locked]>();
  const seen = new Set<string>();
  const add = (name: string): void => {
    const entry = known.get(normal(name));
    if (!entry || seen.has(entry[0])) return;
    seen.add(entry[0]);
    entry[1].depends.forEach(add);
    found.add(entry);
  };
  names.forEach(add);
  return [...found];
}

function base64(hex: string): string {
  return btoa(hex.replace(/../g, (byte) => String.fromCharCode(parseInt(byte, 16))));
}
