import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import Database from 'libsql';
import { batch, cleanUp, folder, post, record, start, type Sent } from './collectors';
import { ndArray } from '../../src/protocol/ndarray';
import { toPlain } from '../../src/protocol/plain';
import { root } from '../helpers/folders';

jest.setTimeout(120_000); // processes are started, on machines that may be slow

afterEach(cleanUp);

const bin = join(root, 'bin/rxgym.mjs');
const run = promisify(execFile);
/** What the command prints, or its error. */
const collect = async (...options: string[]): Promise<string> => {
  const { RXGYM_SECRET: _one, RXGYM_READ_SECRET: _other, ...env } = process.env;
  const line = [bin, 'collect', ...options];
  return run(process.execPath, line, { env, maxBuffer: 2 ** 26 }).then(
    ({ stdout }) => stdout,
    (error: unknown) => (error as { stderr: string }).stderr,
  );
};

const get = async (address: string, secret?: string): Promise<Response> =>
  fetch(address, { headers: secret === undefined ? {} : { authorization: `Bearer ${secret}` } });

it('writes a table of all keys, in the order of participant, session and seq', async () => {
  const { url, db } = await start();
  await post(url, batch('1', [record('b', 1, { agents: [{ action: 2 }, { action: 'left, "up"' }] }), record('b', 0)]));
  await post(
    url,
    batch('2', [record('a', 10), record('a', 9, { participant: 'zoe' }), record('c', 0, { participant: null })]),
  );
  await post(
    url,
    batch('3', [record('a', 2, { info: { 'TimeLimit.truncated': true }, empty: '', list: [], note: 'a\nb' })]),
  );
  await post(url, batch('4', [record('a', 2)], 'another study'));
  const lines = [
    'participant,session,seq,type,time,info.TimeLimit.truncated,empty,list,note,agents.0.action,agents.1.action',
    ',c,0,step,1700000000000,,,,,,',
    'ann,a,2,step,1700000000002,true,"",[],"a\nb",,',
    'ann,a,10,step,1700000000010,,,,,,',
    'ann,b,0,step,1700000000000,,,,,,',
    'ann,b,1,step,1700000000001,,,,,2,"left, ""up"""',
    'zoe,a,9,step,1700000000009,,,,,,',
  ];
  expect(await collect('--db', db, '--csv', 'maze')).toBe(lines.map((line) => `${line}\r\n`).join(''));
});

it('keeps two keys apart whose names are the same with dots, and takes any name', async () => {
  const { url, db } = await start();
  const odd = JSON.parse('{"a.b":1,"a":{"b":2},"__proto__":{"c":3},"x,y":4}') as object;
  await post(url, batch('b', [{ ...record('s', 0), ...odd, ['__proto__']: { c: 3 } }]));
  const [head, line] = (await collect('--db', db, '--csv', 'maze')).split('\r\n');
  expect(head).toBe('participant,session,seq,type,time,a.b,a.b,__proto__.c,"x,y"');
  expect(line).toBe('ann,s,0,step,1700000000000,1,2,3,4');
});

it('has a column by agent, and an array in a cell, as the CSV of a page', async () => {
  const { url, db } = await start();
  const step = {
    action: new Map<string, unknown>([
      ['you', 2],
      ['bot', null],
    ]),
    observation: ndArray(new Float32Array([1, 2, 3, NaN]).buffer, [2, 2], 'float32'),
    reward: new Map([[0, Infinity]]),
    info: { $: 7 },
    missing: undefined,
  };
  await post(url, batch('b', [record('s', 0, toPlain(step) as object)]));
  const [head, line] = (await collect('--db', db, '--csv', 'maze')).split('\r\n');
  expect(head).toBe('participant,session,seq,type,time,action.you,action.bot,observation,reward.0,info.$,missing');
  expect(line).toBe('ann,s,0,step,1700000000000,2,,"[[1,2],[3,""NaN""]]",Infinity,7,');
});

it('says of each step when its picture was painted, as the CSV of a page', async () => {
  const { url, db } = await start();
  const of = (type: string, index: number, more: object = {}) => ({ type, page: 1, episode: 1, index, at: 0, ...more });
  const records = [
    of('step', 1),
    of('focus', 0),
    of('painted', 1, { at: 10.5 }),
    of('painted', 1, { at: 11 }), // a picture that shows it again
    of('step', 2), // replaced by a newer one before it was shown
    of('step', 3),
    of('step', 1, { page: 2 }), // another tab
    of('painted', 3, { at: 30 }),
    of('painted', 1, { page: 2, at: 20 }),
    of('step', 1, { episode: 2 }),
    of('painted', 1, { at: 40 }), // of an episode that is lost
    of('step', 2, { page: null, episode: 2 }),
    of('step', 3, { page: { odd: [] } }),
    of('painted', 3, { page: { odd: [] }, at: 70 }),
  ];
  await post(
    url,
    batch(
      'b',
      records.map((more, seq) => record('a', seq, more)),
    ),
  );
  await post(url, batch('c', [record('b', 0, of('painted', 2, { page: null, episode: 2, at: 50 }))]));
  await post(url, batch('d', [record('a', 99, of('painted', 2, { page: null, episode: 2, at: 60 }))], 'another study'));
  const [head, ...lines] = (await collect('--db', db, '--csv', 'maze')).trim().split('\r\n');
  const [type, painted] = ['type', 'painted'].map((name) => head!.split(',').indexOf(name)) as [number, number];
  const steps = lines.map((line) => line.split(',')).filter((cells) => cells[type] === 'step');
  expect(head!.split(',').filter((name) => name === 'painted')).toHaveLength(1);
  expect(steps.map((cells) => cells[painted])).toEqual(['10.5', '', '30', '20', '', '', '']);
});

