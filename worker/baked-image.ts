// An image: a booted interpreter with packages, and maybe with an env set up in it. `rxgym bake` writes one with an env,
// `runtime.env({ image })` reads it. The snapshots from which restarts and later visits come are images, too. A file of
// `rxgym bake` is compressed with gzip, whose checksum at the end shows whether all arrived undamaged; or with brotli,
// which the browser unpacks. Inside, little-endian:
//
//   8 bytes   'rxgymimg'
//   4 bytes   the manifest's length
//   4 bytes   the offset of the memory, a multiple of 16
//   32 bytes  SHA-256 of all between here and the memory, so that the env's source is usable where the memory is damaged
//   manifest  JSON
//   files     one after another, in the order of the manifest
//   memory    Pyodide's snapshot, without the gaps: its longer runs of zeros

import type { PlacedFile } from './files.js';
import type { InitialData } from './initial-data.js';
import { hex, sha256 } from './sha256.js';
import type { Links } from './side-modules.js';

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
  readonly format: 3;
  readonly rxgym: string;
  /** The build of the bridge in the memory. */
  readonly bridge: string;
  readonly pyodide: string;
  readonly python: string;
  readonly env: BakedEnv | null;
  /** What of Pyodide's lock file is in it, or what came from an address: its name, and its file's SHA-256. */
  readonly packages: Readonly<Record<string, string>>;
  /** What the memory lacks; null where Pyodide is of a version that is not known. */
  readonly links: Links | null;
  /** What the main module brings along, which the memory has no more; null where the memory has it. */
  readonly data: InitialData | null;
  /** Below `site/`, `lib/` and `home/`, with their sizes. */
  readonly files: readonly (readonly [path: string, size: number])[];
  /** The size and SHA-256 of the memory as it is here. */
  readonly memory: number;
  /** Where zeros belong in it: from the place on at which they are in the end. */
  readonly gaps: readonly (readonly [at: number, length: number])[];
  readonly sha256: string;
}

export interface BakedImage {
  readonly manifest: Manifest;
  readonly files: readonly PlacedFile[];
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
  facts: Omit<Manifest, 'format' | 'files' | 'memory' | 'gaps' | 'sha256'>,
  files: BakedImage['files'],
  snapshot: Bytes,
): Promise<{ manifest: Manifest; bytes: Bytes }> {
  const { memory, gaps } = withoutZeros(snapshot);
  const manifest: Manifest = {
    format: 3,
    ...facts,
    files: files.map(([path, { length }]) => [path, length]),
    memory: memory.length,
    gaps,
    sha256: hex(await hashOf(memory)),
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
  bytes.set(await hashOf(bytes.subarray(startBytes, memoryAt)), 16);
  bytes.set(memory, memoryAt);
  return { manifest, bytes };
}

/** Reads manifest and files; the memory comes after them. `onBytes` counts the memory's bytes. */
export async function openBakedImage(
  response: ReadableStream<Bytes>,
  onBytes: (loaded: number, total: number) => void,
): Promise<BakedImage> {
  const { isChecked, stream } = await unzipped(response);
  const { take, end, close } = reading(stream);
  const { jsonLength, memoryAt, hash } = decodeStart(await take(startBytes));
  const head = await take(memoryAt - startBytes);
  if (hex(await hashOf(head)) !== hash && canHash()) throw new Error('it is damaged');
  const { manifest, files } = decodeHead(head, jsonLength);
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
      if (!isChecked && canHash() && hex(await hashOf(bytes)) !== manifest.sha256) throw new Error('it is damaged');
      return withZeros(bytes, manifest.gaps);
    },
  };
}

/** Unpacks what begins as gzip does. `isChecked`: there is a checksum at its end. */
async function unzipped(
  response: ReadableStream<Bytes>,
): Promise<{ isChecked: boolean; stream: ReadableStream<Bytes> }> {
  const reader = response.getReader();
  const first = await reader.read();
  const whole = new ReadableStream<Bytes>({
    start(controller) {
      if (first.value) controller.enqueue(first.value);
    },
    async pull(controller) {
      const { done, value } = await reader.read();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: (reason) => reader.cancel(reason),
  });
  const isChecked = first.value?.[0] === 0x1f;
  return { isChecked, stream: isChecked ? whole.pipeThrough(new DecompressionStream('gzip')) : whole };
}

/** Reads a snapshot, which is not compressed. */
export function readImage(bytes: Bytes): BakedImage {
  const { jsonLength, memoryAt } = decodeStart(bytes);
  const { manifest, files } = decodeHead(bytes.subarray(startBytes, memoryAt), jsonLength);
  return {
    manifest,
    files,
    memory: () => Promise.resolve(withZeros(bytes.subarray(memoryAt), manifest.gaps)),
    close: () => undefined,
  };
}

function decodeStart(bytes: Bytes): { jsonLength: number; memoryAt: number; hash: string } {
  const numbers = new DataView(bytes.buffer, bytes.byteOffset);
  if (new TextDecoder().decode(bytes.subarray(0, 8)) !== magic) throw new Error('it is no image of rxgym');
  return {
    jsonLength: numbers.getUint32(8, true),
    memoryAt: numbers.getUint32(12, true),
    hash: hex(bytes.subarray(16, startBytes)),
  };
}

function decodeHead(head: Bytes, jsonLength: number): Pick<BakedImage, 'manifest' | 'files'> {
  const manifest = JSON.parse(new TextDecoder().decode(head.subarray(0, jsonLength))) as Manifest;
  if ((manifest.format as number) !== 3) throw new Error(`it is of format ${manifest.format}, not of format 3`);
  let at = jsonLength;
  return { manifest, files: manifest.files.map(([path, size]) => [path, head.subarray(at, (at += size))] as const) };
}

// pages on http have no `crypto.subtle`
const canHash = (): boolean => 'subtle' in crypto;
const hashOf = async (bytes: Bytes): Promise<Bytes> => (canHash() ? sha256(bytes) : new Uint8Array(32));

/** Shorter runs of zeros are not looked for. */
const block = 65_536;

function withoutZeros(snapshot: Bytes): { memory: Bytes; gaps: [at: number, length: number][] } {
  const gaps: [at: number, length: number][] = [];
  const memory = new Uint8Array(snapshot.length);
  let length = 0;
  for (let at = 0; at < snapshot.length; at += block) {
    const part = snapshot.subarray(at, at + block);
    const gap = gaps.at(-1);
    if (!isZero(part)) {
      memory.set(part, length);
      length += part.length;
    } else if (gap && gap[0] + gap[1] === at) gap[1] += part.length;
    else gaps.push([at, part.length]);
  }
  return { memory: memory.slice(0, length), gaps };
}

function isZero(bytes: Bytes): boolean {
  const words = new Float64Array(bytes.buffer, bytes.byteOffset, bytes.length >> 3);
  return words.every((word) => Object.is(word, 0)) && bytes.subarray(words.byteLength).every((byte) => byte === 0);
}

function withZeros(memory: Bytes, gaps: Manifest['gaps']): Bytes {
  const snapshot = new Uint8Array(gaps.reduce((sum, [, length]) => sum + length, memory.length));
  let from = 0;
  let to = 0;
  for (const [at, length] of [...gaps, [snapshot.length, 0] as const]) {
    const part = memory.subarray(from, (from += at - to));
    snapshot.set(part, to);
    to = at + length;
  }
  return snapshot;
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
