import { Subject, type Observable } from 'rxjs';
import { RecordError, type RecordTrouble } from '../errors.js';
import { messageOf } from './database.js';

/** The problems of one session, each told once until it was well in between. */
export class RecordProblems {
  /** Only observes. */
  readonly told$: Observable<RecordError>;

  readonly #told$ = new Subject<RecordError>();
  readonly #told = new Set<RecordTrouble>();

  constructor(
    readonly study: string,
    readonly session: string,
  ) {
    this.told$ = this.#told$.asObservable();
  }

  /** True where somebody listens to `told$`. */
  get isWatched(): boolean {
    return this.#told$.observed;
  }

  tell(reason: RecordTrouble, problem: string, count: number, cause?: unknown): void {
    if (this.#told.has(reason)) return;
    this.#told.add(reason);
    this.#told$.next(new RecordError(reason, this.study, this.session, count, problem, { cause }));
  }

  /** Of storage, while so many records wait for it. */
  tellOf(error: unknown, count: number): void {
    const { reason, problem, cause } = troubleOf(error);
    const more = error instanceof RecordError ? '' : ' It is tried again.';
    this.tell(reason, `${problem}${more}`, count, cause);
  }

  /** `all` were lost so far. Told at each doubling: a game that goes on for hours fills no console. */
  tellLost(all: number, limit: number): void {
    if (!Number.isInteger(Math.log2(all))) return;
    this.isWell('lost');
    this.tell('lost', `${all} so far are not kept, since ${limit} wait for storage already (\`limit\`).`, all);
  }

  isWell(...reasons: readonly RecordTrouble[]): void {
    for (const reason of reasons) this.#told.delete(reason);
  }
}

/** What an error of storage comes to. */
export function troubleOf(error: unknown): Pick<RecordError, 'reason' | 'problem' | 'cause'> {
  if (error instanceof RecordError) return error;
  if ((error as { readonly name?: unknown } | null)?.name === 'QuotaExceededError') {
    const advice = 'Deliver or forget records, or free some space.';
    return { reason: 'full', problem: `the browser gives no more room. ${advice}`, cause: error };
  }
  return { reason: 'storage', problem: `storage failed (${messageOf(error)}).`, cause: error };
}
