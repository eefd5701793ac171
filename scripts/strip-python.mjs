// A loader for webpack: Python without what only its readers need, since every visitor downloads it. Comments, docstrings
// and blank lines go, four spaces become one. A line that begins with `"""` has to begin a docstring, and no other text
// may go over several lines.

/** @param {string} source */
export default function stripPython(source) {
  return source
    .replace(/^ *"""[^]*?"""\n/gm, '')
    .replace(/^ *#.*\n/gm, '')
    .replace(/^([^"'#\n]*?) +#.*$/gm, '$1')
    .replace(/^(?: {4})+/gm, (indent) => ' '.repeat(indent.length / 4))
    .replace(/\n{2,}/g, '\n');
}
