// @ts-check
// The chaos run: the same operations twice, undisturbed and with faults, compared one by one.
import { plan } from './plan.mjs';
import { play } from './play.mjs';

/**
 * @typedef {import('./play.mjs').Subject} Subject
 * @typedef {import('./play.mjs').Config} Config
 * @typedef {import('./play.mjs').Acknowledged} Acknowledged
 */
/**
 * @typedef {object} Report
 * @property {Config} config
 * @property {Record<string, number>} compared how many of each operation, and how many raised
 * @property {Record<string, number>} injected by kind
 * @property {Record<string, number>} missed armed, but not triggered
 * @property {Record<string, number>} crashes by cause
 * @property {{ count: number, fromCheckpoint: number, replayed: number, ms: number }} recoveries
 * @property {number} resent operations that ended with a CrashError or DeadlineError and were sent again
 * @property {string[]} differences
 * @property {{ undisturbed: number, disturbed: number }} seconds
 */

/**
 * @param {Subject} subject
 * @param {Config} config
 * @returns {Promise<Report>}
 */
export async function chaos(subject, config) {
  const { kind = 'pickled', log = () => undefined } = config;
  const without = kind === 'unpicklable' ? ['get-state', 'set-state'] : [];
  const undisturbed = await play(subject, config, []);
  log(`undisturbed: ${undisturbed.records.length} operations in ${undisturbed.seconds.toFixed(1)} s`);
  const disturbed = await play(subject, config, plan({ ...config, without }));
  const operations = disturbed.records.map(({ operation, result }) =>
    result.includes('raised') ? `${operation} that raised` : operation,
  );
  return {
    config,
    compared: count(operations),
    injected: count(disturbed.injected),
    missed: count(disturbed.missed),
    crashes: count(disturbed.crashes),
    recoveries: disturbed.recoveries,
    resent: disturbed.resent,
    differences: [...compare(undisturbed.records, disturbed.records), ...disturbed.failures],
    seconds: { undisturbed: undisturbed.seconds, disturbed: disturbed.seconds },
  };
}

/**
 * The report as lines.
 * @param {Report} report
 */
export function lines({ config, compared, injected, missed, crashes, recoveries, resent, differences, seconds }) {
  const { steps, faults, seed, kind = 'pickled' } = config;
  const table = (/** @type {Record<string, number>} */ counts) =>
    Object.entries(counts)
      .sort(([a], [b]) => a.localeCompare(b))
      .map(([name, times]) => `  ${String(times).padStart(6)}  ${name}`);
  return [
    `chaos: ${steps} steps, ${faults} faults, seed ${seed}, state ${kind}`,
    `injected: ${sum(injected)}`,
    ...table(injected),
    ...(Object.keys(missed).length ? ['not triggered:', ...table(missed)] : []),
    'crashes, by cause:',
    ...table(crashes),
    `recoveries: ${recoveries.count}, ${recoveries.fromCheckpoint} of them from a checkpoint; ` +
      `${recoveries.replayed} operations replayed, ${Math.round(recoveries.ms / 1000)} s from crash to recovery; ${resent} sent again`,
    'compared with the undisturbed run:',
    ...table(compared),
    `seconds: undisturbed ${seconds.undisturbed.toFixed(1)}, disturbed ${seconds.disturbed.toFixed(1)}`,
    `differences: ${differences.length}`,
    ...differences.slice(0, 10).map((difference) => `  ${difference}`),
  ];
}

/** @param {Record<string, number>} counts */
export const sum = (counts) => Object.values(counts).reduce((a, b) => a + b, 0);

/**
 * @param {readonly Acknowledged[]} expected
 * @param {readonly Acknowledged[]} got
 */
function compare(expected, got) {
  const differences = [];
  for (const [index, { operation, result }] of expected.entries()) {
    const other = got[index];
    if (!other) break;
    if (other.operation === operation && other.result === result) continue;
    differences.push(`operation ${index}: ${operation} ${result}, but disturbed ${other.operation} ${other.result}`);
  }
  if (expected.length !== got.length) differences.push(`${expected.length} operations, but disturbed ${got.length}`);
  return differences;
}

/** @param {readonly string[]} names */
function count(names) {
  /** @type {Record<string, number>} */
  const counts = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
