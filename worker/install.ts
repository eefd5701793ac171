import type { BootStage } from '../src/errors.js';
import type { Packed } from '../src/protocol/pack.js';
import { withCountedFetch, type OnBytes } from './counted-fetch.js';
import type { Prefetched } from './prefetch.js';

/** Installs what is not installed yet; the error tells which package did not come. */
export type Installer = (packages: readonly string[], stall: number) => Promise<void>;

type OnProgress = (stage: BootStage, label: string, loaded: number | null, total: number | null) => void;

/** What of Pyodide the installer needs; the lock file lies at another place before 0.28. */
interface PackageLoader {
  readonly loadedPackages: Readonly<Record<string, string>>;
  readonly lockfile?: { readonly packages: object };
  readonly _api?: { readonly lockfile_packages: object };
  loadPackage(
    name: string,
    options: { messageCallback: () => void; errorCallback: (problem: string) => void },
  ): Promise<unknown>;
}

export const isURL = (name: string): boolean => /^(https?|file|emfs):|\.whl$/.test(name);

/** Names compare as PEP 503 says: `Foo_Bar` is `foo-bar`. */
export const normal = (name: string): string => name.toLowerCase().replace(/[-_.]+/g, '-');

/** A wheel's file name begins with its distribution's name (PEP 427). */
const distribution = (wheel: string): string =>
  normal(wheel.split(/[?#]/)[0]?.split('/').pop()?.split('-')[0] ?? wheel);

export function installer(
  pyodide: PackageLoader,
  call: (name: 'install_by_micropip' | 'missing', text: string) => Packed | Promise<Packed>,
  onProgress: OnProgress,
  prefetched: Prefetched,
): Installer {
  const loadedNames = (): Set<string> => new Set(Object.keys(pyodide.loadedPackages).map(normal));
  const lockNames = new Map(
    Object.keys(pyodide.lockfile?.packages ?? pyodide._api?.lockfile_packages ?? {}).map((name) => [
      normal(name),
      name,
    ]),
  );
  const fromURL = new Set<string>();

  async function missing(name: string): Promise<boolean> {
    const { json } = await call('missing', JSON.stringify([name]));
    return json !== '[]';
  }

  /** `loadPackage` reports failures to a callback and then goes on, so success is looked up afterwards. */
  async function load(name: string, key: string): Promise<void> {
    const problems: string[] = [];
    await pyodide.loadPackage(name, {
      messageCallback: () => undefined,
      errorCallback: (problem: string) => void problems.push(problem),
    });
    if (!loadedNames().has(key)) {
      throw new Error(`${name} could not be loaded: ${problems.join('; ') || 'Pyodide gave no reason'}`);
    }
  }

  async function installOne(name: string): Promise<void> {
    if (isURL(name)) {
      if (fromURL.has(name)) return;
      await load(name, distribution(name));
      fromURL.add(name);
      return;
    }
    const key = normal(name);
    if (loadedNames().has(key)) return;
    const inLock = lockNames.get(key);
    if (inLock !== undefined) return load(inLock, key);
    // a bare name that micropip or a wheel brought; a requirement with a version is micropip's to judge
    if (/^[A-Za-z0-9._-]+$/.test(name) && !(await missing(name))) return;
    await installOne('micropip');
    await call('install_by_micropip', name);
  }

  return async (packages, stall) => {
    for (const name of packages) {
      const label = `Installing ${name.split('/').pop() ?? name}`;
      onProgress('packages', label, null, null);
      const onBytes: OnBytes = (_file, loaded, total) => {
        onProgress('packages', label, loaded, total);
      };
      await withCountedFetch({ sizes: {}, stall, onBytes, onFailure: 'go on', prefetched }, () => installOne(name));
    }
  };
}
