import { lastValueFrom } from 'rxjs';
import { note } from 'rxgym';

/** A row of jsPsych's data. `part` says which part of the study it belongs to. */
export type Row = Readonly<Record<string, unknown>>;

/** One participant's visit. It outlives the page, so that a page that is loaded again goes on behind what was finished. */
export class Visit {
  readonly session: string;
  readonly rows: Row[];
  #kept: Promise<unknown> = Promise.resolve();

  constructor(private readonly study: string) {
    const kept = JSON.parse(localStorage.getItem(study) ?? '{}') as Partial<Pick<Visit, 'session' | 'rows'>>;
    this.session = kept.session ?? `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`;
    this.rows = kept.rows ?? [];
  }

  /** Resolves when all rows are with the records, which are delivered, or could not be. */
  get kept(): Promise<unknown> {
    return this.#kept;
  }

  isDone(part: string): boolean {
    return this.rows.some((row) => row['part'] === part);
  }

  add(row: Row): void {
    this.rows.push(row);
    localStorage.setItem(this.study, JSON.stringify({ session: this.session, rows: this.rows }));
    const noted = lastValueFrom(note({ study: this.study, session: this.session }, row), { defaultValue: null });
    this.#kept = Promise.all([this.#kept, noted.catch(console.warn)]);
  }

  /** The next page is another participant's. */
  end(): void {
    localStorage.removeItem(this.study);
  }
}
