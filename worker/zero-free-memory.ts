/** What is used of Emscripten's allocator, from which Python has all its memory: https://gee.cs.oswego.edu/dl/html/malloc.html */
interface Allocator {
  readonly HEAPU8: Uint8Array;
  _malloc(bytes: number): number;
  _free(at: number): void;
  _malloc_usable_size(at: number): number;
  _malloc_footprint(): number;
  _malloc_set_footprint_limit(bytes: number): number;
}

/**
 * Fills the free memory with zeros, so that it takes no room in a snapshot: what was freed keeps its former bytes. For that,
 * all of it is allocated, the largest parts first, while the allocator may not ask for more; and freed again.
 */
export function zeroFreeMemory(module: object): void {
  const allocator = module as Allocator;
  if (!('_malloc_set_footprint_limit' in allocator)) return; // another version of Pyodide
  const held: number[] = [];
  allocator._malloc_set_footprint_limit(allocator._malloc_footprint());
  for (let size = 1 << 24; size >= smallest; size = size > 16 ? size >> 1 : size - 4) {
    for (let at = allocator._malloc(size); at; at = allocator._malloc(size)) {
      allocator.HEAPU8.fill(0, at, at + allocator._malloc_usable_size(at));
      held.push(at);
    }
  }
  for (const at of held.reverse()) allocator._free(at);
  allocator._malloc_set_footprint_limit(-1); // none
}

const smallest = 12;
