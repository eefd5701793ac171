import type * as Pyodide from 'pyodide';

/** The same Pyodide as rxgym's, with nothing around it. */
export async function load(): Promise<Pyodide.PyodideInterface> {
  const indexURL = new URL('/pyodide/', location.origin).href;
  const { loadPyodide } = (await import(/* webpackIgnore: true */ `${indexURL}pyodide.mjs`)) as typeof Pyodide;
  return loadPyodide({ indexURL });
}
