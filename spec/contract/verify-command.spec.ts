import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lastValueFrom } from 'rxjs';
import { exportRecords } from '../../src/records/export-records';
import type { StudyRecord } from '../../src/records/study-record';
import { batch, cleanUp, folder, post, start } from '../collect/collectors';
import { root } from '../helpers/folders';
import { useFakeStorage } from '../records/fake-storage';
import { recorded, seeded, unseeded } from './recorded';

afterEach(cleanUp);

function rxgym(...line: string[]): Promise<{ code: number; out: string; errors: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [join(root, 'bin/rxgym.mjs'), ...line], (error, out, errors) => {
      resolve({ code: error ? Number(error.code) : 0, out, errors });
    });
  });
}
const verify = (...line: string[]) => rxgym('verify', ...line, '--index-url', join(root, 'node_modules/pyodide'));

/** Saves the study of these records as pages do. */
async function saved([first]: readonly StudyRecord[]): Promise<string> {
  const { blob } = await lastValueFrom(exportRecords(first?.study ?? '', { as: 'jsonl' }));
  const path = join(folder(), 'study.jsonl');
  writeFileSync(path, (await blob?.text()) ?? '');
  return path;
}

describe('npx rxgym verify', () => {
  useFakeStorage();

  it('says of each session of a file whether it comes to the same, and fails where one does not', async () => {
    const path = await saved(await recorded(seeded, { session: 'first' }));
    const good = await verify(path);
    expect(good).toEqual({
      code: 0,
      out: expect.stringMatching(/^first: the same: 10 steps after 2 resets/) as string,
      errors: '',
    });
    const text = readFileSync(path, 'utf8');
    const altered = text.replaceAll('"first"', '"second"').replace('"index":3,"action":2', '"index":3,"action":1');
    const lacking = text.replaceAll('"first"', '"third"').replace(/^.*"index":3,.*\n/m, '');
    writeFileSync(path, text + altered + lacking);
    const { code, out, errors } = await verify(path);
    expect(code).toBe(1);
    const [first, second, third] = out.split('\n');
    expect(`${first}\n`).toBe(good.out);
    expect(second).toMatch(
      /^second: DIFFERS in 2 places of 10 steps after 2 resets, first at round 0, step 3 \(reward: /,
    );
    expect(third).toMatch(/^third: cannot be verified: .*step 4 of episode 1 comes after step 2/);
    expect(errors).toMatch(/1 sessions come to the same, 1 differ, 1 could not be verified/);
  });

  it('takes what collect writes', async () => {
    const records = await recorded(unseeded, { session: 'one', participant: 'ann' });
    const lines = readFileSync(await saved(records), 'utf8')
      .trim()
      .split('\n');
    const { url, db } = await start();
    const sent = lines.map((line) => JSON.parse(line) as never);
    expect(await post(url, batch('all', sent))).toMatchObject({ status: 200 });
    const { out } = await rxgym('collect', '--db', db, '--jsonl', 'maze');
    const path = join(folder(), 'maze.jsonl');
    writeFileSync(path, out);
    expect(await verify(path)).toMatchObject({
      code: 0,
      out: expect.stringContaining('one: the same: 15 steps') as string,
    });
  });

  it('plays no env that --only does not name', async () => {
    const path = await saved(await recorded(seeded, { session: 'one' }));
    const { code, out } = await verify(path, '--only', 'another');
    expect(code).toBe(1);
    const env = /its env ([0-9a-f]{16}) is not among/.exec(out)?.[1] ?? '';
    expect(await verify(path, '--only', env)).toMatchObject({ code: 0, out: expect.stringContaining(env) as string });
  });

  it('says what is wrong with a file, or with the command line', async () => {
    const path = join(folder(), 'bad.jsonl');
    expect((await verify(path)).errors).toContain(`cannot read ${path}`);
    writeFileSync(path, '{"type":"opened"}\n');
    expect((await verify(path)).errors).toContain('line 1: expected a record as JSON');
    writeFileSync(path, '');
    expect(await verify(path)).toMatchObject({ code: 1, errors: expect.stringContaining('has no records') as string });
    expect((await rxgym('verify')).errors).toContain('Usage: npx rxgym verify');
  });
});
