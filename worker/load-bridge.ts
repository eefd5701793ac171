import { bridgeSources } from './bridge/index.js';
import type { Namespace, Pyodide } from './pyodide.js';

/** The bridge's names. A snapshot has them already, where they were left `forSnapshot`. */
export function loadBridge(pyodide: Pyodide, forSnapshot: boolean): Namespace {
  const found = pyodide.runPython("import sys; sys.__dict__.pop('_rxgym', None)") as Namespace | undefined;
  if (found) return found;
  const globals = pyodide.toPy({ __name__: 'rxgym', sources: bridgeSources.join('\0') }) as Namespace;
  // runPython would search the whole source for an `await` first, which takes as long as some hundred lines of Python
  // One file after another: what the compiler needs for all at once would enlarge the heap, and no snapshot that is larger
  // than a new interpreter's heap (30 MiB) can be restored.
  pyodide.runPython('for source in globals().pop("sources").split("\\0"): exec(compile(source, "<rxgym>", "exec"))', {
    globals,
  });
  if (forSnapshot) pyodide.runPython('sys._rxgym = globals()', { globals });
  return globals;
}
