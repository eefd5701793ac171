import { FileSet, type Files } from '../../src/runtime/files';

const bytes = (...list: number[]): ArrayBuffer => new Uint8Array(list).buffer;
const written = (files: Files) => FileSet.of(files).message(1000).files;

describe('files', () => {
  it('are text as UTF-8, bytes, or absolute addresses', () => {
    const inside = new Uint8Array([0, 1, 2, 3]).subarray(1, 3);
    const files = written({
      'levels/one.txt': 'ü',
      'a.bin': bytes(1),
      'b.bin': inside,
      'c.bin': new URL('https://here.test/c'),
      'd.bin': { url: 'https://here.test/d?x' },
    });

    expect(files).toEqual([
      { path: 'levels/one.txt', bytes: bytes(0xc3, 0xbc), url: null },
      { path: 'a.bin', bytes: bytes(1), url: null },
      { path: 'b.bin', bytes: bytes(1, 2), url: null },
      { path: 'c.bin', bytes: null, url: 'https://here.test/c' },
      { path: 'd.bin', bytes: null, url: 'https://here.test/d?x' },
    ]);
  });

  it('stay what they were, whatever becomes of the page’s bytes', () => {
    const mine = new Uint8Array([1]);
    const files = FileSet.of({ a: mine });
    mine[0] = 9;

    expect(files.message(1).files).toEqual([{ path: 'a', bytes: bytes(1), url: null }]);
  });

  it('are fetched once: then they are the bytes that came', () => {
    const files = FileSet.of({ a: 'A', b: new URL('https://here.test/b'), c: { url: 'https://here.test/c' } });
    const message = files.message(1);
    const answer = [new Uint8Array([1]), new Uint8Array([2, 3])].map((data) => {
      return { data, shape: [data.length], dtype: 'uint8' as const };
    });
    files.keep(message, answer);

    expect(files.message(1).files).toEqual([
      { path: 'a', bytes: bytes(65), url: null },
      { path: 'b', bytes: bytes(1), url: null },
      { path: 'c', bytes: bytes(2, 3), url: null },
    ]);
    expect(() => files.keep(message, [null])).toThrow(expect.objectContaining({ name: 'ProtocolError' }) as Error);
  });

  it('of a set are the set', () => {
    const files = FileSet.of({ a: '' });
    expect(FileSet.of(files)).toBe(files);
    expect([files.isEmpty, FileSet.of({}).isEmpty]).toEqual([false, true]);
  });

  it.each(['', '/etc/x', '../x', 'a/../b', 'a//b', 'a/', './a', 'a\\b', 'a\0', '/home/pyodide/x'])(
    'refuse the path %j',
    (path) => {
      expect(() => FileSet.of({ [path]: '' })).toThrow(
        expect.objectContaining({ name: 'UsageError', option: 'files', got: JSON.stringify(path) }) as Error,
      );
    },
  );

  it('refuse a file that is a folder, too', () => {
    expect(() => FileSet.of({ 'a/b': '', a: '' })).toThrow(
      'files: expected a as a file or as a folder, got both, for a/b',
    );
  });

  it.each<[content: unknown]>([[null], [1], [{}], [{ url: 1 }], [{ url: 'https://x.test', more: 1 }], [[1, 2]]])(
    'refuse the content %j',
    (content) => {
      expect(() => FileSet.of({ a: content as string })).toThrow(
        expect.objectContaining({ name: 'UsageError', option: 'files["a"]' }) as Error,
      );
    },
  );
});
