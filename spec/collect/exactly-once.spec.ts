import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'libsql';
import { batch, cleanUp, folder, post, record, recordsIn, start, startChild, type Sent } from './collectors';
import { cutAfter, cutInAnswer, exchange, requestOf } from './raw';

jest.setTimeout(120_000); // processes are started, on machines that may be slow

afterEach(cleanUp);

const keys = (records: readonly Sent[]): string[] => records.map(({ session, seq }) => `${session} ${seq}`);
/** Resolves when another connection sees a record of the session. */
async function untilSeen(db: string, session: string): Promise<void> {
  const database = new Database(db);
  const one = database.prepare('select 1 from records where study = ? and session = ? limit 1');
  while (!one.get('maze', session)) await sleep(1);
  database.close();
}

const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

it('stores a batch once, whichever byte of the request was the last one that came', async () => {
  const { port, db } = await start();
  const body = batch('b', [record('s000', 0), record('s000', 1, { word: 'é' })]);
  const { length } = requestOf(body);
  const wanted: string[] = [];
  let storedByTheCut = 0;
  for (let cut = 0; cut <= length; cut++) {
    const session = `s${String(cut).padStart(3, '0')}`;
    const request = requestOf(body.replaceAll('s000', session));
    expect(request).toHaveLength(length);
    await cutAfter(port, request.subarray(0, cut));
    const stored = Number(/"stored":(\d)/.exec(await exchange(port, request))?.[1]);
    // A part of a batch is never stored; a whole one may be, although nobody was there for the answer.
    if (cut < length) expect([cut, stored]).toEqual([cut, 2]);
    else storedByTheCut = 2 - stored;
    expect([0, 2]).toContain(storedByTheCut);
    wanted.push(`${session} 0`, `${session} 1`);
  }
  expect(length).toBeGreaterThan(300);
  expect(keys(recordsIn(db))).toEqual(wanted);
});

it('stores a batch once, whichever byte of the answer was the last one that was read', async () => {
  const { port, db } = await start();
  const whole = await exchange(port, requestOf(batch('b', [record('first', 0)])));
  const wanted = ['first 0'];
  for (let count = 1; count < whole.length; count += 7) {
    const session = `s${String(count).padStart(3, '0')}`;
    const request = requestOf(batch('b', [record(session, 0)]));
    expect(await cutInAnswer(port, request, count)).toHaveLength(count);
    // The answer had begun, hence the batch was on the disk.
    expect(keys(recordsIn(db))).toContain(`${session} 0`);
    expect(await exchange(port, request)).toContain('"stored":0');
    wanted.push(`${session} 0`);
  }
  expect(keys(recordsIn(db))).toEqual(wanted);
});

it('stores each record once when its process is killed again and again, and loses none that it acknowledged', async () => {
  const db = join(folder(), 'records.sqlite');
  const batches = range(6).map((index) => range(500).map((seq) => record(`s${index}`, seq, { text: 'x'.repeat(200) })));
  const acknowledged: string[] = [];
  let unanswered = 0;
  const send = async (url: string, index: number): Promise<void> => {
    expect((await post(url, batch(`b${index}`, batches[index]!))).status).toBe(200);
    acknowledged.push(...keys(batches[index]!));
  };
  for (const kill of range(batches.length)) {
    const server = await startChild(db);
    const known = keys(recordsIn(db));
    const distinct = new Set(known);
    expect(acknowledged.filter((key) => !distinct.has(key))).toEqual([]);
    // What is there is whole batches, each once.
    expect([known.length % 500, distinct.size]).toEqual([0, known.length]);
    for (const index of range(kill)) await send(server.url, index);
    const answer = send(server.url, kill).catch(() => unanswered++);
    // Every other time at the first sign of the batch in the file, otherwise at some moment before or after that.
    if (kill % 2) await Promise.race([answer, untilSeen(db, `s${kill}`)]);
    else await sleep(kill * 5);
    await server.end('SIGKILL');
    await answer;
  }
  expect(new Set(acknowledged).size).toBeGreaterThanOrEqual(500 * 5);
  expect(unanswered).toBeGreaterThan(0);
  const server = await startChild(db);
  for (const index of range(batches.length)) await send(server.url, index);
  expect(keys(recordsIn(db))).toEqual(batches.flatMap(keys));
}, 180_000);

it('stores each record once when many connections send overlapping batches in any order', async () => {
  const { url, db } = await start();
  const records = range(60).map((seq) => record('s', seq));
  // Each record is in six batches.
  const batches = range(20).map((index) => range(18).map((step) => records[(index * 3 + step) % 60]!));
  const mixed = [
    ...batches.filter((_, index) => index % 2),
    ...batches.filter((_, index) => index % 2 === 0).reverse(),
  ];
  const answers = await Promise.all(mixed.map((one, index) => post(url, batch(`b${index}`, one))));
  expect(answers.map(({ status }) => status)).toEqual(mixed.map(() => 200));
  expect(answers.reduce((sum, { body }) => sum + Number(body['stored']), 0)).toBe(60);
  expect(recordsIn(db)).toEqual(records);
});

it('stores each record once when two servers have the same file', async () => {
  const db = join(folder(), 'records.sqlite');
  // Both make the file.
  const servers = await Promise.all([startChild(db), startChild(db)]);
  const batches = range(30).map((index) => range(10).map((step) => record('s', index * 5 + step)));
  const answers = await Promise.all(
    batches.flatMap((one, index) => servers.map(({ url }) => post(url, batch(`b${index}`, one)))),
  );
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
  expect(answers.reduce((sum, { body }) => sum + Number(body['stored']), 0)).toBe(155);
  expect(keys(recordsIn(db))).toEqual(range(155).map((seq) => `s ${seq}`));
}, 120_000);

it('keeps studies apart: the same session and seq in two of them are two records', async () => {
  const { url, db } = await start();
  await post(url, batch('b', [record('s', 0, { of: 'maze' })], 'maze'));
  expect((await post(url, batch('b', [record('s', 0, { of: 'ice' })], 'ice'))).body).toEqual({ batch: 'b', stored: 1 });
  expect(recordsIn(db, 'ice')).toEqual([record('s', 0, { of: 'ice' })]);
});

it('refuses a whole batch where one record is known with other content, and says which', async () => {
  const { url, db } = await start();
  const first = [record('s', 0), record('s', 1)];
  await post(url, batch('b1', first));
  const { status, body } = await post(url, batch('b2', [record('s', 2), record('s', 1, { type: 'reset' })]));
  expect([status, body]).toEqual([
    409,
    expect.objectContaining({
      status: 409,
      detail: expect.stringContaining('other content for 1 of them, first session s, seq 1'),
      conflicts: [{ session: 's', seq: 1 }],
    }),
  ]);
  expect(recordsIn(db)).toEqual(first);
  // Within one batch it is the same; and the order of keys is no content.
  expect((await post(url, batch('b3', [record('t', 0), record('t', 0, { x: 1 })]))).status).toBe(409);
  const { time, type, ...rest } = record('s', 0);
  expect((await post(url, batch('b4', [{ time, type, ...rest }]))).body).toEqual({ batch: 'b4', stored: 0 });
  expect(recordsIn(db)).toEqual(first);
});
