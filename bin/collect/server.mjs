// The server side of a study's records; docs/collect.md says what it answers.
import { STATUS_CODES, createServer } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { checkSecret, corsHeaders, preflight } from './access.mjs';
import { batchOf } from './batch.mjs';
import { bodyReader } from './body.mjs';
import { csv, jsonLines } from './csv.mjs';
import { openDatabase } from './database.mjs';
import { parseJson } from './json.mjs';
import { Refusal, describe } from './refusal.mjs';

/** A request has to be here whole after this time in ms, and a connection that is not idle has to move within it. */
const patience = 60_000;

/** How long requests that are under way may take when the server ends, in ms. */
const grace = 10_000;

/** Bytes of bodies that are in memory at the same time, at least. */
const capacity = 64 * 2 ** 20;

const connections = 1024;

/**
 * @typedef {object} CollectorOptions
 * @property {string} db The file; it is made where there is none.
 * @property {number} [port] Default 8090; 0 takes one that is free.
 * @property {string} [host] The address to listen at. Default `127.0.0.1`: this machine only.
 * @property {readonly string[]} [origins] Whose pages may use the server beside those of the same host and of this machine,
 * for instance `https://study.example`; `*` for all.
 * @property {string} [secret] Needed to send records.
 * @property {string} [readSecret] Needed to read them; without one nobody can read them over HTTP.
 * @property {number} [limit] Bytes of a body. Default 1 MiB.
 * @property {(line: string) => void} [log] Told about each request that was refused.
 *
 * @typedef {object} Collector
 * @property {number} port
 * @property {string} url
 * @property {() => Promise<void>} close Answers what is under way, then closes the database.
 *
 * @typedef {import('node:http').IncomingMessage} IncomingMessage
 * @typedef {import('node:http').ServerResponse} ServerResponse
 */

/** @typedef {{ type: string, rows: typeof csv }} Table */

/** @type {Map<string, Table>} */
const tables = new Map([
  ['records.csv', { type: 'text/csv; charset=utf-8; header=present', rows: csv }],
  ['records.jsonl', { type: 'application/jsonl; charset=utf-8', rows: jsonLines }],
]);

/**
 * Starts the server. A spec can do so without a process of its own.
 * @param {CollectorOptions} options
 * @returns {Promise<Collector>} Rejects where the file cannot be opened, or the port is taken.
 */
