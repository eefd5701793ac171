import type { Called } from './calls.js';
import { withCountedFetch, type OnBytes, type Prefetched } from './counted-fetch.js';
import type { OnProgress } from './download-progress.js';
import type { Pyodide } from './pyodide.js';

/** Installs what is not installed yet; the error names the package that could not be had. */
export type Installer = (packages: readonly string[], stall: number) => Promise<void>;

export const isURL = (name: string): boolean => /^(https?|file|emfs):|\.whl$/.test(name);

/** `Foo_Bar` is `foo-bar`: https://peps.python.org/pep-0503/#normalized-names */
export const normal = (name: string): string => name.toLowerCase().replace(/[-_.]+/g, '-');

/** A wheel's file name begins with its distribution's name: https://peps.python.org/pep-0427/#file-name-convention */
const distribution = (wheel: string): string =>
  normal(wheel.split(/[?#]/)[0]?.split('/').pop()?.split('-')[0] ?? wheel);

export function installer(
  pyodide: Pick<Pyodide, 'loadPackage' | 'loadedPackages' | 'lockfile' | '_api'>,
  call: (name: 'install_by_micropip' | 'missing', text: string) => Called,
  onProgress: OnProgress,
  prefetched: Prefetched,
): Installer {
  const loadedNames = (): Set<string> => new Set(Object.keys(pyodide.loadedPackages).map(normal));
  const locked = Object.keys(pyodide.lockfile?.packages ?? pyodide._api?.lockfile_packages ?? {});
  const lockNames = new Map(locked.map((name) => [normal(name), name]));
  const fromURL = new Set<string>();

  async function isMissing(name: string): Promise<boolean> {
    const { json } = await call('missing', JSON.stringify([name]));
    return json !== '[]';
  }

  /** `loadPackage` reports a failure to its callback only, so whether it succeeded is looked up afterwards. */
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
    // a bare name that micropip or a wheel has installed; whether a version suffices, only micropip can tell
    if (/^[A-Za-z0-9._-]+$/.test(name) && !(await isMissing(name))) return;
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
