// bench/results.svg, for the README: rxgym's time as a share of each peer's. It has a background of its own, for light and
// dark schemes.
import { rounded } from './statistics.mjs';

/** @typedef {import('./figure.mjs').Figure} Figure */

/** The figures that are drawn: the arms of each first one, and the limits of all. */
const sections = [
  { ids: ['step-noop', 'step-seed'], heading: 'a step that does nothing' },
  { ids: ['step-cartpole'], heading: 'a cart-pole step, its observation read' },
  { ids: ['rollout'], heading: 'a cart-pole step of a rollout' },
  { ids: ['frame-rgba'], heading: 'a step and its 640 × 480 RGBA frame' },
  { ids: ['boot'], heading: 'until Python is ready' },
  { ids: ['boot-cached'], heading: 'the same at a later visit, from the stored snapshot' },
  { ids: ['boot-baked'], heading: 'the same from a baked image, with its env' },
];
const names = new Map([
  ['raw', 'postMessage'],
  ['echo', 'an echo without Python'],
  ['comlink', 'Comlink'],
  ['bare', 'loadPyodide in a bare worker'],
  ['numbers', 'kept function and buffer'],
  ['values', 'kept function, toJs'],
  ['plain', 'env.step(…).toJs()'],
  ['source', 'a source string a step'],
  ['pixels', 'one copy, transferred'],
  ['plainPixels', 'toJs'],
  ['loop', 'a loop in Python'],
  ['lists', 'a loop in Python that fills lists'],
]);
/** @param {string} arm */
const nameOf = (arm) =>
  arm
    .split(' ')
    .map((word) => names.get(word) ?? word)
    .join(', ');

const [width, left, right, line] = [500, 288, 44, 20];
const [least, most] = [0.05, 10];
/** On a logarithmic scale, so that twice as fast is as far from the middle as half as fast. @param {number} ratio */
const x = (ratio) => {
  const share = Math.log(Math.min(most, Math.max(least, ratio)) / least) / Math.log(most / least);
  return Math.round((left + share * (width - left - right)) * 10) / 10;
};
/** @param {number} ratio */
const shown = (ratio) => String(ratio < 0.1 ? rounded(ratio, 1) : rounded(ratio, 2));

/**
 * Rxgym's share of each peer's time, and its limit.
 * @param {readonly (Figure | undefined)[]} figures
 */
function rowsOf(figures) {
  const arms = figures[0]?.arms ?? {};
  const limits = new Map(
    figures.flatMap((figure) => {
      if (!figure?.pair) return [];
      const { pair, limit, value } = figure;
      if (pair[0] === 'rxgym') return [[pair[1], { limit, ratio: value }]];
      return [[pair[0], { limit: 1 / limit, ratio: 1 / value }]];
    }),
  );
  const own = arms['rxgym']?.p50 ?? NaN;
  return Object.entries(arms)
    .filter(([arm]) => arm !== 'rxgym')
    .map(([arm, { p50 }]) => ({ name: nameOf(arm), limit: undefined, ratio: own / p50, ...limits.get(arm) }))
    .sort((a, b) => a.ratio - b.ratio);
}

/**
 * @param {{ readonly figures: Readonly<Record<string, Figure>>, readonly machine: { readonly browser: string } }} results
 */
export function chart({ figures, machine }) {
  /** @type {string[]} */
  const parts = [];
  let y = 54;
  for (const { ids, heading } of sections) {
    const rows = rowsOf(ids.map((id) => figures[id]));
    if (rows.length === 0) continue;
    y += 12;
    parts.push(`<text class="heading" x="14" y="${y}">${heading}</text>`);
    y += 8;
    for (const { name, ratio, limit } of rows) {
      const [from, to] = [Math.min(x(1), x(ratio)), Math.max(x(1), x(ratio))];
      const middle = y + line / 2;
      parts.push(
        `<text x="14" y="${middle + 4}">${name}</text>`,
        `<rect class="${ratio <= 1 ? 'less' : 'more'}" x="${from}" y="${y + 4}" width="${Math.max(1, to - from)}" height="${line - 8}" rx="2"/>`,
        `<text x="${width - 8}" y="${middle + 4}" text-anchor="end">${shown(ratio)}</text>`,
      );
      if (limit) parts.push(`<path class="limit" d="M${x(limit)} ${y + 1}v${line - 2}"/>`);
      y += line;
    }
    y += 8;
  }
  const scale = [0.1, 1, 10].map(
    (ratio) =>
      `<path class="${ratio === 1 ? 'one' : 'grid'}" d="M${x(ratio)} 50V${y}"/>` +
      `<text class="small" x="${x(ratio)}" y="${y + 14}" text-anchor="middle">${ratio}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${y + 40}" width="${width}" height="${y + 40}" role="img" aria-label="rxgym's time as a share of each peer's">
<style>
  svg { --ground: #fff; --text: #1f2328; --soft: #59636e; --grid: #d1d9e0; --less: #2da44e; --more: #d4762c; --limit: #8250df }
  @media (prefers-color-scheme: dark) {
    svg { --ground: #161b22; --text: #e6edf3; --soft: #9198a1; --grid: #30363d; --less: #3fb950; --more: #e3963e; --limit: #d2a8ff }
  }
  .ground { fill: var(--ground); stroke: var(--grid) }
  text { font: 12px system-ui, sans-serif; fill: var(--text) }
  .title { font-size: 15px; font-weight: 600 }
  .heading { font-weight: 600 }
  .small { font-size: 11px; fill: var(--soft) }
  .less { fill: var(--less) } .more { fill: var(--more) }
  .grid { stroke: var(--grid) } .one { stroke: var(--soft) }
  .limit { stroke: var(--limit); stroke-width: 2.5 }
</style>
<rect class="ground" x="0.5" y="0.5" width="${width - 1}" height="${y + 39}" rx="8"/>
<text class="title" x="14" y="26">rxgym’s time ÷ its peer’s</text>
<text class="small" x="14" y="43">medians; left of 1 rxgym is faster; a stroke is its limit</text>
${scale.join('\n')}
${parts.join('\n')}
<text class="small" x="14" y="${y + 30}">${machine.browser}</text>
</svg>
`;
}
