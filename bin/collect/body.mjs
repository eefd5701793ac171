import { Refusal } from './refusal.mjs';

/**
 * Reads the bodies of requests, each up to `limit` bytes, and all that are under way up to `capacity` bytes.
 * @param {{ limit: number, capacity: number }} options
 * @returns {(request: import('node:http').IncomingMessage) => Promise<Buffer>} Rejects with a {@link Refusal}: 413 or 503.
 * What still comes of a refused body is thrown away, so that the sender can read the answer.
 */
export function bodyReader({ limit, capacity }) {
  let held = 0;
  return (request) =>
    new Promise((resolve, reject) => {
      /** @type {Buffer[]} */
      const chunks = [];
      let size = 0;
      const free = () => {
        held -= size;
        size = 0;
        chunks.length = 0;
      };
      /** @param {Error} error */
      const refuse = (error) => {
        free();
        request.off('data', take);
        request.resume();
        reject(error);
      };
      /** @param {Buffer} chunk */
      const take = (chunk) => {
        chunks.push(chunk);
        size += chunk.length;
        held += chunk.length;
        if (size > limit) refuse(tooLarge(limit, 'more'));
        else if (held > capacity) refuse(tooMany());
      };
      const declared = Number(request.headers['content-length'] ?? 0);
      if (declared > limit) return refuse(tooLarge(limit, `${declared} bytes`));
      request.on('data', take);
      request.on('end', () => {
        const body = Buffer.concat(chunks);
        free();
        resolve(body);
      });
      request.on('close', () => {
        free();
        reject(new Error('the sender went away'));
      });
    });
}

/** @param {number} limit @param {string} got */
const tooLarge = (limit, got) => new Refusal(413, { expected: `at most ${limit} bytes (--limit)`, got });

const tooMany = () =>
  new Refusal(503, { expected: 'fewer requests at the same time', got: 'too many', headers: { 'retry-after': '1' } });
