import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'puppeteer';
import type { Served } from '../../scripts/serve.mjs';
import type { StudyRecord } from 'rxgym';
import { launch } from '../helpers/browser';
import { serve } from '../helpers/serve';
import { useSite } from './site';

interface Played {
  readonly study: string;
  readonly session?: string;
  readonly count: number;
  /** Between two steps, in ms. */
  readonly pause: number;
  readonly delay?: number;
}

/** Records steps that the page makes up; says on the console what was seen and what is stored. Resolves when all is seen. */
const play = (page: Page, played: Played): Promise<void> =>
  page.evaluate(async ({ study, session = 's', count, pause, delay }) => {
    const { Subject, filter, firstValueFrom, interval, take } = bench.rxjs;
    const steps$ = new Subject<object>();
    const recorder = bench.rxgym.record({ study, session, delay });
    recorder.stored$.subscribe(({ seq }) => console.info(`stored ${seq}`));
    const fields = { observation: null, terminated: false, truncated: false, info: {}, done: false };
    steps$
      .pipe((source$) => recorder(source$ as never))
      .subscribe((each) => {
        console.info(`seen ${(each as { index: number }).index}`);
      });
    await firstValueFrom(recorder.stored$.pipe(filter(({ seq }) => seq >= 0)));
    const next = (index: number) =>
      steps$.next({ ...fields, index, episode: 1, action: index % 3, reward: index / 2, return: index });
    for (let index = 1; index <= count; index += 1) {
      next(index);
      if (pause > 0) await firstValueFrom(interval(pause).pipe(take(1)));
    }
  }, played);

/** The latest number that the page said of a kind; -1 before the first. */
function listen(page: Page): (kind: 'seen' | 'stored') => number {
  const latest = { seen: -1, stored: -1 };
  page.on('console', (message) => {
    const [kind, number] = message.text().split(' ');
    if (kind === 'seen' || kind === 'stored') latest[kind] = Number(number);
  });
  return (kind) => latest[kind];
}

const read = (page: Page, study: string): Promise<StudyRecord[]> =>
  page.evaluate((study) => bench.rxjs.firstValueFrom(bench.rxgym.readRecords(study).pipe(bench.rxjs.toArray())), study);

const stepsOf = (records: readonly StudyRecord[]): number[] =>
  records.flatMap((record) => (record.type === 'step' ? [record.index] : []));

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1);

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 10));
}

describe('records when the browser is killed', () => {
  let served: Served;
  const userDataDir = mkdtempSync(join(tmpdir(), 'rxgym-records-'));
  beforeAll(async () => {
    served = await serve();
  });
  afterAll(async () => {
    await served.close();
    rmSync(userDataDir, { recursive: true, force: true, maxRetries: 5 });
  });

  async function start() {
    const browser = await launch({ userDataDir });
    const page = await browser.newPage();
    await page.goto(`${served.url}pages/bench.html`, { waitUntil: 'load' });
    return { browser, page };
  }

  it('are there as far as the page was told, in order and none twice, and the session goes on', async () => {
    const first = await start();
    const latest = listen(first.page);
    play(first.page, { study: 'kill', count: 1e6, pause: 10 }).catch(() => undefined); // it dies
    await until(() => latest('stored') > 100);
    const gone = new Promise((resolve) => first.browser.once('disconnected', resolve));
    first.browser.process()!.kill('SIGKILL');
    await gone;

    const second = await start();
    const records = await read(second.page, 'kill');
    const steps = stepsOf(records);
    expect(records.map(({ seq }) => seq)).toEqual(records.map((_, i) => i));
    expect(steps).toEqual(upTo(steps.length));
    expect(records.length).toBeGreaterThan(latest('stored'));

    await play(second.page, { study: 'kill', count: 5, pause: 10 });
    await second.page.close();
    const third = await second.browser.newPage();
    await third.goto(`${served.url}pages/bench.html`, { waitUntil: 'load' });
    const all = await read(third, 'kill');
    expect(all.map(({ seq }) => seq)).toEqual(all.map((_, i) => i));
    expect(stepsOf(all)).toEqual([...steps, ...upTo(5)]);
    expect(new Set(all.slice(records.length).map(({ page }) => page))).toEqual(new Set([2]));
    await second.browser.close();
  });
});

