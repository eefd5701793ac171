import { execFileSync } from 'node:child_process';

/** Runs a piece of Python behind a source, in Pyodide in a Node of its own, and answers what it leaves in `answer`. */
export function inPyodide(source: string, code: string): unknown {
  const script = `
    import { readFileSync } from 'node:fs';
    import { loadPyodide } from 'pyodide';
    const { source, code } = JSON.parse(readFileSync(0, 'utf8'));
    const pyodide = await loadPyodide({ stdout: () => undefined, stderr: () => undefined });
    pyodide.runPython(source);
    pyodide.runPython(code);
    console.log(pyodide.runPython('import json; json.dumps(answer)'));
  `;
  const out = execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
    input: JSON.stringify({ source, code }),
    encoding: 'utf8',
  });
  return JSON.parse(out);
}
