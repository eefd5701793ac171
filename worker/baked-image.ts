// A baked image: a booted interpreter with an env set up in it. `rxgym bake` writes it, `runtime.env({ image })` reads it.
// It is compressed with gzip, whose checksum at the end shows whether all arrived undamaged. Inside, little-endian:
//
//   8 bytes   'rxgymimg'
//   4 bytes   the manifest's length
//   4 bytes   the offset of the memory, a multiple of 16
//   32 bytes  SHA-256 of all between here and the memory, so that the env's source is usable where the memory is damaged
//   manifest  JSON
//   files     one after another, in the order of the manifest
//   memory    Pyodide's snapshot

import { hex, sha256 } from './sha256.js';

type Bytes = Uint8Array<ArrayBuffer>;

/** The part of an env's spec that set_up needs to make it; `entropy` is the key of what it draws meanwhile. */
export interface BakedEnv {
  readonly source: string | null;
  readonly make: string | null;
  readonly entryPoint: string | null;
  readonly kwargs: Readonly<Record<string, unknown>>;
  readonly entropy: string;
}

export interface Manifest {
  readonly format: 1;
  readonly rxgym: string;
  /** The build of the bridge in the memory. */
  readonly bridge: string;
  readonly pyodide: string;
  readonly python: string;
  readonly env: BakedEnv;
  /** Below `site/` (Python's site-packages) and `home/` (where Python runs), with their sizes. */
  readonly files: readonly (readonly [path: string, size: number])[];
  /** The memory's size and SHA-256. */
  readonly memory: number;
  readonly sha256: string;
}

export interface BakedImage {
  readonly manifest: Manifest;
  readonly files: readonly (readonly [path: string, bytes: Bytes])[];
  /** Downloads the memory, which follows the files. */
  readonly memory: () => Promise<Bytes>;
  /** Cancels the download. */
  readonly close: () => void;
}

const magic = 'rxgymimg';
const startBytes = 48;
const text = new TextEncoder();

/** The file's bytes, to be compressed. */
export async function encodeBakedImage(
  facts: Omit<Manifest, 'format' | 'files' | 'memory' | 'sha256'>,
  files: BakedImage['files'],
  memory: Bytes,
): Promise<{ manifest: Manifest; bytes: Bytes }> {
  const manifest: Manifest = {
    format: 1,
    ...facts,
    files: files.map(([path, { length }]) => [path, length]),
    memory: memory.length,
    sha256: hex(await sha256(memory)),
  };
  const json = text.encode(JSON.stringify(manifest));
  const parts = [json, ...files.map(([, bytes]) => bytes)];
  const length = parts.reduce((sum, part) => sum + part.length, startBytes);
  const memoryAt = Math.ceil(length / 16) * 16;
  const bytes = new Uint8Array(memoryAt + memory.length);
  let at = startBytes;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  bytes.set(text.encode(magic));
  const numbers = new DataView(bytes.buffer);
  numbers.setUint32(8, json.length, true);
  numbers.setUint32(12, memoryAt, true);
  bytes.set(await sha256(bytes.slice(startBytes, memoryAt)), 16);
  bytes.set(memory, memoryAt);
  return { manifest, bytes };
}

/** Reads manifest and files; the memory comes after them. `onBytes` counts the memory's bytes. */
export async function openBakedImage(
  compressed: ReadableStream<Bytes>,
  onBytes: (loaded: number, total: number) => void,
): Promise<BakedImage> {
  const { take, end, close } = reading(compressed.pipeThrough(new DecompressionStream('gzip')));
  const start = await take(startBytes);
  const numbers = new DataView(start.buffer);
  if (new TextDecoder().decode(start.subarray(0, 8)) !== magic) throw new Error('it is no image of rxgym');
  const head = await take(numbers.getUint32(12, true) - startBytes);
  // pages on http have no `crypto.subtle`
  const { subtle } = crypto as { subtle?: SubtleCrypto };
  if (subtle && hex(await sha256(head)) !== hex(start.subarray(16, 48))) throw new Error('it is damaged');
  let at = numbers.getUint32(8, true);
  const manifest = JSON.parse(new TextDecoder().decode(head.subarray(0, at))) as Manifest;
  if ((manifest.format as number) !== 1) throw new Error(`it is of format ${manifest.format}, not of format 1`);
  const files = manifest.files.map(([path, size]) => [path, head.subarray(at, (at += size))] as const);
  const total = manifest.memory;
  return {
    manifest,
    files,
    close,
    async memory() {
      const bytes = await take(total, (loaded) => {
        onBytes(loaded, total);
      });
      await end();
      return bytes;
    },
  };
}

interface Reading {
  /** The next `length` bytes. */
  readonly take: (length: number, onBytes?: (loaded: number) => void) => Promise<Bytes>;
  /** Throws where something is left; reading to the end checks gzip's checksum. */
  readonly end: () => Promise<void>;
  readonly close: () => void;
}

function reading(stream: ReadableStream<Bytes>): Reading {
  const reader = stream.getReader();
  let rest: Bytes = new Uint8Array();
  return {
    async take(length, onBytes = () => undefined) {
      const whole = new Uint8Array(length);
      let at = 0;
      for (;;) {
        const part = rest.subarray(0, length - at);
        whole.set(part, at);
        at += part.length;
        rest = rest.subarray(part.length);
        onBytes(at);
        if (at === length) return whole;
        const { done, value } = await reader.read();
        if (done) throw new Error('it is cut off');
        rest = value;
      }
    },
    async end() {
      if (rest.length || !(await reader.read()).done) throw new Error('it is too long');
    },
    close() {
      reader.cancel().catch(() => undefined);
    },
  };
}