describe('records when the tab ends', () => {
  const site = useSite();

  it('has every step that was seen in a tab that is closed', async () => {
    const page = await site.browser.newPage();
    await page.goto(`${site.served.url}pages/bench.html`, { waitUntil: 'load' });
    await play(page, { study: 'close', count: 100, pause: 5, delay: 10_000 });
    await page.close();
    expect(stepsOf(await read(await site.open(), 'close'))).toEqual(upTo(100));
  });

  it('has every step that was seen in a tab whose process dies, where none is collected', async () => {
    const page = await site.browser.newPage();
    await page.goto(`${site.served.url}pages/bench.html`, { waitUntil: 'load' });
    const latest = listen(page);
    play(page, { study: 'crash', count: 1e6, pause: 10, delay: 0 }).catch(() => undefined); // it dies
    await until(() => latest('seen') > 100);
    const died = new Promise((resolve) => page.once('error', resolve));
    const session = await page.createCDPSession();
    session.send('Page.crash').catch(() => undefined);
    await died;
    const steps = stepsOf(await read(await site.open(), 'crash'));
    expect(steps).toEqual(upTo(steps.length));
    expect(steps.length).toBeGreaterThanOrEqual(latest('seen'));
    await page.close();
  });

  it('says when the page got and lost the focus', async () => {
    const page = await site.open();
    const focus = await page.evaluate(async () => {
      const { filter, firstValueFrom, NEVER } = bench.rxjs;
      const recorder = bench.rxgym.record({ study: 'focus' });
      const playing = NEVER.pipe((source$) => recorder(source$)).subscribe();
      for (const has of [false, false, true]) {
        document.hasFocus = () => has;
        dispatchEvent(new Event(has ? 'focus' : 'blur'));
      }
      await firstValueFrom(recorder.stored$.pipe(filter(({ seq }) => seq === 2)));
      playing.unsubscribe();
      const all = await firstValueFrom(bench.rxgym.readRecords('focus').pipe(bench.rxjs.toArray()));
      return all.map(({ type, focus }) => [type, focus]).slice(1);
    });
    expect(focus).toEqual([
      ['focus', false],
      ['focus', true],
    ]);
  });

  it('keeps arrays, Maps, bigints and numbers that JSON has not', async () => {
    const page = await site.open();
    const kept = await page.evaluate(async () => {
      const { lastValueFrom, of, toArray, filter } = bench.rxjs;
      const { exportRecords, fromPlain, isNdArray, readRecords, record } = bench.rxgym;
      const array = { data: Float32Array.of(1, NaN), shape: [2], dtype: 'float32' } as const;
      const fields = { index: 1, episode: 1, terminated: false, truncated: true, done: true, info: {}, return: 0 };
      const step = { ...fields, action: 2n ** 60n, reward: new Map([['a', -Infinity]]), observation: array };
      const recorder = record({ study: 'values', observations: true });
      await lastValueFrom(of(step).pipe((source$) => recorder(source$)));
      const has = () =>
        lastValueFrom(
          readRecords('values').pipe(
            filter(({ type }) => type === 'step'),
            toArray(),
          ),
        );
      while ((await has()).length === 0) await new Promise(requestAnimationFrame);
      const check = (each: unknown) => {
        const { action, reward, observation } = each as typeof step;
        return [
          action === step.action,
          reward.get('a') === -Infinity,
          isNdArray(observation) && Object.is(observation.data[1], NaN),
        ];
      };
      const { blob } = await lastValueFrom(exportRecords('values', { as: 'jsonl' }));
      const lines = (await blob!.text()).trim().split('\n');
      const again = lines.map((line) => fromPlain(JSON.parse(line)) as { type: string });
      return [check((await has())[0]), check(again.find(({ type }) => type === 'step'))];
    });
    expect(kept).toEqual([
      [true, true, true],
      [true, true, true],
    ]);
  });
});

