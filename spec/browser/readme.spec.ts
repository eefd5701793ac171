import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../helpers/folders';
import { useSite } from './site';

const read = (path: string): string => readFileSync(join(root, path), 'utf8');

describe('the README', () => {
  const site = useSite({ mounts: [{ path: '/pages/', dir: join(root, 'examples/03-cart-pole') }] });

  it('shows the code of the page that is run below', () => {
    const blocks = [...read('README.md').matchAll(/```ts\n([^]*?)```/g)].map(([, code]) => code);
    expect(blocks[0]).toBe(read('spec/browser/pages/readme.ts'));
  });

  it('has a smallest example that plays, again and again: the bar fills, frames are painted, the score moves', async () => {
    const page = await site.open('readme.html');
    for (const key of ['ArrowRight', 'ArrowLeft'] as const) {
      await page.waitForFunction(() => document.querySelector('output')?.value === 'Press a key', { timeout: 60_000 });
      await page.keyboard.down(key);
      await page.waitForFunction(() => Number(document.querySelector('output')?.value) >= 5, { timeout: 60_000 });
      await page.keyboard.up(key);
    }
    const seen = await page.evaluate(() => {
      const canvas = document.querySelector('canvas')!;
      const colours = new Uint32Array(
        canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height).data.buffer,
      );
      return { bar: document.querySelector('progress')!.value, colours: new Set(colours).size };
    });
    expect(seen.bar).toBe(1);
    expect(seen.colours).toBeGreaterThan(3);
  });
});

describe('the page on the game loop', () => {
  const site = useSite({ mounts: [{ path: '/pages/', dir: join(root, 'examples/05-two-players') }] });

  it('shows a whole game, which plays', async () => {
    const [code] = [...read('docs/game-loop.md').matchAll(/```ts\n([^]*?)```/g)].map(([, block]) => block);
    expect(code).toBe(read('spec/browser/pages/game-loop.ts'));
    const page = await site.open('game-loop.html');
    await page.waitForSelector('#start:not([hidden])', { timeout: 60_000 });
    await page.click('#start');
    await page.waitForFunction(() =>
      /^Round 1 of 3: you .*; 3\d s left$/.test(document.querySelector('#score')!.textContent),
    );
  });
});
