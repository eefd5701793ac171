/** Text in one style. */
export interface Run {
  readonly text: string;
  readonly colour?: string;
  readonly background?: string;
}

type Style = Omit<Run, 'text'>;

// The eight colours of a terminal, as in xterm.
// https://en.wikipedia.org/wiki/ANSI_escape_code#3-bit_and_4-bit
const colours = ['#000000', '#cd0000', '#00cd00', '#cdcd00', '#0000ee', '#cd00cd', '#00cdcd', '#e5e5e5'];
const bright = ['#7f7f7f', '#ff0000', '#00ff00', '#ffff00', '#5c5cff', '#ff00ff', '#00ffff', '#ffffff'];

const escape = new RegExp(`${String.fromCharCode(0x1b)}\\[([\\d;]*)([A-Za-z])`);

/**
 * Splits a line of terminal output into runs of one style. Gymnasium's text envs (FrozenLake, Taxi) mark the player's place
 * only by colour, with ECMA-48 "select graphic rendition" sequences. The sixteen colours and their resets are kept; other
 * sequences are left out. `style` is the style at the end of the line before.
 */
export function parseAnsi(line: string, style: Style = {}): { readonly runs: readonly Run[]; readonly style: Style } {
  const runs: Run[] = [];
  // A split by a pattern with two groups gives text, group 1, group 2, text, …
  const parts = line.split(new RegExp(escape, 'g'));
  let current = style;
  for (let i = 0; i < parts.length; i += 3) {
    const text = parts[i] ?? '';
    if (text !== '') runs.push({ text, ...current });
    if (parts[i + 2] === 'm') current = toCodes(parts[i + 1] ?? '').reduce(applyCode, current);
  }
  return { runs, style: current };
}

/** The numbers of a sequence; an extended colour (38;5;n or 38;2;r;g;b) is shortened to its 38. */
function toCodes(parameters: string): readonly number[] {
  return parameters
    .replace(/\b([34]8);(?:5;\d+|2;\d+;\d+;\d+)/g, '$1')
    .split(';')
    .map(Number);
}

function applyCode(style: Style, code: number): Style {
  const { colour: _colour, ...plain } = style;
  const { background: _background, ...unlit } = style;
  if (code === 0) return {};
  if (code === 39) return plain;
  if (code === 49) return unlit;
  const palette = code >= 90 ? bright : colours;
  const hue = palette[code % 10];
  if (hue === undefined) return style;
  const tens = Math.floor(code / 10);
  if (tens === 3 || tens === 9) return { ...style, colour: hue };
  if (tens === 4 || tens === 10) return { ...style, background: hue };
  return style;
}