describe('records on their way to a server', () => {
  const site = useSite();

  interface Received {
    readonly batch: string;
    readonly key: string | undefined;
    readonly records: readonly { readonly session: string; readonly seq: number }[];
  }

  /** What a server of `deliver` received; it misbehaves in the first ways of `faults`, one a request. */
  function receive(faults: ('cut' | 'unheard' | 'busy')[] = []): Received[] {
    const received: Received[] = [];
    site.intercept((request, response) => {
      if (request.url !== '/records') return false;
      let text = '';
      request.on('data', (chunk) => (text += String(chunk)));
      request.on('end', () => {
        const fault = faults.shift();
        if (fault === 'cut') return request.socket.destroy();
        const { batch, records } = JSON.parse(text) as Received;
        if (fault === 'busy') return response.writeHead(503).end();
        received.push({ batch, records, key: request.headers['idempotency-key'] as string | undefined });
        if (fault === 'unheard') return request.socket.destroy();
        return response
          .writeHead(200, { 'content-type': 'application/json' })
          .end(JSON.stringify({ batch, stored: records.length }));
      });
      return true;
    });
    return received;
  }

  const deliverAll = (page: Page, study: string) =>
    page.evaluate((study) => {
      const { filter, firstValueFrom } = bench.rxjs;
      const all$ = bench.rxgym.deliver('/records', { study, size: 20, every: 200 });
      return firstValueFrom(all$.pipe(filter(({ state, waiting }) => state === 'idle' && waiting === 0)));
    }, study);

  it('arrive whole and in order through a server that cuts, and leave the browser', async () => {
    site.allow(/Failed to load resource/);
    const page = await site.open();
    const received = receive(['cut', 'unheard', 'busy']);
    await play(page, { study: 'deliver', count: 50, pause: 5 });
    await deliverAll(page, 'deliver');
    const seqs = [...new Set(received.flatMap(({ records }) => records.map(({ seq }) => seq)))];
    expect(seqs).toEqual(Array.from({ length: 52 }, (_, i) => i));
    // what was received and not acknowledged came again under its name
    expect(received[1]).toEqual(received[0]);
    for (const { batch, key } of received) expect(key).toBe(batch);
    expect(await read(page, 'deliver')).toEqual([]);
  });

  it('are sent by one of two tabs', async () => {
    const [a, b] = [await site.open(), await site.open()];
    const received = receive();
    await play(a, { study: 'tabs', session: 'a', count: 60, pause: 1 });
    await play(b, { study: 'tabs', session: 'b', count: 60, pause: 1 });
    await Promise.all([deliverAll(a, 'tabs'), deliverAll(b, 'tabs')]);
    const sent = received.flatMap(({ records }) => records.map(({ session, seq }) => `${session} ${seq}`));
    expect(sent).toHaveLength(2 * 62);
    expect(new Set(sent).size).toBe(2 * 62);
  });

  it('are sent by a beacon when the tab is closed', async () => {
    const page = await site.browser.newPage();
    await page.goto(`${site.served.url}pages/bench.html`, { waitUntil: 'load' });
    const received = receive();
    await page.evaluate(() => {
      const status$ = bench.rxgym.deliver('/records', { study: 'beacon', every: 1e6 });
      const idle$ = status$.pipe(bench.rxjs.tap(({ state }) => (document.title = state)));
      idle$.subscribe();
      return bench.rxjs.firstValueFrom(
        bench.rxjs.interval(20).pipe(bench.rxjs.filter(() => document.title === 'idle')),
      );
    });
    const latest = listen(page);
    await play(page, { study: 'beacon', count: 20, pause: 5 });
    await until(() => latest('stored') === 21);
    expect(received).toEqual([]);
    await page.close();
    await until(() => received.length > 0);
    const seqs = received.flatMap(({ records }) => records.map(({ seq }) => seq));
    expect([...new Set(seqs)]).toEqual(Array.from({ length: 22 }, (_, i) => i));
  });
});
