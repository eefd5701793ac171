import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pyodide } from '../helpers/folders';

export interface Wheel {
  readonly name: string;
  readonly file: string;
  readonly bytes: Buffer;
  /** Its entry in a `pyodide-lock.json`. */
  readonly lock: object;
}

/** A wheel of one pure-Python module. https://packaging.python.org/en/latest/specifications/binary-distribution-format/ */
export function wheel(
  name: string,
  source: string,
  more: Files = {},
  depends: readonly string[] = [],
  metadata = '',
): Wheel {
  const file = `${name}-1.0-py3-none-any.whl`;
  const info = `${name}-1.0.dist-info`;
  const bytes = zip({
    [`${name}/__init__.py`]: source,
    ...more,
    [`${info}/METADATA`]: `Metadata-Version: 2.1\nName: ${name}\nVersion: 1.0\n${metadata}`,
    [`${info}/WHEEL`]: 'Wheel-Version: 1.0\nGenerator: spec\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
    [`${info}/RECORD`]: `${name}/__init__.py,,\n${info}/METADATA,,\n${info}/WHEEL,,\n${info}/RECORD,,\n`,
  });
  return {
    name,
    file,
    bytes,
    lock: lockOf(name, file, bytes, { install_dir: 'site', package_type: 'package', depends }),
  };
}

/** A package of libraries that others need. */
export function libraries(name: string, files: Files): Wheel {
  const file = `${name}-1.0.zip`;
  const bytes = zip(files);
  const lock = { install_dir: 'dynlib', package_type: 'shared_library', depends: [] };
  return { name, file, bytes, lock: lockOf(name, file, bytes, lock) };
}

const lockOf = (name: string, file: string, bytes: Buffer, more: object): object => ({
  name,
  version: '1.0',
  file_name: file,
  sha256: createHash('sha256').update(bytes).digest('hex'),
  imports: [name],
  unvendored_tests: false,
  ...more,
});

type Files = Readonly<Record<string, string | Uint8Array>>;

/** Pyodide's lock file, which lists these wheels, too, by their canonical names. */
export function lockFileWith(...wheels: readonly Wheel[]): string {
  const lock = JSON.parse(readFileSync(join(pyodide, 'pyodide-lock.json'), 'utf8')) as { readonly packages: object };
  const added = Object.fromEntries(wheels.map(({ name, lock }) => [name.replaceAll('_', '-'), lock]));
  return JSON.stringify({ ...lock, packages: { ...lock.packages, ...added } });
}

/** A zip file that stores, without compression. APPNOTE.TXT 4.3: local headers with data, the directory, its end. */
function zip(files: Files): Buffer {
  const entries: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [path, content] of Object.entries(files)) {
    const [name, data] = [Buffer.from(path), typeof content === 'string' ? Buffer.from(content) : Buffer.from(content)];
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0); // version needed
    common.writeUInt16LE(0x21, 8); // 1980-01-01
    common.writeUInt32LE(crc32(data), 10);
    common.writeUInt32LE(data.length, 14);
    common.writeUInt32LE(data.length, 18);
    common.writeUInt16LE(name.length, 22);
    const entry = Buffer.concat([Buffer.from('PK\x03\x04'), common, name, data]);
    const place = Buffer.alloc(14); // comment, disk and attributes: none
    place.writeUInt32LE(offset, 10);
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00'), common, place, name]));
    entries.push(entry);
    offset += entry.length;
  }
  const index = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06');
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(index.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...entries, index, end]);
}

// node:zlib has one only from Node 20.15 on
function crc32(data: Buffer): number {
  let crc = ~0;
  for (const byte of data) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}
