import { isText } from '../check.js';
import { describe } from '../describe.js';
import { ProtocolError, UsageError } from '../errors.js';
import type { CommandOf } from '../protocol/commands.js';
import { isNdArray, type NdArray } from '../protocol/ndarray.js';
import type { Value } from '../protocol/values.js';
import { absolute } from './address.js';

/** A file's text (as UTF-8), its bytes, or its address, relative to the page. */
export type FileContent = string | ArrayBuffer | ArrayBufferView | URL | { readonly url: string | URL };

/** By path, for instance `levels/one.txt`: relative to the folder in which Python runs, from which it also imports. */
export type Files = Readonly<Record<string, FileContent>>;

const aPath = 'the path of a file inside the folder in which Python runs, for instance levels/one.txt';
const aContent = 'text, bytes, a URL or { url }';

/**
 * Files for interpreters: each one's bytes, held once, or the address from which the first interpreter has yet to fetch
 * them. Throws a `UsageError` for what is no path or no content.
 */
export class FileSet {
  readonly #contents = new Map<string, ArrayBuffer | string>();

  /** A set stays as it is, so that several envs can share one. */
  static of(files: Files | FileSet): FileSet {
    return files instanceof FileSet ? files : new FileSet(files);
  }

  private constructor(files: Files) {
    const paths = Object.keys(files);
    for (const path of paths) {
      const parts = path.split('/');
      const isInside = parts.every((part) => part !== '' && part !== '.' && part !== '..') && !/[\\\0]/.test(path);
      if (!isInside) throw new UsageError('files', aPath, JSON.stringify(path));
      const below = paths.find((other) => other.startsWith(`${path}/`));
      if (below !== undefined) throw new UsageError('files', `${path} as a file or as a folder`, `both, for ${below}`);
      this.#contents.set(path, contentOf(files[path], `files[${JSON.stringify(path)}]`));
    }
  }

  get isEmpty(): boolean {
    return this.#contents.size === 0;
  }

  /** What writes them into an interpreter. */
  message(stall: number): CommandOf<'writeFiles'> {
    const files = Array.from(this.#contents, ([path, content]) =>
      typeof content === 'string' ? { path, bytes: null, url: content } : { path, bytes: content, url: null },
    );
    return { type: 'writeFiles', files, stall };
  }

  /** Keeps what a worker has fetched for a message, so that no later interpreter depends on a network. */
  keep({ files }: CommandOf<'writeFiles'>, answer: Value): void {
    const fetched = files.filter(({ url }) => url !== null);
    if (!Array.isArray(answer) || answer.length !== fetched.length || !answer.every(isNdArray)) {
      throw new ProtocolError(`the bytes of ${fetched.length} files`, describe(answer));
    }
    const arrays: readonly NdArray[] = answer;
    fetched.forEach(({ path }, i) => {
      const isMissing = typeof this.#contents.get(path) === 'string';
      if (isMissing) this.#contents.set(path, arrays[i]?.data.buffer as ArrayBuffer);
    });
  }
}

/** Bytes, copied, or an absolute address. */
function contentOf(content: unknown, name: string): ArrayBuffer | string {
  if (typeof content === 'string') return new TextEncoder().encode(content).buffer;
  if (content instanceof ArrayBuffer) return content.slice(0);
  if (ArrayBuffer.isView(content)) {
    return new Uint8Array(content.buffer, content.byteOffset, content.byteLength).slice().buffer;
  }
  if (content instanceof URL) return content.href;
  const { url } = (typeof content === 'object' && content !== null ? content : {}) as { readonly url?: unknown };
  const isAddress = isText(url) || url instanceof URL;
  const address = isAddress && Object.keys(content as object).length === 1 ? absolute(String(url)) : '';
  if (!URL.canParse(address)) throw new UsageError(name, aContent, describe(content));
  return address;
}
