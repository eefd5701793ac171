import { check } from '../check.js';
import type { EnvSpec } from '../env/spec.js';
import type { EnvMade, StudyRecord } from './study-record.js';

/**
 * The spec of the env that a recording was made with, to play it again: `runtime.env(recordedSpec(records))`. The packages
 * of its runtime are among those of the spec. Of several envs in the records it is the first one's.
 *
 * The spec holds code, which then runs: take none from people you do not trust.
 *
 * Errors: `UsageError` where no record tells it, since `record` had no `env`.
 *
 * @example
 * const env = runtime.env(recordedSpec(records));
 */
export function recordedSpec(records: readonly StudyRecord[]): EnvSpec {
  const made = records.find((record) => record.type === 'env');
  check('recordedSpec.records', `${records.length} others`, "a record of type 'env' among them", made !== undefined);
  return specOf(made as EnvMade);
}

export function specOf({ spec, packages }: EnvMade): EnvSpec {
  const own = (spec.packages ?? []) as readonly string[];
  return { ...spec, packages: [...new Set([...packages, ...own])] } as unknown as EnvSpec;
}
