/**
 * Where Pyodide lies: what the page's `?indexURL=` names, else what the examples' server has at `/pyodide/`.
 * Always absolute, with a trailing slash.
 */
export function indexURL(): string {
  const asked = new URLSearchParams(location.search).get('indexURL');
  return new URL(`${(asked ?? '/pyodide').replace(/\/+$/, '')}/`, location.href).href;
}
