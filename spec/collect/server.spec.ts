import { statSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import Database from 'libsql';
import { batch, cleanUp, folder, post, record, recordsIn, start, startChild, type Sent } from './collectors';
import { exchange, requestOf } from './raw';

jest.setTimeout(120_000); // processes are started, on machines that may be slow

afterEach(cleanUp);

const one = batch('b', [record('s', 0)]);
const withRecord = (more: object): string => batch('b', [record('s', 0), record('s', 1, more)]);
const envelope = (more: object): string => JSON.stringify({ ...(JSON.parse(one) as object), ...more });

it('answers at the paths that users mount, and takes text/plain, which sendBeacon sends', async () => {
  const { url, db } = await start();
  expect(await post(`${url}/`, one)).toMatchObject({ status: 200, body: { batch: 'b', stored: 1 } });
  expect(await post(`${url}/records`, one)).toMatchObject({ status: 200, body: { batch: 'b', stored: 0 } });
  const beacon = await post(`${url}/a/b`, batch('c', [record('s', 1)]), { 'content-type': 'text/plain;charset=UTF-8' });
  expect(beacon).toMatchObject({ status: 200, body: { batch: 'c', stored: 1 } });
  expect(await post(url, batch('none', []))).toMatchObject({ status: 200, body: { batch: 'none', stored: 0 } });
  expect(recordsIn(db)).toHaveLength(2);
});

it('stores what a record holds as it came', async () => {
  const { url, db } = await start();
  const sent = JSON.parse(
    '{"session":"s","seq":0,"participant":null,"type":"","time":0.5,"__proto__":{"x":1},"constructor":"c",' +
      '"text":"\\ud800 \\u0000 é 😀","large":1152921504606847000,"list":[[],{},null,true]}',
  ) as Sent;
  expect((await post(url, batch('b', [sent]))).status).toBe(200);
  expect(recordsIn(db)).toEqual([sent]);
  expect(Object.keys(recordsIn(db)[0]!)).toEqual(Object.keys(sent));
});

it.each([
  ['no object', '[]', 'expected an object; got an array of 0'],
  ['no format', '{}', 'format: expected the format 1; got nothing'],
  ['another format', envelope({ format: 2 }), 'format: expected the format 1; got 2'],
  ['a study without a name', envelope({ study: '' }), /^study: expected a string .*not empty; got ""$/],
  ['a batch that is no string', envelope({ batch: 7 }), /^batch: .*; got 7$/],
  ['records that are no array', envelope({ records: {} }), 'records: expected an array of records; got an object'],
  ['something beside the records', envelope({ more: 1 }), /^expected only format, .* beside the records; got "more"$/],
  ['a record that is no object', envelope({ records: [null] }), 'records[0]: expected an object; got null'],
  ['a long name', withRecord({ session: 'x'.repeat(257) }), /^records\[1\].session: expected a string of at most 256/],
  ['half a character in a name', withRecord({ session: '\ud800' }), /^records\[1\].session: .* lone surrogates/],
  ['NUL in a name', withRecord({ participant: 'a\0b' }), /^records\[1\].participant: expected null, or a string/],
  ['a participant that is nobody', withRecord({ participant: undefined }), /participant: .*; got nothing$/],
  ['a negative seq', withRecord({ seq: -1 }), /^records\[1\].seq: expected a whole number from 0 .*; got -1$/],
  ['a seq that is no integer', withRecord({ seq: 0.5 }), /got 0.5$/],
  ['a seq beyond 2^53', withRecord({ seq: 2 ** 53 }), /got 9007199254740992$/],
  ['no time', withRecord({ time: null }), 'records[1].time: expected a time in ms since the epoch; got null'],
])('refuses %s, and stores nothing of the batch', async (_, body, detail) => {
  const { url, db } = await start();
  const answer = await post(url, body);
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  expect(answer.body).toMatchObject({
    status: 400,
    title: 'Bad Request',
    detail: typeof detail === 'string' ? detail : expect.stringMatching(detail),
    expected: expect.any(String),
    got: expect.any(String),
  });
  expect(recordsIn(db)).toEqual([]);
});

it('compares the idempotency key with the batch', async () => {
  const { url, db } = await start();
  expect((await post(url, one, { 'idempotency-key': 'other' })).body).toMatchObject({
    status: 400,
    detail: 'idempotency-key: expected "b"; got "other"',
  });
  expect(recordsIn(db)).toEqual([]);
  expect((await post(url, one, { 'idempotency-key': 'b' })).status).toBe(200);
  expect((await post(url, one, { 'idempotency-key': '"b"' })).status).toBe(200);
});

it.each([
  ['another content type', { 'content-type': 'application/x-www-form-urlencoded' }],
  ['a compressed body', { 'content-encoding': 'gzip' }],
])('refuses %s', async (_, headers: Record<string, string>) => {
  const { url } = await start();
  expect(await post(url, one, headers)).toMatchObject({ status: 415 });
});

it('refuses a body above the limit, whether its length is said or not, and goes on', async () => {
  const { url, port } = await start({ limit: one.length });
  expect((await post(url, one)).status).toBe(200);
  expect(await post(url, `${one} `)).toMatchObject({
    status: 413,
    body: { detail: `expected at most ${one.length} bytes (--limit); got ${one.length + 1} bytes` },
  });
  // Some megabytes: whoever sends still reads the answer.
  expect((await post(url, ' '.repeat(8e6))).status).toBe(413);
  const chunk = 'x'.repeat(2 * one.length);
  const head = 'POST / HTTP/1.1\r\nhost: x\r\ncontent-type: text/plain\r\ntransfer-encoding: chunked\r\n\r\n';
  const chunked = `${head}${chunk.length.toString(16)}\r\n${chunk}\r\n0\r\n\r\n`;
  expect(await exchange(port, chunked)).toMatch(/^HTTP\/1.1 413 [^]*got more/);
  expect((await post(url, one)).status).toBe(200);
});

it('refuses what it does not know, with what there is', async () => {
  const { url } = await start();
  const nowhere = await fetch(`${url}/nowhere`);
  expect([nowhere.status, await nowhere.json()]).toEqual([
    404,
    expect.objectContaining({ expected: 'POST, or GET health, records.csv, records.jsonl', got: '"/nowhere"' }),
  ]);
  const put = await fetch(url, { method: 'PUT' });
  expect([put.status, put.headers.get('allow')]).toEqual([405, 'POST, GET, HEAD, OPTIONS']);
  expect(await (await fetch(`${url}/health`)).json()).toEqual({ status: 'ok' });
});

it('asks for the secret, which an address may have because sendBeacon has no headers', async () => {
  const lines: string[] = [];
  const { url, db } = await start({ secret: 'open-sesame', log: (line) => lines.push(line) });
  const none = await post(url, one);
  expect([none.status, none.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
  for (const wrong of ['open', 'open-sesamf', 'open-sesame1', 'x'.repeat(5000)]) {
    expect((await post(url, one, { authorization: `Bearer ${wrong}` })).status).toBe(401);
    expect((await post(`${url}?secret=${wrong}`, one)).status).toBe(401);
  }
  expect(recordsIn(db)).toEqual([]);
  expect((await post(url, one, { authorization: 'Bearer open-sesame' })).body).toEqual({ batch: 'b', stored: 1 });
  expect((await post(`${url}/records?secret=open-sesame`, one)).body).toEqual({ batch: 'b', stored: 0 });
  expect(lines).toHaveLength(9);
  expect(lines[0]).toBe('POST "/": 401, expected the secret, as `Authorization: Bearer …`; got none');
});

it.each([
  ['no origin, as other programs have it', undefined, [], 200],
  ['the same host', 'http://HOST', [], 200],
  ['a page of this machine', 'http://localhost:5173', [], 200],
  ['a foreign page', 'https://evil.example', [], 403],
  ['a page that looks like this machine', 'https://localhost.evil.example', [], 403],
  ['a listed one', 'https://study.example', ['https://study.example'], 200],
  ['one with another scheme', 'http://study.example', ['https://study.example'], 403],
  ['any, where all may', 'https://evil.example', ['*'], 200],
  ['a page without an origin', 'null', [], 403],
])('lets %s in or not', async (_, origin, origins, status) => {
  const { port, db } = await start({ origins });
  const from = origin?.replace('HOST', 'localhost');
  const request = requestOf(one).toString();
  const sent = from === undefined ? request : request.replace('\r\n\r\n', `\r\norigin: ${from}\r\n\r\n`);
  const answer = await exchange(port, sent);
  expect(answer).toContain(`HTTP/1.1 ${status} `);
  // What is refused is not stored either: a page can send without asking.
  expect(recordsIn(db)).toHaveLength(status === 200 ? 1 : 0);
  const allowed = /access-control-allow-origin: (.*)\r\n/.exec(answer)?.[1];
  expect(allowed).toBe(status === 200 ? from : undefined);
});

it('tells a page of a listed origin beforehand what it may send', async () => {
  const { url } = await start({ origins: ['https://study.example'], secret: 'x' });
  const ask = async (origin: string): Promise<Response> => fetch(url, { method: 'OPTIONS', headers: { origin } });
  const yes = await ask('https://study.example');
  expect([yes.status, yes.headers.get('access-control-allow-headers')]).toEqual([
    204,
    'authorization, content-type, idempotency-key',
  ]);
  expect((await ask('https://evil.example')).status).toBe(403);
});

it('answers what is under way when it is told to end, and then takes no more', async () => {
  const collector = await start();
  const request = requestOf(one);
  const socket = connect(collector.port, '127.0.0.1');
  let read = '';
  socket.on('data', (chunk) => (read += chunk.toString()));
  const end = new Promise((resolve) => socket.once('close', resolve));
  await new Promise((resolve) => socket.write(request.subarray(0, 50), resolve));
  await post(collector.url, batch('c', [record('s', 1)]));
  const closing = collector.close();
  await expect(post(collector.url, one)).rejects.toThrow();
  socket.write(request.subarray(50));
  await Promise.all([end, closing]);
  expect(read).toContain('"stored":1');
  expect(recordsIn(collector.db)).toHaveLength(2);
});

it('ends with 0 on SIGTERM, and the file alone is everything', async () => {
  const db = join(folder(), 'records.sqlite');
  const child = await startChild(db);
  await post(child.url, one);
  expect(await child.end('SIGTERM')).toBe(0);
  const { size } = statSync(`${db}-wal`, { throwIfNoEntry: false }) ?? { size: 0 };
  expect(size).toBe(0);
  expect(recordsIn(db)).toEqual([record('s', 0)]);
});

it('answers 500 where the file cannot be written, stores nothing of the batch, and goes on when it can', async () => {
  const { url, db } = await start();
  const body = batch('b', [record('s', 0), record('bad', 0)]);
  const other = new Database(db);
  other.exec(
    "create trigger bad before insert on records when new.session = 'bad' begin select raise(abort, 'no'); end",
  );
  expect(await post(url, body)).toMatchObject({ status: 500, body: { expected: 'to store the batch', got: '"no"' } });
  expect(recordsIn(db)).toEqual([]);
  other.exec('drop trigger bad');
  expect((await post(url, body)).body).toEqual({ batch: 'b', stored: 2 });
});

it('answers 503 while another program holds the file', async () => {
  const { url, db } = await start();
  const other = new Database(db);
  other.exec('begin immediate');
  const { status, headers } = await post(url, one);
  expect([status, headers.get('retry-after')]).toEqual([503, '1']);
  other.exec('rollback');
  expect((await post(url, one)).body).toEqual({ batch: 'b', stored: 1 });
}, 120_000);
