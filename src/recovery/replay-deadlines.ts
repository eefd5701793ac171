import type { CommandType } from '../protocol/commands.js';
import type { LoggedOperation } from '../protocol/operations.js';
import { traitsOf } from '../protocol/traits.js';
import type { Settings } from '../runtime/options.js';

/** The deadlines of replayed operations: by kind, the longest that a command was given, and at least the runtime's. */
export class ReplayDeadlines {
  /** The longest that users gave each kind of operation, in ms. */
  readonly #longest = new Map<LoggedOperation['kind'], number>();

  constructor(private readonly host: { readonly settings: Settings }) {}

  allow(type: CommandType, deadline: number): void {
    const { logs } = traitsOf(type);
    if (logs !== null && deadline > (this.#longest.get(logs) ?? 0)) this.#longest.set(logs, deadline);
  }

  of(kind: LoggedOperation['kind']): number {
    const { deadline } = traitsOf(kind);
    const usual = deadline === null ? Infinity : this.host.settings.deadlines[deadline];
    return Math.max(usual, this.#longest.get(kind) ?? 0);
  }
}
