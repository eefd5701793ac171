/**
 * The page's interrupt byte as an array of one, which Pyodide polls
 * (https://pyodide.org/en/stable/usage/keyboard-interrupts.html). Pyodide reads it and then writes 0 in any case, so that
 * what the page writes in between is lost: some 2 of 100 interrupts of a tight loop. Here a 0 is written only where
 * something else was read.
 */
export function interruptBuffer(shared: SharedArrayBuffer): Uint8Array {
  const byte = new Uint8Array(shared);
  let read = 0;
  const buffer = {
    get 0() {
      return (read = Atomics.load(byte, 0));
    },
    set 0(next: number) {
      if (read) Atomics.store(byte, 0, next);
    },
  };
  return buffer as unknown as Uint8Array; // Pyodide uses nothing else of it
}
