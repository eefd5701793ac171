import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../helpers/folders';
import { useSite } from './site';

const read = (path: string) => readFileSync(join(root, path), 'utf8');

describe.each([true, false])('preflight in a page that is isolated: %s', (isolated) => {
  const site = useSite({
    isolated,
    mounts: [{ path: '/pages/', dir: join(root, 'examples/03-cart-pole') }],
  });

  it('measures this device, and leaves the env as it was to be found', async () => {
    const page = await site.open();
    await page.bringToFront();
    const source = read('examples/03-cart-pole/cart_pole.py');
    const { result, step } = await page.evaluate(async (source) => {
      const { lastValueFrom } = bench.rxjs;
      const runtime = bench.start();
      const env = runtime.env({ source });
      const needs = { stepsPerSecond: 1, frameRate: 1 };
      const result = await lastValueFrom(bench.rxgym.preflight(runtime, env, { needs }));
      if (result.type !== 'measured') throw new Error('it ended without a result');
      const { index, action } = await lastValueFrom(env.step(1));
      return { result, step: { index, action } };
    }, source);
    expect(result).toMatchObject({ verdict: 'ok', reasons: [], isolated });
    expect(result.bootMs).toBeGreaterThan(0);
    expect(result.stepsPerSecond).toBeGreaterThan(1);
    expect(result.frameRate).toBeGreaterThan(1);
    expect(result.heapMB).toBeGreaterThan(10);
    expect(result.heapMB).toBeLessThan(4096);
    expect(result.storage?.quota).toBeGreaterThan(0);
    expect(step).toEqual({ index: 1, action: 1 });
  });

  it('is run by the code of docs/game-loop.md', async () => {
    const blocks = [...read('docs/game-loop.md').matchAll(/```ts\n([^]*?)```/g)].map(([, block]) => block);
    expect(blocks).toContain(read('spec/browser/pages/preflight.ts'));
    const page = await site.open('preflight.html');
    await page.bringToFront();
    await page.waitForSelector('[data-verdict]', { timeout: 90_000 });
    expect(await page.$eval('p', ({ textContent }) => textContent)).not.toBe('');
  });
});
