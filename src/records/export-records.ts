import { defer, from, type Observable } from 'rxjs';
import { checkOptions, checkValue, textRule, type Rules } from '../check.js';
import { plainly } from './batch.js';
import { lineOf, rowOf, sortedColumns, type Row, type StepRecord } from './csv.js';
import { ofStudy, withDatabase } from './database.js';
import { pagesOf } from './read-records.js';
import type { StudyRecord } from './study-record.js';

/** The options of {@link exportRecords}. */
export interface ExportConfig {
  /**
   * - `'csv'`: a row for each step, with a column by agent where there are several (`reward.human`). Arrays and nested values
   *   are JSON in a cell, without their dtypes. `painted` is when the step's picture was painted.
   * - `'json'`: a list of all records, each value as `toPlain` makes it, so that `fromPlain` brings it back as it was.
   * - `'jsonl'`: the same, a record a line.
   */
  readonly as: 'csv' | 'json' | 'jsonl';
  /** Saves the file under this name, as a download of the page. Default: the page does what it wants with the `blob`. */
  readonly save?: string | undefined;
}

/** How far an export is. */
export interface ExportProgress {
  /** Records that were read so far; of CSV in two passes, the first of which finds the columns. */
  readonly records: number;
  /** How many there are to read, in all passes. More may come while it runs. */
  readonly total: number;
  /** The file, at the end; null before. */
  readonly blob: Blob | null;
}

const rules: Rules<ExportConfig> = { as: { words: ['csv', 'json', 'jsonl'] }, save: textRule };

/**
 * Makes a file of the records of a study that are in this browser's storage. It is made in portions, so that a long study
 * takes the page no long task and no long string. What was delivered or forgotten is not in it.
 *
 * Errors: `RecordError` `'unavailable'`; `UsageError` at the call for a bad option.
 *
 * @example
 * exportRecords('catch-1', { as: 'csv', save: 'catch-1.csv' }).subscribe(({ records, total }) => (bar.value = records / total))
 */
export function exportRecords(study: string, config: ExportConfig): Observable<ExportProgress> {
  checkOptions('exportRecords', config, rules);
  checkValue('exportRecords.study', study, textRule);
  checkValue('exportRecords.as', config.as, rules.as);
  return defer(() => from(exporting(study, config)));
}

const types = { csv: 'text/csv', json: 'application/json', jsonl: 'application/jsonl' } as const;

async function* exporting(study: string, { as, save }: ExportConfig): AsyncGenerator<ExportProgress, void, undefined> {
  const count = await withDatabase(study, (database) => database.count('records', ofStudy(study)));
  const total = as === 'csv' ? 2 * count : count;
  let records = 0;
  let format: Format = jsonLines;
  if (as === 'json') format = jsonList();
  if (as === 'csv') {
    const columns = new Set<string>();
    const rows = new Rows();
    const collect = (found: readonly Row[]) =>
      found.forEach((row) => [...row.keys()].forEach((name) => columns.add(name)));
    for await (const page of pagesOf(study)) {
      collect(rows.of(page));
      yield { records: (records += page.length), total, blob: null };
    }
    collect(rows.rest());
    format = csv(sortedColumns(columns));
  }
  // Browsers keep the content of Blobs where they like, also on disk.
  const parts = [new Blob([format.head])];
  for await (const page of pagesOf(study)) {
    parts.push(new Blob([format.of(page)]));
    yield { records: (records += page.length), total, blob: null };
  }
  const blob = new Blob([...parts, format.end()], { type: types[as] });
  if (save !== undefined) download(blob, save);
  yield { records, total, blob };
}

/** How records become text, in portions. */
interface Format {
  readonly head: string;
  of(page: readonly StudyRecord[]): string;
  end(): string;
}

const jsonLines: Format = {
  head: '',
  of: (page) => page.map((record) => `${JSON.stringify(plainly(record))}\n`).join(''),
  end: () => '',
};

function jsonList(): Format {
  let between = '\n';
  const textOf = (record: StudyRecord) => {
    const text = between + JSON.stringify(plainly(record));
    between = ',\n';
    return text;
  };
  return { head: '[', of: (page) => page.map(textOf).join(''), end: () => '\n]\n' };
}

function csv(columns: readonly string[]): Format {
  const rows = new Rows();
  const text = (found: readonly Row[]) => found.map((row) => lineOf(columns.map((name) => row.get(name)))).join('');
  return { head: lineOf(columns), of: (page) => text(rows.of(page)), end: () => text(rows.rest()) };
}

/** The steps as rows. Each waits for what follows it, since the record of its picture comes behind it. */
class Rows {
  #step: StepRecord | undefined;
  #painted: number | undefined;

  of(page: readonly StudyRecord[]): readonly Row[] {
    return page.flatMap((record) => {
      const { session, page } = record;
      if (record.type === 'painted') {
        const { index, episode } = record;
        const step = this.#step;
        const isIts =
          step?.index === index && step.episode === episode && step.session === session && step.page === page;
        if (isIts) this.#painted = record.at;
      }
      if (record.type !== 'step') return [];
      const before = this.rest();
      this.#step = record;
      return before;
    });
  }

  rest(): readonly Row[] {
    const rows = this.#step ? [rowOf(this.#step, this.#painted)] : [];
    this.#step = undefined;
    this.#painted = undefined;
    return rows;
  }
}

function download(blob: Blob, name: string): void {
  const href = URL.createObjectURL(blob);
  Object.assign(document.createElement('a'), { href, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(href), 60_000); // the browser reads it after the click
}