it('writes the same over HTTP, to who has the secret for reading only', async () => {
  const { url, db } = await start({ secret: 'write', readSecret: 'read' });
  await post(`${url}?secret=write`, batch('b', [record('s', 0, { x: 1 }), record('s', 1)]));
  const table = await get(`${url}/records.csv?study=maze`, 'read');
  expect(table.headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present');
  expect(await table.text()).toBe(await collect('--db', db, '--csv', 'maze'));
  const lines = await get(`${url}/records.jsonl?study=maze`, 'read');
  expect((await lines.text()).split('\n')).toEqual([
    JSON.stringify(record('s', 0, { x: 1 })),
    JSON.stringify(record('s', 1)),
    '',
  ]);
  expect((await get(`${url}/records.csv?study=maze`)).status).toBe(401);
  // Everybody can read the secret for writing in the page that writes.
  expect((await get(`${url}/records.csv?study=maze`, 'write')).status).toBe(401);
  expect((await get(`${url}/records.csv?study=maze&secret=read`)).status).toBe(401);
  const other = await get(`${url}/records.csv?study=other`, 'read');
  expect([other.status, await other.json()]).toEqual([404, expect.objectContaining({ studies: ['maze'] })]);
});

it('does not hand records out where no secret for reading was set', async () => {
  const { url } = await start();
  await post(url, batch('b', [record('s', 0)]));
  const answer = await get(`${url}/records.csv?study=maze`);
  expect([answer.status, await answer.text()]).toEqual([403, expect.stringContaining('--read-secret')]);
});

it('reads many pages of records, each once, while the server stores others', async () => {
  const { url, db } = await start({ readSecret: 'read', limit: 2 ** 22 });
  const all = Array.from({ length: 1000 }, (_, index) =>
    record(`s${index % 7}`, index, { participant: `p${index % 3}` }),
  );
  await post(url, batch('b', all));
  const reading = get(`${url}/records.jsonl?study=maze`, 'read').then(async (answer) => answer.text());
  const more = Array.from({ length: 20 }, async (_, index) => post(url, batch(`m${index}`, [record('late', index)])));
  const lines = (await reading)
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Sent);
  await Promise.all(more);
  const early = lines.filter(({ session }) => session !== 'late');
  const order = ({ participant, session, seq }: Sent): string =>
    `${participant} ${session} ${String(seq).padStart(4, '0')}`;
  expect(early.map(order)).toEqual(all.map(order).sort());
  expect((await collect('--db', db, '--jsonl', 'maze')).trim().split('\n')).toHaveLength(1020);
});

it('refuses a table of more columns than spreadsheets have', async () => {
  const { url, db } = await start();
  await post(url, batch('b', [record('s', 0, { image: new Array(17_000).fill(0) })]));
  expect(await collect('--db', db, '--csv', 'maze')).toMatch(
    /^rxgym: expected at most 16384 columns, got more: images/,
  );
  expect(JSON.parse(await collect('--db', db, '--jsonl', 'maze'))).toEqual(expect.objectContaining({ session: 's' }));
});

it('says what is wrong with the command line, or with the file', async () => {
  const at = folder();
  const [text, other, none] = ['text', 'other.sqlite', 'none.sqlite'].map((name) => join(at, name)) as [
    string,
    string,
    string,
  ];
  writeFileSync(text, 'no database at all, but long enough to be read as one'.repeat(20));
  const foreign = new Database(other);
  foreign.exec('create table mine (x)');
  foreign.close();
  const { db } = await start();
  const problems = await Promise.all([
    collect(),
    collect('--db', none, '--csv', 'maze'),
    collect('--db', text),
    collect('--db', other),
    collect('--db', db, '--csv', 'maze'),
    collect('--db', db, '--csv', 'maze', '--port', '1'),
    collect('--db', db, '--port', '65536'),
    collect('--db', db, '--limit', '1e6'),
    collect('--db', db, '--origin', 'https://study.example/'),
    collect('--db', db, '--secret', 'a b'),
    collect('--db', db, '--secret', 'a', '--read-secret', 'a'),
    collect('--db', db, '--prot', '1'),
    collect('--db', join(at, 'no', 'folder')),
  ]);
  const expected = [
    /^rxgym: Usage: npx rxgym collect --db records.sqlite/,
    /^rxgym: --db: there is no file .*none.sqlite/,
    /^rxgym: --db: cannot open .*text: .*not a database/,
    /^rxgym: --db: expected a file that collect made, or none; .*other.sqlite is another one/,
    /has no study maze; it has none/,
    /^rxgym: --port: expected nothing but --db beside --csv/,
    /^rxgym: --port: expected a whole number from 0 to 65535, got 65536/,
    /^rxgym: --limit: expected a whole number from 1 to 268435456, got 1e6/,
    /^rxgym: --origin: expected an origin .*did you mean https:\/\/study.example\?/,
    /^rxgym: --secret: expected one or more ASCII characters without spaces, got "a b"/,
    /^rxgym: --read-secret: expected another one than --secret/,
    /^rxgym: Unknown option '--prot'[^]*Usage/,
    /^rxgym: --db: cannot open/,
  ];
  problems.forEach((problem, index) => expect(problem).toMatch(expected[index]!));
  // What is not ours was left alone.
  const left = new Database(other);
  expect(left.pragma('journal_mode')).toEqual([{ journal_mode: 'delete' }]);
  left.close();
}, 120_000);

it('says where it cannot listen', async () => {
  const { db, port } = await start();
  expect(await collect('--db', db, '--port', String(port))).toMatch(
    /cannot listen at 127.0.0.1, port \d+: .*EADDRINUSE/,
  );
});
