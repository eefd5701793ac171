/** Where Python keeps how it calls functions of which it does not know how many arguments they take. */
export interface Trampoline {
  readonly HEAP32: Int32Array;
  readonly __PyRuntime: number;
  readonly __PyEM_EMSCRIPTEN_TRAMPOLINE_OFFSET: number;
}

/**
 * A memory has the way of the place where it was made: by a function of WebAssembly at some place in the table, or, in Node 20
 * and on iOS, by JavaScript, which is slower and cannot be suspended. Returns what puts back the way of this place.
 * https://github.com/python/cpython/blob/main/Python/emscripten_trampoline.c
 */
export function trampolineOf(module: Trampoline): () => void {
  const at = (): number =>
    (module.__PyRuntime + (module.HEAP32[module.__PyEM_EMSCRIPTEN_TRAMPOLINE_OFFSET / 4] ?? 0)) / 4;
  const own = module.HEAP32[at()] ?? 0;
  return () => {
    module.HEAP32[at()] = own;
  };
}
