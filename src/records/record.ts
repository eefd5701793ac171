import {
  catchError,
  defer,
  EMPTY,
  finalize,
  ignoreElements,
  isObservable,
  merge,
  Subject,
  takeUntil,
  tap,
  type Observable,
} from 'rxjs';
import { anyRule, checkOptions, checkValue, flagRule, isText, nameRule, type Rules } from '../check.js';
import type { Frame } from '../env/step.js';
import type { RecordError, RecordTrouble } from '../errors.js';
import { Bodies, type Recordable } from './bodies.js';
import type { RecordableEnv } from './env-made.js';
import { Outbox, type Stored } from './outbox.js';
import { handOvers$ } from './hand-over.js';
import { focusChanges$, pageLeaves$ } from './page-events.js';
import { checkData } from './rules.js';
import { stamped } from './stamp.js';
import type { RecordBody } from './study-record.js';
import { uuid } from './uuid.js';

/** The options of {@link record}. */
export interface RecordConfig {
  /** The study's name: records are read, exported, delivered and forgotten by it. At most 200 characters. */
  readonly study: string;
  /** Who plays, for instance a Prolific id. At most 200 characters. Default: nobody is named. */
  readonly participant?: string | undefined;
  /**
   * The session's name, at most 200 characters. A page that records into a session that was recorded before goes on with
   * its numbers. Default: a new UUID for each call of `record`.
   */
  readonly session?: string | undefined;
  /** The names of the infos that are kept of each step, by agent where the env has several; true for all. Default: none. */
  readonly infos?: readonly string[] | true | undefined;
  /** Whether the observations of resets and steps are kept. Default false. */
  readonly observations?: boolean | undefined;
  /**
   * The env that is played. Then the records carry what {@link verify} needs to play them again: how the env was made
   * (with its source), how each round began, and of each step a digest of what it came to. Default: they do not.
   */
  readonly env?: RecordableEnv | undefined;
  /**
   * The frames as `paint` passes them on: then it is recorded when the picture of each step was painted. Share it, so
   * that the canvas is painted once: `frames$.pipe(paint(canvas), share())`. Default: not recorded.
   */
  readonly painted$?: Observable<Frame> | undefined;
  /** Anything about the session, as data: it is kept once, in the record `opened`. Default: null. */
  readonly meta?: unknown;
  /** How many records may wait for storage; a whole number from 100 to 1,000,000. Default 10,000. */
  readonly limit?: number | undefined;
  /**
   * When a record counts as stored. `'relaxed'`: the operating system has it, so it survives the browser's death.
   * `'strict'`: the disk has it, so it survives a power failure, too; that takes longer. Default `'strict'`.
   */
  readonly durability?: 'relaxed' | 'strict' | undefined;
  /**
   * For how long steps are collected before they are handed to the browser together, in ms; a number from 0 to 10,000. At 0
   * each goes before it is passed on, which costs the page a transaction a step. Default 250.
   */
  readonly delay?: number | undefined;
  /**
   * Is told of what goes wrong, and then the game goes on. Without it (and while nobody listens to `problems$`), a problem
   * by which records are or may get lost is an error of the stream, and others are console warnings.
   */
  readonly onProblem?: ((problem: RecordError) => void) | undefined;
}

/** The operator that {@link record} makes, and what it tells. */
export interface Recorder {
  <E extends Recordable>(events$: Observable<E>): Observable<E>;
  readonly session: string;
  /**
   * How far the records are on disk, each time that this or the number of those that wait has changed; replays the latest.
   * Emits from the first stored record on. Never errors, never completes.
   */
  readonly stored$: Observable<Stored>;
  /** What went wrong, each once until it was well in between. Never errors, never completes. */
  readonly problems$: Observable<RecordError>;
}