export async function startCollector({
  db,
  port = 8090,
  host = '127.0.0.1',
  origins = [],
  secret = undefined,
  readSecret = undefined,
  limit = 2 ** 20,
  log = () => undefined,
}) {
  const database = await openDatabase(db);
  const bodyOf = bodyReader({ limit, capacity: Math.max(capacity, limit) });

  /** @param {IncomingMessage} request @param {URLSearchParams} query */
  async function post(request, query) {
    // A page's secret is no secret from who reads the page, hence it may stand in an address. `sendBeacon` has no other place.
    if (secret !== undefined) checkSecret(request, secret, query.get('secret'));
    checkType(request);
    const batch = batchOf(parseJson(await bodyOf(request)));
    checkKey(request.headers['idempotency-key'], batch.batch);
    return { batch: batch.batch, stored: database.store(batch) };
  }

  /** @param {IncomingMessage} request @param {URLSearchParams} query @param {ServerResponse} response @param {Table} table */
  async function read(request, query, response, { type, rows }) {
    if (readSecret === undefined) {
      throw new Refusal(403, {
        expected: 'a server with --read-secret (or in a shell: npx rxgym collect --db FILE --csv STUDY)',
        got: 'one without',
      });
    }
    checkSecret(request, readSecret, null);
    const study = query.get('study') ?? '';
    const studies = database.studies();
    if (!studies.includes(study)) {
      throw new Refusal(404, {
        expected: '?study= with a study that has records',
        got: describe(study),
        more: { studies },
      });
    }
    response.writeHead(200, { 'content-type': type, 'content-disposition': 'attachment' });
    await pipeline(Readable.from(rows(database, study)), response);
  }

  /** @param {ServerResponse} response */
  function health(response) {
    database.last();
    json(response, 200, { status: 'ok' });
  }

  /** @param {IncomingMessage} request @param {ServerResponse} response */
  async function answer(request, response) {
    setHeaders(response, always);
    setHeaders(response, corsHeaders(request, origins));
    const { pathname, searchParams } = addressOf(request);
    const place = pathname.slice(pathname.lastIndexOf('/') + 1);
    switch (request.method) {
      case 'POST':
        return json(response, 200, await post(request, searchParams));
      case 'OPTIONS':
        return response.writeHead(204, preflight).end();
      case 'GET':
      case 'HEAD': {
        const table = tables.get(place);
        if (table) return read(request, searchParams, response, table);
        if (place === 'health') return health(response);
        throw new Refusal(404, {
          expected: `POST, or GET health, ${[...tables.keys()].join(', ')}`,
          got: describe(pathname),
        });
      }
      default:
        throw new Refusal(405, { expected: 'POST, GET or OPTIONS', got: describe(request.method), headers: { allow } });
    }
  }

  const server = createServer(
    { requestTimeout: patience, headersTimeout: patience, connectionsCheckingInterval: 5000 },
    (request, response) => {
      // The sender went away; its request ends by itself.
      response.on('error', () => undefined);
      // While the server ends: a connection that is idle from now on would hold it up.
      response.on('close', () => server.listening || setImmediate(() => server.closeIdleConnections()));
      answer(request, response).catch((/** @type {Error} */ error) => {
        if (response.headersSent || response.destroyed) return void response.destroy();
        const refusal = error instanceof Refusal ? error : internal(error);
        log(`${request.method} ${describe(addressOf(request).pathname)}: ${refusal.status}, ${refusal.message}`);
        setHeaders(response, refusal.headers);
        const document = refusal.document(STATUS_CODES[refusal.status] ?? 'Refused');
        json(response, refusal.status, document, 'application/problem+json');
      });
    },
  );
  server.maxConnections = connections;
  server.timeout = patience;

  try {
    await new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, () => resolve(undefined));
    });
  } catch (error) {
    database.close();
    throw error;
  }
  const address = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    port: address.port,
    url: `http://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`,
    async close() {
      const late = setTimeout(() => server.closeAllConnections(), grace);
      await new Promise((resolve) => server.close(resolve));
      clearTimeout(late);
      database.close();
    },
  };
}

const allow = 'POST, GET, HEAD, OPTIONS';
const always = { 'cache-control': 'no-store', vary: 'origin', 'x-content-type-options': 'nosniff' };

/** @param {ServerResponse} response @param {Record<string, string>} headers */
function setHeaders(response, headers) {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
}

/** @param {IncomingMessage} request */
function addressOf({ url = '/' }) {
  return new URL(url.startsWith('/') ? `http://host${url}` : 'http://host/');
}

/** @param {IncomingMessage} request */
function checkType({ headers: { 'content-type': type, 'content-encoding': encoding = 'identity' } }) {
  const expected = 'content-type: application/json, or text/plain; no content-encoding';
  if (!/^(application[/]json|text[/]plain) *(;|$)/i.test(type ?? '')) {
    throw new Refusal(415, { expected, got: describe(type) });
  }
  if (encoding !== 'identity') throw new Refusal(415, { expected, got: `content-encoding: ${encoding}` });
}

/**
 * The header may be quoted, as the draft of its standard has it:
 * https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
 * @param {string | string[] | undefined} key @param {string} batch
 */
function checkKey(key, batch) {
  if (key === undefined || key === batch || key === `"${batch}"`) return;
  throw new Refusal(400, { at: 'idempotency-key', expected: describe(batch), got: describe(key) });
}

/** @param {Error} error */
const internal = (error) => new Refusal(500, { expected: 'to store the batch', got: describe(error.message) });

/** @param {ServerResponse} response @param {number} status @param {object} value */
function json(response, status, value, type = 'application/json') {
  const text = JSON.stringify(value);
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(text) }).end(text);
}
