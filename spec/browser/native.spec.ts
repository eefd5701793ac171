import type { Page } from 'puppeteer';
import { nativeWheels } from '../helpers/native-wheels';
import { at } from './answers';
import { useSite } from './site';
import { lockFileWith, type Wheel } from './wheel';

/** It counts by native code, and imports a module only when it is stepped. */
const source = `
import native_part
class Env:
    def reset(self, seed=None):
        return native_part.count(None), {}
    def step(self, action):
        import native_part.late
        return native_part.count(None), float(native_part.late.late), False, False, {}
env = Env()
`;
const withJavaScript = `${source}
import js
native_part.held = js.Object.new()
`;

/** Resets and steps, with what a visit may find in the storage. */
const visit = (page: Page, source: string) =>
  page.evaluate(async (source) => {
    const { firstValueFrom } = bench.rxjs;
    const runtime = bench.start({ cache: 'snapshot' });
    const env = runtime.env({ source, packages: ['native_part'] });
    const { observation: first } = await firstValueFrom(env.reset());
    const { observation: second, reward } = await firstValueFrom(env.step(0));
    return { how: (await firstValueFrom(runtime.ready$)).how, seen: [first, second, reward] };
  }, source);

const untilStored = (page: Page): Promise<string> => page.evaluate(() => bench.untilStored());

describe('a package with native code', () => {
  const site = useSite({ cold: true });
  let wheels: readonly [part: Wheel, shared: Wheel];

  beforeAll(async () => {
    wheels = await nativeWheels();
  });

  function serve(lock = lockFileWith(...wheels)): void {
    site.intercept(
      at({
        '/pyodide/pyodide-lock.json': (response) => response.end(lock),
        ...Object.fromEntries(
          wheels.map(({ file, bytes }) => [`/pyodide/${file}`, (response) => response.end(bytes)] as const),
        ),
      }),
    );
  }

  it('is in the snapshot that a visit stores: the next one downloads nothing of it, nor does a restart', async () => {
    serve();
    const first = await site.open();
    expect(await visit(first, source)).toEqual({ how: 'cold', seen: [10, 20, 7] });
    await untilStored(first);

    serve();
    const second = await site.open();
    const asked = site.requests.length;
    const { how, seen } = await visit(second, source);
    expect(how).toBe('snapshot');
    expect(seen).toEqual([10, 20, 7]);
    const restarted = await second.evaluate(async () => {
      const { firstValueFrom, elementAt } = bench.rxjs;
      const recovered = firstValueFrom(bench.runtime.ready$.pipe(elementAt(1)));
      await bench.exit();
      return (await recovered).how;
    });
    expect(restarted).toBe('snapshot');
    expect(site.requests.slice(asked).filter((path) => path.includes('_part'))).toEqual([]);
  });

  it('that the lock file has anew is installed anew', async () => {
    const [part, shared] = wheels;
    serve(lockFileWith({ ...part, lock: { ...part.lock, sha256: 'f'.repeat(64) } }, shared));
    const page = await site.open();
    const how = await page.evaluate(async (source) => {
      const runtime = bench.start({ cache: 'snapshot' });
      runtime.env({ source, packages: ['native_part'] });
      await bench.outcome(runtime.boot());
      return (await bench.rxjs.firstValueFrom(runtime.ready$)).how;
    }, source);
    expect(how).toBe('cold');
  });

  it('is left out of a snapshot that would have to hold JavaScript', async () => {
    serve();
    const first = await site.open();
    expect(await visit(first, withJavaScript)).toMatchObject({ how: 'cold' });
    await untilStored(first);
    serve();
    const second = await site.open();
    expect(await visit(second, withJavaScript)).toEqual({ how: 'snapshot', seen: [10, 20, 7] });
  });
});
