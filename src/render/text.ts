import type { TextFrame } from '../env/step.js';
import { parseAnsi, type Run } from './ansi.js';
import { clear, type Context2D, type PaintableCanvas } from './canvas.js';

export interface TextPainterConfig {
  readonly background: string | undefined;
  /** The colour of text that sets none. */
  readonly color: string;
}

const lineHeight = 1.2;
/** The width of a monospaced character divided by the font size; fonts have 0.55 to 0.61. */
const aspect = 0.61;
/** Font sizes in pixels: smaller ones cannot be read, larger ones look odd. */
const [smallest, largest] = [6, 32];

/** Paints text frames as monospaced lines from the top left, as large as they fit, in the colours of a terminal. */
export function textPainter(
  canvas: PaintableCanvas,
  context: Context2D,
  { background, color }: TextPainterConfig,
): (frame: TextFrame) => void {
  return ({ text }) => {
    const { width, height } = canvas;
    const lines = toRuns(text);
    const columns = lines.reduce((most, runs) => Math.max(most, columnsOf(runs)), 1);
    const fitting = Math.min(height / (lines.length * lineHeight), width / (columns * aspect));
    const size = Math.floor(Math.min(largest, Math.max(smallest, fitting)));

    clear(context, width, height, background);
    context.font = `${size}px monospace`;
    context.textBaseline = 'top';
    const advance = context.measureText('M').width;
    const visible = Math.ceil(height / (size * lineHeight));
    for (const [row, runs] of lines.slice(0, visible).entries()) {
      let column = 0;
      for (const run of runs) {
        const [x, y] = [column * advance, row * size * lineHeight];
        if (run.background !== undefined) {
          context.fillStyle = run.background;
          context.fillRect(x, y, run.text.length * advance, size * lineHeight);
        }
        context.fillStyle = run.colour ?? color;
        context.fillText(run.text, x, y);
        column += run.text.length;
      }
    }
  };
}

const columnsOf = (runs: readonly Run[]) => runs.reduce((sum, run) => sum + run.text.length, 0);

function toRuns(text: string): readonly (readonly Run[])[] {
  let style = {};
  return text
    .replace(/\n+$/, '')
    .split('\n')
    .map((line) => {
      const parsed = parseAnsi(line, style);
      style = parsed.style;
      return parsed.runs;
    });
}
