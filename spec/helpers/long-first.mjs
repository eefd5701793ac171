// The order of the files: those that take longest first, so that no worker waits for the other's last one. Jest knows how
// long they take only where they have run before.
const longest = [
  'chaos',
  'recovery',
  'contract/pyodide',
  'zoo',
  'capture',
  'state',
  'exact',
  'way-back',
  'contract/image',
  'booting',
  'failures',
  'packages',
  'loading',
  'consumer',
].map((name) => `/${name}.spec.ts`);

/** @typedef {{ readonly path: string }} Test */

/** https://jestjs.io/docs/configuration#testsequencer-string */
export default class LongFirst {
  /** @param {readonly Test[]} tests */
  sort(tests) {
    const place = (/** @type {Test} */ { path }) => {
      const found = longest.findIndex((name) => path.endsWith(name));
      return found < 0 ? longest.length : found;
    };
    return [...tests].sort((a, b) => place(a) - place(b) || a.path.localeCompare(b.path));
  }

  cacheResults() {
    // the order is known
  }
}
