import type { LoggedMainOperation, MainOperation } from '../protocol/operations.js';
import { pack, packedMap, type Packed } from '../protocol/pack.js';
import type { Data } from '../protocol/values.js';
import { EnvLog, type MainLog } from './env-log.js';

/** Names and their values, packed when they were sent: what becomes of the page's objects afterwards changes no log. */
export type Names = ReadonlyMap<string, Packed>;

/** An operation of `__main__`, and the names that it sets, where it does nothing but set them. */
interface Row {
  readonly operation: LoggedMainOperation;
  readonly names?: Names;
}

/**
 * The log of a runtime: what was acknowledged in `__main__`, and for each env what was done to it, in one order.
 *
 * All of `__main__` after the earliest checkpoint is kept. Of what came before, the latest `most` operations between the
 * set-ups of two envs are kept; the globals that older ones set become initial globals. A `setGlobals` that is overwritten
 * before an env could see it is dropped, as in log compaction: https://kafka.apache.org/documentation/#compaction
 */
export class OperationLog implements MainLog {
  #sequence = 0;
  #rows: Row[] = [];
  #compactAbove: number;
  readonly #initial: Map<string, Packed>;
  readonly #envs = new Set<EnvLog>();

  constructor(
    initialGlobals: Readonly<Record<string, Data>>,
    private readonly most: number,
  ) {
    this.#initial = new Map(packNames(initialGlobals)); // what cannot be packed is refused here, not at the boot
    this.#compactAbove = most;
  }

  get initialGlobals(): Packed | null {
    return this.#initial.size ? packedMap(this.#initial) : null;
  }

  /** What was acknowledged in `__main__`. */
  get main(): readonly LoggedMainOperation[] {
    return this.#rows.map(({ operation }) => operation);
  }

  nextSequence(): number {
    return ++this.#sequence;
  }

  /** An env's part, and how to close it. */
  open(limit: number): { readonly log: EnvLog; readonly close: () => void } {
    const log = new EnvLog(this, limit);
    this.#envs.add(log);
    return {
      log,
      close: () => {
        this.#envs.delete(log);
        this.compact();
      },
    };
  }

  /** `answers`: what the page answered to its `input()`. */
  appendRun(code: string, globals: Packed, answers: readonly string[] = []): LoggedMainOperation {
    return this.#append({ kind: 'run', code, globals, ...(answers.length && { answers }) });
  }

  appendGlobals(names: Names): LoggedMainOperation {
    return this.#append({ kind: 'setGlobals', globals: packedMap(names) }, names);
  }

  #append(operation: MainOperation, names?: Names): LoggedMainOperation {
    const logged = { ...operation, sequence: this.nextSequence() };
    const row: Row = { operation: logged, ...(names && { names }) };
    const latest = this.#rows.at(-1);
    if (latest && this.#isOverwritten(latest, row)) this.#rows.pop();
    this.#rows.push(row);
    for (const env of this.#envs) env.countMain();
    if (this.#rows.length > this.#compactAbove) this.compact();
    return logged;
  }

  /** Drops what no recovery needs any more. */
  compact(): void {
    const rows = this.#rows.filter((row, i) => {
      const next = this.#rows[i + 1];
      return !(next && this.#isOverwritten(row, next));
    });
    const envs = [...this.#envs];
    const needed = Math.min(...envs.map(({ replayFrom }) => replayFrom));
    const kept = new Map<number, number>();
    const isKept = ({ operation: { sequence } }: Row): boolean => {
      if (sequence > needed) return true; // bounded by the env's own limit
      const section = envs.filter(({ setUpAt }) => setUpAt < sequence).length;
      const count = (kept.get(section) ?? 0) + 1;
      kept.set(section, count);
      return count <= this.most;
    };
    const latestFirst = rows.reverse().map((row) => ({ row, isKept: isKept(row) }));
    const ordered = latestFirst.reverse();
    for (const { row, isKept } of ordered) {
      if (!isKept) row.names?.forEach((value, name) => this.#initial.set(name, value));
    }
    this.#rows = ordered.filter(({ isKept }) => isKept).map(({ row }) => row);
    // where so many are needed, not again at each that comes
    const { length } = this.#rows;
    this.#compactAbove = length > this.most ? length + this.most : this.most;
  }

  /** True where all that the earlier one set is set again by the later one, and nobody looked in between. */
  #isOverwritten(earlier: Row, later: Row): boolean {
    const { names } = later;
    if (!earlier.names || !names) return false;
    if (![...earlier.names.keys()].every((name) => names.has(name))) return false;
    return ![...this.#envs].some((env) => env.separates(earlier.operation.sequence, later.operation.sequence));
  }
}

export const packNames = (globals: Readonly<Record<string, Data>>): Names =>
  new Map(Object.entries(globals).map(([name, value]) => [name, pack(value, 'globals')]));
