import { filter, firstValueFrom, lastValueFrom, of, take, toArray } from 'rxjs';
import { batchOf } from '../../src/records/batch.js';
import { deliver, type DeliverConfig } from '../../src/records/deliver.js';
import { record } from '../../src/records/record.js';
import { readAll, stepAt, untilRead, useFakeStorage } from './fake-storage.js';

const study = 'deliver';
interface Sent {
  readonly batch: string;
  readonly key: string;
  readonly seqs: readonly number[];
}

/** A server that gives these answers, one a request, and acknowledges after them. */
function serverWith(answers: readonly (number | 'cut' | 'garbage' | 'other')[] = []) {
  const left = [...answers];
  const sent: Sent[] = [];
  globalThis.fetch = (_url, init) => {
    const { batch, records } = JSON.parse(init!.body as string) as { batch: string; records: { seq: number }[] };
    const key = (init!.headers as Record<string, string>)['idempotency-key']!;
    sent.push({ batch, key, seqs: records.map(({ seq }) => seq) });
    const answer = left.shift();
    if (answer === 'cut') return Promise.reject(new TypeError('Failed to fetch'));
    if (answer === 'garbage') return Promise.resolve(new Response('<html>'));
    if (answer === 'other') return Promise.resolve(Response.json({ batch: 'x', stored: 1 }));
    if (answer !== undefined) return Promise.resolve(new Response('no', { status: answer }));
    return Promise.resolve(Response.json({ batch, stored: records.length }));
  };
  return sent;
}

async function play(session: string, count: number): Promise<void> {
  const before = (await readAll(study)).length;
  const steps = Array.from({ length: count }, (_, i) => stepAt(i + 1));
  await lastValueFrom(of(...steps).pipe(record({ study, session })));
  await untilRead(study, ({ length }) => length === before + count + 2);
}

const idle = (config: Partial<DeliverConfig> = {}) =>
  firstValueFrom(deliver('/records', { study, ...config }).pipe(filter(({ state }) => state === 'idle')));

describe('deliver', () => {
  const { fetch } = globalThis;
  useFakeStorage();
  beforeEach(() => {
    Object.defineProperty(globalThis, 'navigator', { value: {}, configurable: true });
    jest.spyOn(Math, 'random').mockReturnValue(1);
  });
  afterEach(() => {
    globalThis.fetch = fetch;
  });

  it('sends all records in batches of at most `size`, and forgets what was acknowledged', async () => {
    const sent = serverWith();
    await play('a', 8);
    await play('b', 3);
    expect(await idle({ size: 4 })).toEqual({ state: 'idle', delivered: 15, waiting: 0, refused: 0, problem: null });
    expect(sent.map(({ seqs }) => seqs.join(' '))).toEqual(['0 1 2 3', '4 5 6 7', '8 9', '0 1 2 3', '4']);
    expect(new Set(sent.map(({ batch }) => batch)).size).toBe(5);
    for (const { batch, key } of sent) expect(key).toBe(batch);
    expect(await readAll(study)).toEqual([]);
  });

  it.each(['cut', 500, 408, 429, 'garbage', 'other'] as const)(
    'sends a batch again, and keeps it until then, after %s',
    async (answer) => {
      const sent = serverWith([answer]);
      await play('a', 3);
      const told = await firstValueFrom(
        deliver('/records', { study }).pipe(
          filter(({ state }) => state === 'retrying'),
          take(1),
        ),
      );
      expect(told).toMatchObject({ waiting: 5, delivered: 0, problem: { reason: 'unreachable', count: 5 } });
      expect(await readAll(study)).toHaveLength(5);
      expect(await idle()).toMatchObject({ delivered: 5, waiting: 0, problem: null });
      expect(sent[1]).toEqual(sent[0]);
    },
  );

  it('goes on by itself after a pause', async () => {
    const sent = serverWith(['cut', 503]);
    await play('a', 3);
    const states = await lastValueFrom(
      deliver('/records', { study }).pipe(
        take(8),
        filter(({ delivered }, i) => i > 0 || delivered === 0),
        toArray(),
      ),
    );
    expect(states.map(({ state }) => state).join(' ')).toMatch(
      /^standby sending retrying retrying retrying retrying idle/,
    );
    expect(sent).toHaveLength(3);
  }, 20_000);

  it('keeps what a server refuses, tells of it once, and delivers the other sessions', async () => {
    const sent = serverWith([401]);
    await play('a', 3);
    await play('b', 1);
    const told = await idle();
    expect(told).toMatchObject({ delivered: 3, waiting: 5, refused: 5, problem: { reason: 'refused', session: 'a' } });
    expect(sent).toHaveLength(2);
    expect((await readAll(study)).map(({ session }) => session)).toEqual(['a', 'a', 'a', 'a', 'a']);
  });

  it('keeps the bodies of batches below the limit, and sends a larger record alone', async () => {
    await play('a', 30);
    const records = await readAll(study);
    const limits = { size: 1000, bytes: 2000 };
    const batch = batchOf(records, limits)!;
    expect(Buffer.byteLength(batch.body)).toBeLessThanOrEqual(2000);
    expect(batch.bytes).toBeGreaterThanOrEqual(Buffer.byteLength(batch.body));
    expect(batch.count).toBeGreaterThan(2);
    const large = records.map((each) => ({ ...each, meta: 'ü'.repeat(1500) }));
    expect(batchOf(large, limits)).toMatchObject({ first: 0, last: 0, count: 1 });
  });
});
