import { map, Observable, timeout } from 'rxjs';
import type { Batch } from './batch.js';

/** The server refused a batch for good. */
export class Refused extends Error {}

/** In ms; what is not answered by then is sent again. */
const patience = 30_000;

/** In bytes: all requests of a page that outlive it may have 64 KiB together. https://fetch.spec.whatwg.org/#http-network-or-cache-fetch */
const keptAlive = 60_000;

/**
 * Sends a batch once, and completes when it is acknowledged. Errors: {@link Refused}, or any other error where it may be
 * sent again. Unsubscribing ends the request.
 */
export function post(url: string, headers: Readonly<Record<string, string>>, batch: Batch): Observable<void> {
  const { name, body, bytes } = batch;
  return new Observable<Answer>((subscriber) => {
    const ending = new AbortController();
    const init: RequestInit = {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json', 'idempotency-key': name },
      body,
      keepalive: bytes < keptAlive,
      signal: ending.signal,
    };
    answerOf(url, init).then(
      (answer) => {
        subscriber.next(answer);
        subscriber.complete();
      },
      (error: unknown) => subscriber.error(error),
    );
    return () => ending.abort();
  }).pipe(
    timeout(patience),
    map((answer) => judge(name, answer)),
  );
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

async function answerOf(url: string, init: RequestInit): Promise<Answer> {
  const response = await fetch(url, init);
  return { status: response.status, text: await response.text() };
}

/** Sends a batch when the page ends, where no answer can be heard. */
export function postAtEnd(url: string, headers: Readonly<Record<string, string>>, { name, body }: Batch): void {
  // A beacon has no headers of its own; it is what browsers hold on to most firmly.
  const isBare = Object.keys(headers).length === 0;
  if (isBare && navigator.sendBeacon(url, new Blob([body], { type: 'application/json' }))) return;
  const all = { ...headers, 'content-type': 'application/json', 'idempotency-key': name };
  fetch(url, { method: 'POST', headers: all, body, keepalive: true }).catch(() => undefined);
}

function judge(name: string, { status, text }: Answer): void {
  const said = text === '' ? '' : `: ${text.slice(0, 200)}`;
  if (status >= 400 && status < 500 && status !== 408 && status !== 429) {
    throw new Refused(`the server refused it with status ${status}${said}`);
  }
  if (status !== 200) throw new Error(`the server answered with status ${status}`);
  if (!isAcknowledged(name, text)) throw new Error(`the server's answer is no acknowledgement${said}`);
}

function isAcknowledged(name: string, text: string): boolean {
  try {
    const { batch, stored } = JSON.parse(text) as { readonly batch?: unknown; readonly stored?: unknown };
    return batch === name && Number.isSafeInteger(stored);
  } catch {
    return false;
  }
}
