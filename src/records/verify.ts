import { concat, concatMap, defer, EMPTY, filter, finalize, from, type Observable, type ObservableInput } from 'rxjs';
import { checkOptions, checkValue, flagRule, objectRule, type Rules } from '../check.js';
import type { EnvSpec } from '../env/spec.js';
import { UsageError } from '../errors.js';
import { isPlayed, Player, recordsRule, type ReplayableEnv, type Verdict } from './player.js';
import { specOf } from './recorded-spec.js';
import type { StudyRecord } from './study-record.js';

/** The options of {@link verify}: one of `runtime` and `env`. */
export interface VerifyConfig {
  /**
   * Where it is played: each env is made anew as the recording says, one after another. The code in the recording then
   * runs: take none from people you do not trust.
   */
  readonly runtime?: { env(spec: EnvSpec): ReplayableEnv & { close(): Observable<unknown> } } | undefined;
  /** Where it is played, whatever the recording says of the env. It should not have been used before. */
  readonly env?: ReplayableEnv | undefined;
  /** Whether the infos that were recorded are compared, too. Those that tell the time never come again. Default true. */
  readonly infos?: boolean | undefined;
}

const rules: Rules<VerifyConfig> = { runtime: objectRule, env: objectRule, infos: flagRule };

/**
 * Plays a recording again, and says of each reset, step and end of a round whether it came to the same. The records must
 * have been made with `record({ env })`, and come in their order, as `readRecords` and the files give them (`fromPlain` of
 * each line). There may be several sessions, one after another.
 *
 * A difference is a value, also where Python raises; see `same` and `differs`.
 *
 * Errors: `VerifyError` where the recording lacks what is needed; `UsageError` at the call for a bad option; those of the
 * runtime. Unsubscribing ends it, and closes the env that it made.
 *
 * @example
 * verify(readRecords('catch-1'), { runtime }).pipe(filter(({ same }) => !same)).subscribe(console.warn)
 */
export function verify(records: ObservableInput<StudyRecord>, config: VerifyConfig): Observable<Verdict> {
  checkOptions('verify', config, rules);
  checkValue('verify.records', records, recordsRule);
  const { infos = true } = config;
  const place = placeOf(config);
  return defer(() => {
    const ended = new Map<ReplayableEnv, Observable<unknown>>();
    const closeAll = () => {
      for (const close$ of ended.values()) close$.subscribe({ error: () => undefined });
    };
    const player = new Player({
      infos,
      open: (made) => {
        if ('env' in place) return place.env;
        const mine = place.runtime.env(specOf(made));
        ended.set(mine, mine.close());
        return mine;
      },
      close: (each) => {
        const close$ = ended.get(each) ?? EMPTY;
        ended.delete(each);
        return close$;
      },
    });
    const verdicts$ = from(records).pipe(
      filter(isPlayed),
      concatMap((record) => player.play(record)),
    );
    return concat(verdicts$, player.end()).pipe(finalize(closeAll));
  });
}

type Place = { readonly env: ReplayableEnv } | { readonly runtime: NonNullable<VerifyConfig['runtime']> };

function placeOf({ runtime, env }: VerifyConfig): Place {
  if (env && !runtime) return { env };
  if (runtime && !env) return { runtime };
  throw new UsageError('verify', 'one of runtime and env', env ? 'both' : 'none');
}
