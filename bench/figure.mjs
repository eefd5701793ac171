// The types between run.mjs and the groups of figures.

/**
 * @typedef {object} Figure
 * @property {number} value What is compared with the limit.
 * @property {string} unit
 * @property {number} [p99]
 * @property {number} limit
 * @property {true} [atLeast] The value has to reach the limit; otherwise it must not pass it.
 * @property {string | number} [against] What it was measured against.
 * @property {string} [note]
 * @property {string} [when] If that was another run than the rest's.
 * @property {Readonly<Record<string, Arm>>} [arms] What was measured in turns.
 * @property {string} [armsUnit]
 * @property {readonly [string, string]} [pair] The arms that the value compares: the first's time ÷ the second's.
 *
 * @typedef {{ readonly p50: number, readonly p99: number, readonly samples: number }} Arm
 *
 * @typedef {{ readonly missing: string }} Missing Why there is no figure.
 *
 * @typedef {object} Context
 * @property {number} rounds How often a boot is measured.
 * @property {boolean} quick Fewer rounds of what takes long: to try the bench, not to quote it.
 * @property {number} seed
 * @property {() => number} random Seeded.
 * @property {(fresh?: boolean) => Promise<import('puppeteer').Page>} open A new page with `bench`; close it. With `fresh`
 *   in a browser context of its own, where nothing is stored or cached; close that.
 * @property {string | null} distribution Where a page finds a full distribution of Pyodide, with NumPy and Gymnasium.
 * @property {(text: string) => void} say
 *
 * @typedef {object} Group
 * @property {string} name For `--only`.
 * @property {readonly string[]} ids The figures that it measures.
 * @property {true} [devtools] It needs Chromium's developer tools, which Firefox lacks.
 * @property {(context: Context) => Promise<Readonly<Record<string, Figure | Missing>>>} measure
 */

/** @param {string} why @returns {Missing} */
export const missing = (why) => ({ missing: why });
