import type { Death } from '../src/protocol/messages.js';

/** What an interpreter died of, by the error that it threw. The messages are those of Chromium, Firefox and Safari. */
export function deathBy(error: unknown): Death {
  const { name, message } = error as { readonly name?: unknown; readonly message?: unknown };
  if (name === 'Exit') return 'exit';
  if (/call stack size|too much recursion/.test(String(message))) return 'stack';
  return isOutOfMemory(String(message)) ? 'memory' : 'fatal';
}

export const isOutOfMemory = (message: string): boolean =>
  /[Oo]ut of memory|allocation failed|enlarge memory|\bOOM\b/.test(message);
