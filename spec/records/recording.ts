import { EMPTY, defer, delay, of, type Observable, type SchedulerLike } from 'rxjs';
import type { AnyStep, Reset } from '../../src/env/step.js';
import { resetDigest, stepDigest } from '../../src/env/digest.js';
import type { ReplayableEnv } from '../../src/records/player.js';
import type { RecordBody, StudyRecord } from '../../src/records/study-record.js';
import { stepAt } from './fake-storage.js';

/** Gives bodies their heads, in order, at the times. */
export const recordsOf = (bodies: readonly (RecordBody & { at?: number; page?: number })[]): StudyRecord[] =>
  bodies.map((body, seq) => {
    const head = { study: 'x', participant: null, session: 's', seq, page: 1, time: 0, at: 0, focus: null };
    return { ...head, ...body };
  });

export const made = (more: object = {}): RecordBody => {
  const versions = { rxgym: '0', python: null, pyodide: null };
  return {
    type: 'env',
    format: 1,
    spec: { source: 'env = 1', entropy: 'e' },
    packages: [],
    episodes: 0,
    ...versions,
    ...more,
  };
};

const observation = [0];
export const reset = (round: number, seed: number | null = round, after = 0): RecordBody => ({
  ...{ type: 'round', round, rounds: 2, episode: round + 1, seed },
  reset: { seed, options: null, after, digest: resetDigest({ observation }) },
});

export const step = (round: number, index: number, more: object = {}): RecordBody => {
  const { action, reward, terminated, truncated, ...rest } = stepAt(index);
  const body = { round, episode: round + 1, seed: round, index, action, reward, terminated, truncated };
  return { type: 'step', ...body, digest: stepDigest({ ...rest, reward, terminated, truncated }), ...more };
};

/** An env whose steps are those of `stepAt`, each a `took` ms long. `log` has what it was told. */
export function fakeEnv({
  took = 0,
  scheduler,
  seen = false,
}: { took?: number; scheduler?: SchedulerLike; seen?: boolean } = {}) {
  const log: string[] = [];
  let index = 0;
  const done = <T>(value: T) => (scheduler ? of(value).pipe(delay(took, scheduler)) : of(value));
  const take = (action: unknown) =>
    defer(() => {
      log.push(`step ${String(action)}`);
      return done(stepAt((index += 1)) as unknown as AnyStep);
    });
  const begun = seen ? null : undefined;
  const runtime = { settings: { packages: [] }, status$: EMPTY };
  const env: ReplayableEnv & { close(): Observable<null> } = {
    provenance: { spec: { source: 'env = 1' }, entropy: 'e', episodes: 0, begun, runtime },
    ready$: of(true),
    reset: ({ seed }) =>
      defer(() => {
        index = 0;
        log.push(`reset ${String(seed)}`);
        return done<Reset>({ observation, info: {}, episode: 1 });
      }),
    step: take,
    stepMany: (actions) => {
      log.push(`stepMany ${actions.map(String).join()}`);
      return of(...actions.map(() => stepAt((index += 1)) as unknown as AnyStep));
    },
    close: () =>
      defer(() => {
        log.push('close');
        return of(null);
      }),
  };
  return { env, log };
}
