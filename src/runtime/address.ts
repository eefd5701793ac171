/** A URL relative to the page, or in Node to the folder that it runs in. What is no address stays as it is. */
export function absolute(address: string): string {
  const base = pageAddress() ?? undefined;
  return URL.canParse(address, base) ? new URL(address, base).href : address;
}

/** What relative addresses are relative to; null where nobody knows. */
export function pageAddress(): string | null {
  if (typeof document !== 'undefined') return document.baseURI;
  // a worker that uses the library; one that was made of a blob has no folder
  if (typeof location !== 'undefined') return location.protocol === 'blob:' ? location.origin : location.href;
  const { process } = globalThis as { process?: { cwd?: () => string } };
  const folder = process?.cwd?.();
  return folder === undefined ? null : `file:///${folder.split(/[\\/]/).filter(Boolean).map(encoded).join('/')}/`;
}

/** A folder's name in an address; a drive's colon stays. */
const encoded = (name: string): string => encodeURIComponent(name).replace(/^([A-Za-z])%3A$/, '$1:');

/** Packages, with the addresses of wheels made absolute. */
export const withAddresses = (packages: readonly string[]): readonly string[] =>
  packages.map((name) => (/^\S+\.whl([?#]\S*)?$/.test(name) ? absolute(name) : name));
