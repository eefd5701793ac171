import type { Head, Operation, PolicyStates, StoredGame } from './stored-game.js';

/** What the storage has of a game. */
export interface RawGame {
  readonly head: unknown;
  readonly operations: readonly unknown[];
  readonly numbers: readonly number[];
  readonly policies: PolicyStates | undefined;
}

/** Null for what is no game that this version of the library wrote. */
export function readGame({ head, operations: all, numbers, policies }: RawGame): StoredGame | null {
  if (!isHead(head)) return null;
  const gap = numbers.findIndex((number, i) => number !== head.first + i);
  const operations = gap < 0 ? all : all.slice(0, gap);
  return operations.every(isOperation) ? { head, operations, policies, isCut: gap >= 0 } : null;
}

function isHead(value: unknown): value is Head {
  if (typeof value !== 'object' || value === null) return false;
  const { format, version, round, results, checkpoint, first } = value as Partial<Head>;
  return (
    format === 1 &&
    typeof version === 'string' &&
    Number.isSafeInteger(round) &&
    Array.isArray(results) &&
    typeof checkpoint === 'object' &&
    Number.isSafeInteger(first)
  );
}

function isOperation(value: unknown): value is Operation {
  const { type, digest } = (value ?? {}) as { readonly type?: unknown; readonly digest?: unknown };
  return type === 'reset' || (type === 'step' && typeof digest === 'string');
}
