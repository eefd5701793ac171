import type { Pyodide } from './pyodide.js';

/**
 * True when more than half of what the wasm heap may ever have is taken. It never shrinks: after an exception for want of
 * memory in a full heap more will follow, while in a small heap something asked for too much at once. Where Pyodide does
 * not show its heap, it counts as small.
 */
export function heapIsFull({ _module }: Pyodide): boolean {
  const most = _module?.getHeapMax?.() ?? Infinity;
  return (_module?.HEAPU8?.length ?? 0) > most / 2;
}
