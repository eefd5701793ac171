import {
  asyncScheduler,
  concat,
  concatMap,
  defer,
  EMPTY,
  from,
  ignoreElements,
  of,
  timer,
  toArray,
  type Observable,
  type ObservableInput,
  type SchedulerLike,
} from 'rxjs';
import { check, checkOptions, checkValue, isAboveZero, longestTimer, objectRule, type Rules } from '../check.js';
import { UsageError } from '../errors.js';
import { isPlayed, Player, recordsRule, type ReplayableEnv, type StepRecord, type Verdict } from './player.js';
import type { StudyRecord } from './study-record.js';

/** The options of {@link replay$}. */
export interface ReplayConfig {
  /** How fast: 2 is twice as fast as it was played, 0.5 half as fast, `Infinity` as fast as the env can. Default 1. */
  readonly speed?: number | undefined;
  /**
   * Where to begin: at which of the recorded rounds (or episodes, without rounds), from 0 in the order in which they were
   * played, and behind which step of it; `index` 0, the default, is its reset. Default: at the first one's reset.
   */
  readonly from?: { readonly round: number; readonly index?: number | undefined } | undefined;
  /** The longest wait for one record, in ms of the recording: so long pauses are shortened. Above 0. Default `Infinity`. */
  readonly longest?: number | undefined;
  /** For specs: whose clock is used. Default: the page's. */
  readonly scheduler?: SchedulerLike | undefined;
}

const rules: Rules<ReplayConfig> = {
  speed: { expected: 'a number above 0', fits: isAboveZero },
  from: {
    options: { round: { min: 0, whole: true }, index: { min: 0, whole: true } },
  },
  longest: { expected: 'ms above 0', fits: isAboveZero },
  scheduler: objectRule,
};

/**
 * Plays one session again at the pace at which it was played, and emits what {@link verify} does. What there is to see comes
 * by `env.frames$`. The env should be made of {@link recordedSpec}, and unused; rounds without seeds need that.
 *
 * To begin at a later round, it plays nothing before that round's reset if that had a seed, and else all of it, unseen and
 * as fast as it can; and so the steps up to `index`. It goes by `at`, and where the page was loaded again it makes no
 * pause. A replay that is late catches up. All records are held in memory.
 *
 * Errors: `VerifyError` where the recording lacks what is needed; `UsageError` for a bad option (at the call), a round that
 * is not there, or records of several sessions; those of the env.
 *
 * @example
 * env.frames$.pipe(paint(canvas)).subscribe();
 * replay$(records, env, { speed: 2, from: { round: 1, index: 100 } }).subscribe(({ index, same }) => show(index, same));
 */
export function replay$(
  records: ObservableInput<StudyRecord>,
  env: ReplayableEnv,
  config: ReplayConfig = {},
): Observable<Verdict> {
  checkOptions('replay$', config, rules);
  checkValue('replay$.records', records, recordsRule);
  checkValue('replay$.env', env, objectRule);
  if (config.from) checkValue('replay$.from.round', config.from.round, { min: 0, whole: true });
  return from(records).pipe(
    toArray(),
    concatMap((all) => {
      const { passed, skipped, shown } = scheduleOf(all.filter(isPlayed), config);
      const player = new Player({ open: () => env, close: () => EMPTY, infos: true });
      const pass = (record: StudyRecord) => player.play(record).pipe(ignoreElements());
      const show$ = defer(() => paced(shown, config).pipe(concatMap((record) => player.play(record))));
      return concat(from(passed).pipe(concatMap(pass)), player.forward(skipped), show$);
    }),
  );
}

interface Schedule {
  /** Played without being shown. */
  readonly passed: readonly StudyRecord[];
  /** The steps of the first round that is shown which are not. */
  readonly skipped: readonly StepRecord[];
  readonly shown: readonly StudyRecord[];
}

function scheduleOf(records: readonly StudyRecord[], { from: start }: ReplayConfig): Schedule {
  const sessions = new Set(records.map(({ session }) => session));
  check('replay$.records', `records of ${sessions.size} sessions`, 'records of one session', sessions.size <= 1);
  if (!start) return { passed: [], skipped: [], shown: records };
  const { round, index = 0 } = start;
  const rounds = records.flatMap((record, at) => (record.type === 'round' ? [{ record, at }] : []));
  const begin = rounds[round];
  const isThere = (at: number) => index === 0 || stepsFrom(records, at).some((step) => step.index === index);
  if (!begin || !isThere(begin.at)) {
    throw new UsageError('replay$.from', `a recorded step of ${rounds.length} rounds`, JSON.stringify(start));
  }
  const { record, at } = begin;
  const before = records.slice(0, at);
  const needed =
    record.reset && record.reset.seed !== null ? before.filter(({ type }) => type === 'env').slice(-1) : before;
  if (index === 0) return { passed: needed, skipped: [], shown: records.slice(at) };
  const skipped = stepsFrom(records, at).filter((step) => step.index <= index);
  const last = records.indexOf(skipped.at(-1) as StudyRecord);
  return { passed: [...needed, record], skipped, shown: records.slice(last + 1) };
}

function stepsFrom(records: readonly StudyRecord[], at: number): readonly StepRecord[] {
  const next = records.findIndex(({ type }, i) => i > at && type === 'round');
  const steps = records.slice(at, next < 0 ? undefined : next);
  return steps.filter((record) => record.type === 'step');
}

/** Emits the records when they are due. */
function paced(records: readonly StudyRecord[], config: ReplayConfig): Observable<StudyRecord> {
  const { speed = 1, longest = Infinity, scheduler = asyncScheduler } = config;
  const begin = scheduler.now();
  let before = records[0];
  let due = 0;
  return from(records).pipe(
    concatMap((record) => {
      const gap = before?.page === record.page ? Math.max(0, record.at - before.at) : 0;
      before = record;
      due += Math.min(gap, longest) / speed;
      const wait = begin + due - scheduler.now();
      return wait > 0
        ? concat(timer(Math.min(wait, longestTimer), scheduler).pipe(ignoreElements()), of(record))
        : of(record);
    }),
  );
}
