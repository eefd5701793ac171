import type { Settings } from './options.js';

/** In ms; a pause that has been doubled often is no longer than this. */
const longest = 10_000;

/**
 * Counts restarts: each call is one, and returns the pause in ms before it, or nothing where the limit is reached.
 * Exponential, with jitter: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function backOff(settings: () => Settings): () => number | undefined {
  let restarts: number[] = [];
  return () => {
    const { limit, within, backoff } = settings().restart;
    const now = performance.now();
    restarts = restarts.filter((time) => time > now - within);
    if (restarts.length >= limit) return undefined;
    const pause = restarts.length && Math.min(backoff * 2 ** (restarts.length - 1), longest);
    restarts.push(now);
    return pause * (1 - Math.random() / 2);
  };
}
