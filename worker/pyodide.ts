// What the worker uses of Pyodide, as all versions from 0.26 have it: https://pyodide.org/en/stable/usage/api/js-api.html.
// Only load.ts knows the package itself.

/** Files in the interpreter's memory: https://emscripten.org/docs/api_reference/Filesystem-API.html */
export interface FileSystem {
  mkdirTree(path: string): void;
  /** With `canOwn`, the file is the bytes themselves. */
  writeFile(path: string, bytes: Uint8Array, options?: { readonly canOwn: boolean }): void;
  analyzePath(path: string): { readonly exists: boolean };
  readFile(path: string): Uint8Array;
  readdir(path: string): string[];
  stat(path: string): { readonly mode: number };
  isDir(mode: number): boolean;
}

/** A Python object that JavaScript holds until it lets go of it. */
export interface Proxy {
  destroy(): void;
}

/** Python's `bytes`, `bytearray` or `memoryview`. */
export interface BytesProxy {
  getBuffer(type: 'u8'): { readonly data: Uint8Array<ArrayBuffer>; release(): void };
}

export interface PythonFunction {
  (...args: readonly unknown[]): unknown;
  /** Calls it so that it can be suspended, by JSPI; there since 0.27. */
  readonly callPromising?: (...args: readonly unknown[]) => Promise<unknown>;
}

/** A dict of a module's names. */
export interface Namespace extends Proxy {
  get(name: string): unknown;
  set(name: string, value: unknown): void;
}

/** Takes what Python writes, of any length, and returns how much it took. */
export interface OutputWriter {
  write(bytes: Uint8Array): number;
}

/** A package in Pyodide's lock file: https://pyodide.org/en/stable/usage/lock-files.html */
export interface Locked {
  readonly file_name: string;
  readonly install_dir: string;
  readonly depends: readonly string[];
  readonly sha256: string;
}

export interface Pyodide {
  readonly version: string;
  readonly FS: FileSystem;
  readonly loadedPackages: Record<string, string>;
  readonly lockfile?: { readonly packages: Readonly<Record<string, Locked>> };
  /** Where the lock file is before 0.28. */
  readonly _api?: { readonly lockfile_packages: Readonly<Record<string, Locked>> };
  /** There since 0.26, without a promise that it stays. */
  readonly makeMemorySnapshot?: () => Uint8Array;
  readonly _module?: { readonly HEAPU8?: Uint8Array; readonly getHeapMax?: () => number };
  loadPackage(
    name: string,
    options: { messageCallback: () => void; errorCallback: (problem: string) => void },
  ): Promise<unknown>;
  runPython(code: string, options?: { readonly globals?: Proxy }): unknown;
  toPy(value: unknown): unknown;
  setStdout(writer: OutputWriter): void;
  setStderr(writer: OutputWriter): void;
  /** With a function that returns nothing: `sys.stdin` is at its end. */
  setStdin(reader: { stdin(): undefined }): void;
  /** Throws where the interrupt buffer says so. */
  checkInterrupt(): void;
  setInterruptBuffer(buffer: Uint8Array): void;
}
