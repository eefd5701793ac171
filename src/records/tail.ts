import { batchOf, type Batch, type BatchLimits } from './batch.js';
import type { StudyRecord } from './study-record.js';

/** So many of a session's records are kept for the page's end. */
const most = 1000;

/** What this page stored and no server has acknowledged yet: what there is no time to read when the page ends. */
export class Tail {
  readonly #ofSession = new Map<string, StudyRecord[]>();

  add(records: readonly StudyRecord[]): void {
    for (const record of records) {
      const kept = this.#ofSession.get(record.session) ?? [];
      this.#ofSession.set(record.session, kept);
      kept.push(record);
      if (kept.length > most) kept.shift();
    }
  }

  /** Forgets what was sent. */
  cut({ key: [, session], last }: Batch): void {
    const kept = this.#ofSession.get(session)?.filter(({ seq }) => seq > last) ?? [];
    if (kept.length > 0) this.#ofSession.set(session, kept);
    else this.#ofSession.delete(session);
  }

  /** A batch of each session, without what is on its way already. */
  batches(limits: BatchLimits, onItsWay: Batch | undefined): readonly Batch[] {
    let { bytes } = limits;
    return [...this.#ofSession.values()].flatMap((records) => {
      const isOnItsWay = ({ session, seq }: StudyRecord) => session === onItsWay?.key[1] && seq <= onItsWay.last;
      const batch = batchOf(
        records.filter((record) => !isOnItsWay(record)),
        { ...limits, bytes },
      );
      if (!batch || batch.bytes > bytes) return [];
      bytes -= batch.bytes;
      return batch;
    });
  }
}
