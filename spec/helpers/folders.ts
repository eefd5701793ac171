import { join } from 'node:path';

/** This repository. */
export const root = join(__dirname, '..', '..');
/** The Pyodide that is served as `/pyodide/`. */
export const pyodide = join(root, 'node_modules', 'pyodide');
