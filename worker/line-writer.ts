/** A line that is longer comes in parts, so that a print without an end fills no memory. */
const longestLine = 10_000;

export interface LineWriter {
  /** Takes what Python writes, of any length; answers how much it took. */
  write(bytes: Uint8Array): number;
  /** What was written without a newline is a line, too, when its command is over. */
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
