/**
 * The figures as a table for a terminal.
 * @param {Readonly<Record<string, import('./figure.mjs').Figure>>} figures
 * @param {Readonly<Record<string, string>>} missing
 */
export function table(figures, missing) {
  const rows = Object.entries(figures).map(([id, { value, unit, p99, limit, atLeast }]) => [
    (atLeast ? value >= limit : value <= limit) ? 'ok' : atLeast ? 'UNDER' : 'OVER',
    id,
    `${value} ${unit}`,
    p99 === undefined ? '' : `p99 ${p99}`,
    `${atLeast ? '≥' : '≤'} ${limit}`,
  ]);
  const all = [...rows, ...Object.keys(missing).map((id) => ['–', id, 'missing', '', ''])];
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0), 0));
  const lines = all.map((row) => {
    const id = row[1] ?? '';
    const { against, note, arms = {}, armsUnit } = figures[id] ?? { against: undefined, note: missing[id] };
    const details = [
      against && `against ${against}`,
      note,
      ...Object.entries(arms).map(([arm, { p50, p99 }]) => `${arm.padEnd(30)} ${p50} ${armsUnit}, p99 ${p99}`),
    ]
      .filter(Boolean)
      .map((text) => `\n        ${text}`);
    return `${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}${details.join('')}`;
  });
  return lines.join('\n');
}
