import type { CDPSession } from 'puppeteer';
import { useSite } from './site';

/** Returns a small array and now and then a frame, as games do. */
const source = `
from array import array
pixels = memoryview(bytearray(64 * 64 * 3)).cast('B', [64, 64, 3])

class Game:
    def reset(self, seed=None, options=None):
        self.place = array('f', [0, 0, 0, 0])
        return self.place, {}

    def step(self, action):
        self.place[0] += 1
        return self.place, 1.0, False, False, {'speed': 2.5}

    def render(self):
        return pixels

env = Game()
`;

const inPython = `
import gc, pyodide_js
gc.collect()
[len(pyodide_js._module.HEAP8), len(gc.get_objects()), pyodide_js._module.pyproxy_alloc_map.size]
`;

describe('memory', () => {
  const site = useSite({ launch: { args: ['--js-flags=--expose-gc'] } });

  it('is after 100,000 steps and 3,000 frames what it was before', async () => {
    const page = await site.open();
    await page.evaluate((source) => {
      bench.start();
      bench.play(source, { recovery: { ms: Infinity } });
    }, source);
    await page.evaluate(() => bench.run('import pyodide_js; pyodide_js._module.enable_pyproxy_allocation_tracing()'));
    const play = (steps: number, frames: number) =>
      page.evaluate(
        async (steps, frames) => {
          const { concatMap, lastValueFrom, range } = bench.rxjs;
          await lastValueFrom(range(steps).pipe(concatMap(() => bench.env.step(1))));
          let seen = 0;
          const frames$ = bench.env.frames$.pipe(bench.rxjs.tap(() => (seen += 1)));
          const watching = frames$.pipe(bench.rxgym.paint(bench.canvas())).subscribe();
          await lastValueFrom(range(frames).pipe(concatMap(() => bench.env.step(1))));
          watching.unsubscribe();
          return seen;
        },
        steps,
        frames,
      );
    const measured = async () => {
      const [wasm, objects, proxies] = (await page.evaluate((code) => bench.run(code), inPython)) as [
        number,
        number,
        number,
      ];
      return {
        wasm,
        objects,
        proxies,
        page: await used(await page.createCDPSession()),
        worker: await used(page.workers()[0]!.client),
      };
    };
    await play(3000, 300);
    await measured();
    const before = await measured();
    const seen = await play(100_000, 3000);
    const after = await measured();

    expect(seen).toBe(3000);
    expect(after.wasm).toBe(before.wasm);
    expect(after.proxies).toBe(before.proxies);
    // what grows by each step or frame grows by more than this
    expect(after.objects - before.objects).toBeLessThan(1000);
    expect(after.page - before.page).toBeLessThan(500_000);
    expect(after.worker - before.worker).toBeLessThan(500_000);
  });
});

/** Bytes of JavaScript in use when all that can be collected is. */
async function used(session: CDPSession): Promise<number> {
  for (let i = 0; i < 3; i++) await session.send('HeapProfiler.collectGarbage');
  return (await session.send('Runtime.getHeapUsage')).usedSize;
}
