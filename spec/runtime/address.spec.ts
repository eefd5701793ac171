import { pathToFileURL } from 'node:url';
import { absolute, pageAddress, withAddresses } from '../../src/runtime/address';

const here = `${pathToFileURL(process.cwd()).href}/`;
const global = globalThis as { document?: unknown; location?: unknown };
afterEach(() => {
  delete global.document;
  delete global.location;
});

describe('addresses', () => {
  it('are relative to the folder that Node runs in', () => {
    expect(pageAddress()).toBe(here);
    expect(absolute('wheels/a b.whl')).toBe(`${here}wheels/a%20b.whl`);
  });

  it('are relative to a document, with its base', () => {
    global.document = { baseURI: 'https://page.test/app/' };
    global.location = new URL('https://page.test/elsewhere');
    expect(['x', '/x', '//other.test/x', 'https://other.test/x'].map(absolute)).toEqual([
      'https://page.test/app/x',
      'https://page.test/x',
      'https://other.test/x',
      'https://other.test/x',
    ]);
  });

  it('are relative to a worker, and to the origin of one that is a blob', () => {
    global.location = new URL('https://page.test/app/worker.js');
    expect(absolute('x')).toBe('https://page.test/app/x');
    global.location = { protocol: 'blob:', origin: 'https://page.test', href: 'blob:https://page.test/1-2' };
    expect(absolute('x')).toBe('https://page.test/x');
  });

  it('stay as they are where they are none', () => {
    expect(absolute('https://')).toBe('https://');
  });

  it('of wheels are made absolute, and names are not', () => {
    global.document = { baseURI: 'https://page.test/' };
    const packages = [
      'numpy',
      './a-1.0.whl',
      'a-1.0.whl?v=2',
      'emfs:/a-1.0.whl',
      'a>=1',
      'a @ https://x.test/a-1.0.whl',
    ];
    expect(withAddresses(packages)).toEqual([
      'numpy',
      'https://page.test/a-1.0.whl',
      'https://page.test/a-1.0.whl?v=2',
      'emfs:/a-1.0.whl',
      'a>=1',
      'a @ https://x.test/a-1.0.whl',
    ]);
  });
});