const rules: Rules<RecordConfig> = {
  study: nameRule,
  participant: nameRule,
  session: nameRule,
  infos: {
    expected: 'a list of names, or true',
    fits: (value) => value === true || (Array.isArray(value) && value.every(isText)),
  },
  observations: flagRule,
  env: {
    expected: 'an env, as runtime.env() makes it',
    fits: (env) => typeof env === 'object' && env !== null && 'provenance' in env,
  },
  painted$: { expected: 'an Observable of frames', fits: isObservable },
  meta: anyRule,
  limit: { min: 100, max: 1_000_000, whole: true },
  durability: { words: ['relaxed', 'strict'] },
  delay: { min: 0, max: 10_000 },
  onProblem: { expected: 'a function', fits: (value) => typeof value === 'function' },
};

/** Those that are collected. */
const frequent: readonly RecordBody['type'][] = ['step', 'painted'];
/** The timers of a page that is hidden ring late. */
const isHidden = () => typeof document !== 'undefined' && document.visibilityState === 'hidden';

/** Those by which nothing is lost. */
const harmless: readonly RecordTrouble[] = ['slow', 'session'];

/**
 * Records a game in the browser's storage (IndexedDB), and passes its events on untouched and at once. It takes what
 * `rounds` emits, and also bare steps of `stepWith`, `episodes` or `env.steps$`.
 *
 * Each step is a record ({@link StudyRecord}), as is each round's begin and end, pause, and change of focus. Steps are handed
 * to the browser within `delay` ms, all that waits at once when the page is hidden, left or closed: so closing the tab
 * right after a step was seen loses nothing. A crash of the tab's own process loses what waits, unless `delay` is 0.
 * `stored$` says what is on disk and survives the death of the browser. Recoveries of an interpreter replay steps unseen,
 * so they are recorded once.
 *
 * Errors: `UsageError` at the call for a bad option; `RecordError` as an error of the stream, where records are or may get
 * lost and neither `onProblem` nor `problems$` is there to hear of it; those of the events.
 *
 * @example
 * const recorder = record({ study: 'catch-1', participant, infos: ['score'], onProblem: ({ message }) => warn(message) });
 * game$.pipe(recorder).subscribe(show);
 * deliver('/records', { study: 'catch-1' }).subscribe();
 */
export function record(config: RecordConfig): Recorder {
  checkOptions('record', config, rules);
  const {
    study,
    participant = null,
    session = uuid(),
    infos = [],
    observations = false,
    env,
    painted$ = EMPTY,
  } = config;
  const { meta = null, limit = 10_000, durability = 'strict', delay = 250, onProblem } = config;
  checkValue('record.study', study, nameRule);
  checkData('record.meta', meta);
  const outbox = new Outbox({ study, participant, session, limit, durability, delay, meta });
  const { told$ } = outbox.problems;
  let listeners = 0;

  const tell = (problem: RecordError): void => {
    if (onProblem) onProblem(problem);
    else if (listeners > 0) return;
    else if (harmless.includes(problem.reason)) console.warn(`rxgym: ${problem.message}`);
    else throw problem;
  };

  const operator = <E extends Recordable>(events$: Observable<E>): Observable<E> =>
    defer(() => {
      const bodies = new Bodies({ infos, observations, env });
      const over$ = new Subject<void>();
      const put = (made: ReturnType<Bodies['of']>) => {
        for (const body of made) outbox.put(stamped(body), !frequent.includes(body.type) || isHidden());
      };
      const beside$ = merge(
        told$.pipe(tap(tell)),
        // what paints reports its own errors
        painted$.pipe(
          catchError(() => EMPTY),
          tap(() => put(bodies.ofPainted())),
        ),
        focusChanges$().pipe(tap((visible) => put([{ type: 'focus', visible }]))),
        pageLeaves$().pipe(tap(() => outbox.flush())),
        handOvers$().pipe(tap(() => outbox.handOver())),
      ).pipe(ignoreElements(), takeUntil(over$));
      outbox.open();
      const recorded$ = events$.pipe(
        tap((event) => put(bodies.of(event))),
        finalize(() => over$.next()),
      );
      return merge(beside$, recorded$).pipe(finalize(() => outbox.close()));
    });

  const problems$ = defer(() => {
    listeners += 1;
    return told$.pipe(finalize(() => (listeners -= 1)));
  });
  return Object.assign(operator, { session, stored$: outbox.stored$, problems$ });
}
