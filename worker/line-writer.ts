import type { OutputWriter } from './pyodide.js';

/** A longer line comes in parts, so that printing without a newline does not fill the memory. */
const longestLine = 10_000;

export interface LineWriter extends OutputWriter {
  /** Ends the line: what a command wrote without a newline is a line, too. */
  flush(): void;
}

/** Cuts what Python writes into lines. */
export function lineWriter(onLine: (line: string) => void): LineWriter {
  const decoder = new TextDecoder();
  let line = '';
  const end = (): void => {
    onLine(line);
    line = '';
  };
  return {
    write(bytes) {
      const [first = '', ...more] = decoder.decode(bytes, { stream: true }).split('\n');
      add(first);
      for (const each of more) {
        end();
        add(each);
      }
      return bytes.length;
    },
    flush() {
      if (line) end();
    },
  };

  function add(text: string): void {
    line += text;
    while (line.length > longestLine) {
      onLine(line.slice(0, longestLine));
      line = line.slice(longestLine);
    }
  }
}
