import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'libsql';
import { type Collector, type CollectorOptions, startCollector } from '../../bin/collect/server.mjs';
import { root } from '../helpers/folders';

export interface Sent {
  session: string;
  seq: number;
  participant: string | null;
  type: string;
  time: number;
  [more: string]: unknown;
}

export const record = (session: string, seq: number, more: object = {}): Sent => ({
  session,
  seq,
  participant: 'ann',
  type: 'step',
  time: 1_700_000_000_000 + seq,
  ...more,
});

export const batch = (name: string, records: readonly Sent[], study = 'maze'): string =>
  JSON.stringify({ format: 1, study, batch: name, records });

/** In ms; far above what anything here takes, so that a spec says what hangs. */
const patience = 15_000;

const ended: (() => unknown)[] = [];

/** To be called after each spec: ends the servers and removes the files. */
export async function cleanUp(): Promise<void> {
  for (const end of ended.splice(0).reverse()) await end();
}

export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'rxgym-collect-'));
  ended.push(() => {
    rmSync(path, { recursive: true });
  });
  return path;
}

/** A server in this process. */
export async function start(options: Partial<CollectorOptions> = {}): Promise<Collector & { db: string }> {
  const db = options.db ?? join(folder(), 'records.sqlite');
  const collector = await startCollector({ port: 0, ...options, db });
  ended.push(collector.close);
  return { ...collector, db };
}

export interface Child {
  readonly url: string;
  readonly port: number;
  /** Sends a signal, and waits for the end. */
  readonly end: (signal: NodeJS.Signals) => Promise<number | null>;
  readonly errors: () => string;
}

/** A server in a process of its own, as a user starts it. */
export async function startChild(db: string, ...options: string[]): Promise<Child> {
  const line = [join(root, 'bin/rxgym.mjs'), 'collect', '--db', db, '--port', '0', ...options];
  const child: ChildProcess = spawn(process.execPath, line, { stdio: ['ignore', 'pipe', 'pipe'] });
  const exit = once(child, 'exit') as Promise<[number | null]>;
  let errors = '';
  child.stderr?.on('data', (text: Buffer) => (errors += text.toString()));
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    child.kill(signal);
    const [code] = await exit;
    return code;
  };
  ended.push(() => end('SIGKILL'));
  const lines = createInterface({ input: child.stdout! });
  const [first] = (await Promise.race([
    once(lines, 'line'),
    exit.then(() => Promise.reject(new Error(`it ended: ${errors}`))),
    sleep(patience, undefined, { ref: false }).then(() => Promise.reject(new Error(`it does not start: ${errors}`))),
  ])) as [string];
  const url = /http:\S+/.exec(first)![0];
  return { url, port: Number(new URL(url).port), end, errors: () => errors };
}

export interface Answer {
  status: number;
  headers: Headers;
  body: Record<string, unknown>;
}

export async function post(url: string, body: BodyInit, headers: Record<string, string> = {}): Promise<Answer> {
  const response = await fetch(url, {
    method: 'POST',
    body,
    signal: AbortSignal.timeout(patience),
    headers: { 'content-type': 'application/json', ...headers },
  });
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Record<string, unknown>,
  };
}

/** All that a file has of a study, by a query of its own. */
export function recordsIn(db: string, study = 'maze'): Sent[] {
  const database = new Database(db);
  try {
    const rows = database
      .prepare('select record from records where study = ? order by participant, session, seq')
      .all(study);
    return (rows as { record: string }[]).map(({ record: text }) => JSON.parse(text) as Sent);
  } finally {
    database.close();
  }
}
