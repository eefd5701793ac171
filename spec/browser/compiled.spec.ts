import { pyodide } from '../helpers/folders';
import { useSite } from './site';

// A server that allows caching, as CDNs do: the browser caches compiled code with the file.
// https://v8.dev/blog/wasm-code-caching
describe('a later visit', () => {
  const site = useSite({ launch: {}, mounts: [{ path: '/cached/', dir: pyodide, kept: true }] });

  /** Boots, gives the browser time to optimise what ran often, and returns its trace events about WebAssembly. */
  async function visit(): Promise<string[]> {
    const page = await site.openForAll();
    await page.tracing.start({ categories: ['v8.wasm', 'disabled-by-default-v8.wasm'] });
    await page.evaluate(async () => {
      const { firstValueFrom } = bench.rxjs;
      await firstValueFrom(bench.start({ indexURL: '/cached/' }).boot());
      await new Promise((resolve) => setTimeout(resolve, 3500));
    });
    const trace = Buffer.from((await page.tracing.stop()) ?? []).toString();
    await page.close();
    const { traceEvents } = JSON.parse(trace) as { traceEvents: readonly { readonly name: string }[] };
    return traceEvents.map(({ name }) => name);
  }

  it('has the WebAssembly that an earlier one compiled', async () => {
    expect(await visit()).not.toContain('wasm.Deserialize');
    let visits = 1;
    while (!(await visit()).includes('wasm.Deserialize')) {
      visits += 1;
      expect(visits).toBeLessThan(5);
    }
  });
});
