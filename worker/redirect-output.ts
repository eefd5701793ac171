import { lineWriter } from './line-writer.js';
import type { Pyodide } from './pyodide.js';

export type OnLine = (stream: 'stdout' | 'stderr', line: string) => void;

/**
 * Hands on what Python prints (https://pyodide.org/en/stable/usage/streams.html), line by line. Returns what passes on the
 * rest that no newline has ended yet.
 */
export function redirectOutput(pyodide: Pyodide, onLine: OnLine): () => void {
  const stdout = lineWriter((line) => {
    onLine('stdout', line);
  });
  const stderr = lineWriter((line) => {
    onLine('stderr', line);
  });
  pyodide.setStdout(stdout);
  pyodide.setStderr(stderr);
  // or it would call `prompt`, which no worker has, and print that on the console
  pyodide.setStdin({ stdin: () => undefined });
  return () => {
    stdout.flush();
    stderr.flush();
  };
}
