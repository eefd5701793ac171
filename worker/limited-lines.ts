import type { OnLine } from './redirect-output.js';

/** So that an endless loop of `print` does not fill the page's memory. */
const linesPerCommand = 1000;

/** Passes on a command's first lines, and at its end says how many more there were. */
export function limitedLines(onLine: OnLine): { add: OnLine; flush: () => void } {
  let count = 0;
  return {
    add(stream, line) {
      count += 1;
      if (count <= linesPerCommand) onLine(stream, line);
    },
    flush() {
      if (count > linesPerCommand) onLine('stderr', `… ${count - linesPerCommand} more lines were left out`);
      count = 0;
    },
  };
}
