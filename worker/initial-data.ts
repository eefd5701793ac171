// The data that Pyodide's main module brings along, which is in its memory before anything runs. A baked image need not
// have it as well: it is left out of the memory by exclusive or, which turns what is still the same into zeros.

type Bytes = Uint8Array<ArrayBuffer>;

/** Where the main module's data is in a snapshot, and the sum of its 32-bit words. */
export interface InitialData {
  readonly at: number;
  readonly length: number;
  readonly sum: number;
}

type Receive = (instance: WebAssembly.Instance, module: WebAssembly.Module) => void;

/** What is used of the settings from which Emscripten makes its module. */
interface ModuleSettings {
  instantiateWasm(imports: WebAssembly.Imports, receive: Receive): object;
}

/** Calls `use` with the memory when it has the main module's data, and no JavaScript has written to it yet. */
export function onInitialData(settings: object, use: (memory: Uint8Array) => void): void {
  const module = settings as ModuleSettings;
  const instantiate = module.instantiateWasm.bind(module);
  module.instantiateWasm = (imports, receive) =>
    instantiate(imports, (instance, compiled) => {
      use(new Uint8Array((instance.exports['memory'] as WebAssembly.Memory).buffer));
      receive(instance, compiled);
    });
}

/** A copy of the memory without the zeros at its end. */
export function copyOf(memory: Uint8Array): Uint8Array {
  const words = new Int32Array(memory.buffer, memory.byteOffset, memory.length >> 2);
  let count = words.length;
  while (words[count - 1] === 0) count--;
  return memory.slice(0, 4 * count);
}

/** Takes data out of a snapshot, or puts it back: doing it twice changes nothing. Returns the sum of the data's words. */
export function xor(snapshot: Bytes, at: number, data: Uint8Array): number {
  const words = new Int32Array(data.buffer, data.byteOffset, data.length >> 2);
  const into = new Int32Array(snapshot.buffer, snapshot.byteOffset + at, words.length);
  let sum = 0;
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? 0;
    into[i] = (into[i] ?? 0) ^ word;
    sum = (sum + word) | 0;
  }
  return sum;
}
