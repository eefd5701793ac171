import { interruptBuffer } from '../../worker/interrupt';

describe('interruptBuffer', () => {
  it('is read and cleared as Pyodide does it, and keeps what the page writes in between', () => {
    const shared = new SharedArrayBuffer(1);
    const page = new Uint8Array(shared);
    const buffer = interruptBuffer(shared);
    const take = (inBetween?: () => void): number => {
      const signal = buffer[0]!;
      inBetween?.();
      buffer[0] = 0;
      return signal;
    };

    expect(take()).toBe(0);
    expect(take(() => (page[0] = 2))).toBe(0);
    expect(take()).toBe(2);
    expect(take()).toBe(0);
    expect(page[0]).toBe(0);
  });
});
