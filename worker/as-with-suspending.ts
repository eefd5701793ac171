type Suspending = Record<'Suspending' | 'promising', unknown>;

/**
 * Boots Pyodide as if there were JSPI, for a memory that others start from. Without it, the memory's `run_sync` only refuses,
 * in browsers that could wait, too: an image is made in Node. With it, the `run_sync` refuses where it is not called so that
 * it can wait, which is the case wherever there is no JSPI. https://github.com/pyodide/pyodide/blob/main/src/core/jsproxy.c
 */
export async function asWithSuspending<T>(boot: () => Promise<T>): Promise<T> {
  if ('Suspending' in WebAssembly) return boot();
  const as = WebAssembly as unknown as Suspending;
  // nothing suspends while a snapshot is made
  as.Suspending = function <F>(f: F) {
    return f;
  };
  as.promising = <F>(f: F) => f;
  try {
    return await boot();
  } finally {
    delete (as as Partial<Suspending>).Suspending;
    delete (as as Partial<Suspending>).promising;
  }
}
