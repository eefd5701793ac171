import type { Page } from 'puppeteer';
import wandering from '../envs/wandering.py';
import { useSite } from './site';

interface Played {
  readonly source: string;
  readonly key: string;
  readonly seed: number | undefined;
}

/** Plays two rounds; says each step, also the one behind which it goes on, and each event of another type. */
const play = (page: Page, played: Played): Promise<void> =>
  page.evaluate(({ source, key, seed }) => {
    const { persist, rounds, actions, stepWith } = bench.rxgym;
    bench.start();
    const env = bench.play(source);
    const operator = bench.rxjs.pipe(
      actions(env, ({ index }) => index % 3),
      stepWith(env),
    );
    const game$ = persist(env, { key, every: 10 }, (from) => rounds(env, operator, { count: 2, seed, fps: 50, from }));
    let last = '';
    game$.subscribe((event) => {
      const step = event.type === 'playing' ? event.step : event.type === 'resumed' ? event.begun : null;
      if ('round' in event && step && 'index' in step) {
        const { index, episode, observation, reward, return: total } = step;
        const text = `step ${JSON.stringify([event.round, episode, index, observation, reward, total])}`;
        // a page that ends may say less on its console than it has seen
        localStorage.setItem(key, `${localStorage.getItem(key) ?? ''}${text}\n`);
        console.info(text);
      }
      if (event.type !== 'playing' && event.type !== last) console.info(event.type);
      last = event.type;
    });
  }, played);

describe('a persisted game', () => {
  const site = useSite();
  const stateless = `${wandering}\nenv.waves = (i for i in [])\n`;

  /** Plays to the end, and loads the page again behind so many steps; says what was seen. */
  async function seen(played: Played, reloads: readonly number[]): Promise<{ steps: string[]; others: string[] }> {
    const page = await site.open();
    const steps: string[] = [];
    const others: string[] = [];
    page.on('console', (message) => {
      const text = message.text();
      if (text.startsWith('step ')) steps.push(text);
      else others.push(text);
    });
    const until = async (isSo: () => boolean) => {
      while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5));
    };
    await play(page, played);
    for (const count of reloads) {
      await until(() => steps.length >= count);
      await page.reload({ waitUntil: 'load' });
      await play(page, played);
    }
    await until(() => others.includes('finished'));
    const all = await page.evaluate((key) => localStorage.getItem(key) ?? '', played.key);
    // a page goes on behind the last step that was stored, which the one before may have seen
    const seen = all.trim().split('\n');
    return { steps: seen.filter((text, i) => text !== seen[i - 1]), others };
  }

  it.each<[string, string, number | undefined, readonly number[]]>([
    ['with a seed', wandering, 7, [15, 55]],
    ['without a seed, by its generators', wandering, undefined, [50]],
    ['whose state cannot be had', stateless, 7, [15]],
  ])('goes on at the very next step when its page is loaded again: %s', async (name, source, seed, reloads) => {
    if (source === stateless) site.allow(/the env's state cannot be captured/);
    const whole = await seen({ source, seed, key: `${name}, whole` }, []);
    const cut = await seen({ source, seed, key: name }, reloads);
    expect(whole.steps).toHaveLength(80);
    expect(cut.steps).toEqual(whole.steps);
    expect(cut.others.filter((type) => type === 'resumed')).toHaveLength(reloads.length);
  });

  it('is not played on in a second tab, which tells so', async () => {
    site.allow(/it is played in another tab/);
    const [a, b] = [await site.open(), await site.open()];
    const played = { source: wandering, seed: 7, key: 'tabs' };
    const told = new Promise<string>((resolve) => {
      b.on('console', (message) => {
        if (message.type() === 'warn') resolve(message.text());
      });
    });
    const stepped = new Promise((resolve) => a.once('console', resolve));
    await play(a, played);
    await stepped;
    await play(b, played);
    expect(await told).toMatch("game 'tabs': it is played in another tab");
  });
});
