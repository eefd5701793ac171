// Who may send, and who may read.
import { createHash, timingSafeEqual } from 'node:crypto';
import { Refusal, describe } from './refusal.mjs';

/** @typedef {import('node:http').IncomingMessage} IncomingMessage */

const loopback = /^(localhost|.+[.]localhost|127[.]\d+[.]\d+[.]\d+|\[::1\])$/;

/**
 * Whether a page of this origin may use the server: one of the list, one of the same host, or a developer's own.
 * @param {IncomingMessage} request
 * @param {readonly string[]} origins
 */
function isAllowed({ headers: { origin, host, 'sec-fetch-site': site } }, origins) {
  if (origin === undefined || site === 'same-origin' || origins.includes('*') || origins.includes(origin)) return true;
  if (!URL.canParse(origin)) return false;
  const url = new URL(origin);
  return url.host === host || loopback.test(url.hostname);
}

/**
 * The headers that let a page of another origin read the answer. https://fetch.spec.whatwg.org/#http-cors-protocol
 *
 * A page can send without them too, by `sendBeacon` for instance; therefore the request itself is refused.
 * @param {IncomingMessage} request
 * @param {readonly string[]} origins
 * @returns {Record<string, string>}
 * @throws {Refusal} 403
 */
export function corsHeaders(request, origins) {
  const { origin } = request.headers;
  if (!isAllowed(request, origins)) {
    const list = origins.length ? origins.join(', ') : 'the same host';
    throw new Refusal(403, { expected: `a page from ${list} (--origin)`, got: describe(origin) });
  }
  if (origin === undefined) return {};
  return {
    'access-control-allow-origin': origin,
    // `sendBeacon` sends with credentials, always. There are no cookies that this could open a way for.
    'access-control-allow-credentials': 'true',
    'access-control-expose-headers': 'retry-after',
  };
}

export const preflight = {
  'access-control-allow-methods': 'GET, POST',
  'access-control-allow-headers': 'authorization, content-type, idempotency-key',
  'access-control-max-age': '600',
};

/** @param {string} text */
const digest = (text) => createHash('sha256').update(text).digest();

/**
 * Takes the same time for every wrong secret: digests are of one length.
 * @param {IncomingMessage} request
 * @param {string} secret
 * @param {string | null} inAddress The one of `?secret=`, where that is taken.
 * @throws {Refusal} 401
 */
export function checkSecret(request, secret, inAddress) {
  const [, bearer] = /^Bearer +(.+)$/i.exec(request.headers.authorization ?? '') ?? [];
  const given = bearer ?? inAddress;
  if (given !== null && timingSafeEqual(digest(given), digest(secret))) return;
  throw new Refusal(401, {
    expected: 'the secret, as `Authorization: Bearer …`',
    got: given === null ? 'none' : 'another one',
    headers: { 'www-authenticate': 'Bearer' },
  });
}
