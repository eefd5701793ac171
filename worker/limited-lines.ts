type Stream = 'stdout' | 'stderr';
type OnLine = (stream: Stream, line: string) => void;

/** Lines that one command may print; an endless `print` must not fill the page's memory. */
const linesPerCommand = 1000;

/** Passes lines on, up to a number per command, and then says how many were left out. */
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
