import { digestOf } from '../env/digest.js';

/** How an env is shown and recovered: what it does is the same with others. */
const aside = ['render', 'frames', 'recovery', 'input', 'async'];

/** Says of which env and which version a stored game is. Of files at addresses, the addresses count. */
export function versionOf(spec: object | undefined, version: string | number | undefined): string {
  const of = Object.entries(spec ?? {}).filter(([name, value]) => !aside.includes(name) && value !== undefined);
  const sorted = of.sort(([a], [b]) => (a < b ? -1 : 1));
  return `${String(version ?? '')} ${digestOf(sorted)}`;
}
