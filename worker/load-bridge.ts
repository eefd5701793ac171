import { bridgeSource } from './bridge/index.js';
import type { Namespace, Pyodide } from './pyodide.js';

/** The bridge's names. A snapshot has them already, where they were left `forSnapshot`. */
export function loadBridge(pyodide: Pyodide, forSnapshot: boolean): Namespace {
  const found = pyodide.runPython("import sys; sys.__dict__.pop('_rxgym', None)") as Namespace | undefined;
  if (found) return found;
  const globals = pyodide.toPy({ __name__: 'rxgym', source: bridgeSource }) as Namespace;
  // runPython would search the whole source for an `await` first, which takes as long as some hundred lines of Python
  pyodide.runPython('exec(compile(globals().pop("source"), "<rxgym>", "exec"), globals())', { globals });
  if (forSnapshot) pyodide.runPython('sys._rxgym = globals()', { globals });
  return globals;
}
