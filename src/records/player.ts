import {
  catchError,
  concat,
  defer,
  EMPTY,
  ignoreElements,
  isObservable,
  map,
  of,
  take,
  tap,
  throwError,
  type Observable,
} from 'rxjs';
import type { Rule } from '../check.js';
import type { Provenance } from '../env/provenance.js';
import type { Action, AnyStep, Reset, ResetOptions } from '../env/step.js';
import { PythonError, VerifyError, type VerifyTrouble } from '../errors.js';
import type { Data } from '../protocol/values.js';
import { chosenOf } from './bodies.js';
import { isSame, resetDigest, stepDigest } from '../env/digest.js';
import type { EnvMade, RecordHead, RoundBegun, RoundOver, Stepped, StudyRecord } from './study-record.js';

/** What a replay needs of an env. A `GymEnv` is one. */
export interface ReplayableEnv {
  readonly provenance: Provenance | null;
  readonly ready$: Observable<unknown>;
  reset(options: ResetOptions): Observable<Reset>;
  step(action: Action): Observable<AnyStep>;
  stepMany(actions: readonly Action[]): Observable<AnyStep>;
}

/** What a recorded reset, step or end of a round came to when it was played again. */
export interface Verdict {
  readonly type: 'reset' | 'step' | 'over';
  readonly session: string;
  /** As in the record. */
  readonly seq: number;
  /** As in the record: null for steps that came without rounds. */
  readonly round: number | null;
  readonly episode: number;
  /** The step's; 0 for a reset, and how many steps there were for the end of a round. */
  readonly index: number;
  /** Whether all that was recorded of it came again, exactly. */
  readonly same: boolean;
  /** The names of what did not, among those of `expected`; `error` where Python raised. */
  readonly differs: readonly string[];
  /** What was recorded. */
  readonly expected: Readonly<Record<string, unknown>>;
  /** What it came to now, under the same names. */
  readonly got: Readonly<Record<string, unknown>>;
  /** All of what it came to now; null where Python raised, and for the end of a round. */
  readonly result: AnyStep | Reset | null;
}

export type MadeRecord = RecordHead & EnvMade;
export type StepRecord = RecordHead & Stepped;
type RoundRecord = RecordHead & RoundBegun;
type OverRecord = RecordHead & RoundOver;

/** Records of other kinds change nothing. */
const played: readonly StudyRecord['type'][] = ['env', 'lost', 'round', 'step', 'over'];
export const isPlayed = ({ type }: StudyRecord): boolean => played.includes(type);

export const recordsRule: Rule = {
  expected: 'records, as a list or an Observable',
  fits: (records) => isObservable(records) || (typeof records === 'object' && records !== null && canIterate(records)),
};
const canIterate = (records: object): boolean => Symbol.iterator in records || Symbol.asyncIterator in records;

export interface PlayerPorts {
  /** The env to play on. */
  readonly open: (made: MadeRecord) => ReplayableEnv;
  /** Called when the records go on with another. */
  readonly close: (env: ReplayableEnv) => Observable<unknown>;
  /** Whether the infos that were recorded are compared. */
  readonly infos: boolean;
}

/** Where the replay of an env is. */
interface Game {
  readonly env: ReplayableEnv;
  readonly made: MadeRecord;
  /** True while the env has done all that the recorded one had, and nothing else: then it needs no seeds. */
  isWhole: boolean;
  episode: number;
  /** Steps of the episode that were played. */
  index: number;
  seed: number | null;
  /** Why the round cannot be played. */
  problem: readonly [reason: VerifyTrouble, problem: string] | undefined;
  last: AnyStep | null;
}

/** Plays the records of one session after another, in their order, and compares. */
export class Player {
  readonly #ports: PlayerPorts;
  #head: Pick<RecordHead, 'session' | 'page'> | undefined;
  #game: Game | undefined;
  #isLost = false;

  constructor(ports: PlayerPorts) {
    this.#ports = ports;
  }

  /** Errors with a `VerifyError` where it cannot be played. */
  play(record: StudyRecord): Observable<Verdict> {
    return defer(() => {
      const { session, page } = record;
      const head = this.#head;
      if (head?.session === session && head.page === page) return this.#play(record);
      if (head?.session === session && page < head.page) {
        throw refusal(record, 'order', 'records of two pages take turns; sort them by `page`, then by `seq`');
      }
      this.#head = { session, page };
      return concat(
        this.end(),
        defer(() => this.#play(record)),
      );
    });
  }

  /** Plays steps without looking at them. */
  forward(steps: readonly StepRecord[]): Observable<never> {
    return defer(() => {
      const [first] = steps;
      if (!first) return EMPTY;
      const game = this.#gameOf(first);
      for (const step of steps) this.#expect(game, step);
      return game.env.stepMany(steps.map(({ action }) => action as Action)).pipe(
        tap((step) => (game.last = step)),
        ignoreElements(),
      );
    });
  }

  /** Done with the env. */
  end(): Observable<never> {
    return defer(() => {
      const game = this.#game;
      this.#game = undefined;
      this.#isLost = false;
      return game ? this.#ports.close(game.env).pipe(ignoreElements()) : EMPTY;
    });
  }

  #play(record: StudyRecord): Observable<Verdict> {
    switch (record.type) {
      case 'env':
        return concat(
          this.end(),
          defer(() => this.#open(record)),
        );
      case 'lost':
        this.#isLost = true;
        return EMPTY;
      case 'round':
        return this.#reset(record);
      case 'step':
        return this.#step(record);
      case 'over':
        return this.#over(record);
      default:
        return EMPTY;
    }
  }

  #open(made: MadeRecord): Observable<never> {
    if ((made.format as number) !== 1) throw refusal(made, 'format', 'a later version of rxgym made it; use that one');
    const env = this.#ports.open(made);
    return env.ready$.pipe(
      take(1),
      tap(() => {
        // an env that is not like the recorded one at its set-up still plays what has seeds
        const isWhole = env.provenance?.entropy === made.spec.entropy && env.provenance?.begun === undefined;
        const begin = { episode: made.episodes, index: 0, seed: null, problem: undefined, last: null };
        this.#game = { env, made, isWhole, ...begin };
      }),
      ignoreElements(),
    );
  }

  #reset(record: RoundRecord): Observable<Verdict> {
    const game = this.#gameOf(record);
    const { reset } = record;
    const isNext = record.episode === game.episode + 1;
    const isFirst = isNext && record.episode === game.made.episodes + 1;
    const isBehind = reset !== undefined && (reset ? reset.after === game.index : isFirst);
    game.isWhole &&= isNext && isBehind;
    const after = reset?.after ?? null;
    if (isNext && !isFirst && after !== null && after !== game.index) {
      const problem = `the episode before has ${game.index} of its ${after} steps; all that was played has to be recorded`;
      throw refusal(record, 'gap', problem);
    }
    Object.assign(game, { episode: record.episode, index: 0, seed: record.seed, last: null, problem: undefined });
    if (!reset) {
      const isPlayable = reset === null && game.isWhole;
      if (!isPlayable)
        game.problem = ['no-reset', 'it is not known how this round began; begin rounds by reset(), seeded'];
      return EMPTY;
    }
    const { seed, options, digest } = reset;
    if (seed === null && !game.isWhole) {
      const problem =
        'its reset had no seed, and what the env did before it is not all recorded; give each round a seed';
      game.problem = ['no-seed', problem];
      return EMPTY;
    }
    const asked = { ...(seed !== null && { seed }), ...(options !== null && { options: options as Data }) };
    const expected = { seed: record.seed, ...observed(record), digest };
    const seen = (result: Reset) => ({ seed, observation: result.observation, digest: resetDigest(result) });
    return this.#compare(record, 'reset', 0, expected, game.env.reset(asked), seen);
  }

  #step(record: StepRecord): Observable<Verdict> {
    const game = this.#gameOf(record);
    this.#expect(game, record);
    const { digest, seed, reward, terminated, truncated, info, agent } = record;
    if (typeof digest !== 'string') throw refusal(record, 'no-digest', 'the step has no digest; record with `env`');
    const expected = {
      ...{ seed, reward, terminated, truncated },
      ...(agent !== undefined && { agent }),
      ...(info !== undefined && this.#ports.infos && { info }),
      ...observed(record),
      digest,
    };
    const seen = (step: AnyStep) => {
      game.last = step;
      return { ...step, seed: game.seed, info: chosenOf(step.info, namesIn(info)), digest: stepDigest(step) };
    };
    return this.#compare(record, 'step', record.index, expected, game.env.step(record.action as Action), seen);
  }

  #over(record: OverRecord): Observable<Verdict> {
    const game = this.#gameOf(record);
    if (game.problem || record.episode !== game.episode) return EMPTY; // a round without a step
    const { seed, steps } = record;
    const expected = { seed, steps, ...(record.return !== null && { return: record.return }) };
    const got = { seed: game.seed, steps: game.index, return: game.last?.return };
    if (steps > game.index) {
      throw refusal(record, 'gap', `the round has ${game.index} of its ${steps} steps`);
    }
    return of(verdictOf(record, 'over', steps, expected, got, null));
  }

  #compare<T extends AnyStep | Reset>(
    record: RoundRecord | StepRecord,
    type: 'reset' | 'step',
    index: number,
    expected: Verdict['expected'],
    result$: Observable<T>,
    seen: (result: T) => Verdict['got'],
  ): Observable<Verdict> {
    return result$.pipe(
      map((result) => verdictOf(record, type, index, expected, seen(result), result)),
      catchError((error: unknown) => {
        if (!(error instanceof PythonError)) return throwError(() => error);
        const raised = { error: `${error.type}: ${error.message}` };
        return of(verdictOf(record, type, index, { ...expected, error: null }, raised, null));
      }),
    );
  }

  #gameOf(record: StudyRecord): Game {
    if (this.#isLost) throw refusal(record, 'lost', 'records before it were lost in the browser');
    if (this.#game) return this.#game;
    throw refusal(record, 'no-env', 'nothing says how its env was made; record with `env`');
  }

  #expect(game: Game, record: StepRecord): void {
    const { episode, index } = record;
    if (episode === game.episode && index === game.index + 1) game.index = index;
    else if (episode === game.episode && game.problem?.[0] === 'no-reset') throw refusal(record, ...game.problem);
    else {
      const after = `step ${game.index} of episode ${game.episode}`;
      throw refusal(record, 'gap', `step ${index} of episode ${episode} comes after ${after}; records are missing`);
    }
    if (game.problem) throw refusal(record, ...game.problem);
  }
}

const refusal = ({ session, seq }: RecordHead, reason: VerifyTrouble, problem: string): VerifyError =>
  new VerifyError(reason, session, seq, problem);

const observed = (record: { readonly observation?: unknown }): object =>
  'observation' in record ? { observation: record.observation } : {};

function verdictOf(
  { session, seq, round, episode }: RoundRecord | StepRecord | OverRecord,
  type: Verdict['type'],
  index: number,
  expected: Verdict['expected'],
  all: Verdict['got'],
  result: Verdict['result'],
): Verdict {
  const names = Object.keys(expected);
  const got = 'error' in all ? all : Object.fromEntries(names.map((name) => [name, all[name]]));
  const differs = 'error' in all ? ['error'] : names.filter((name) => !isSame(expected[name], got[name]));
  return { type, session, seq, round, episode, index, same: differs.length === 0, differs, expected, got, result };
}

/** Which infos a record has. */
function namesIn(info: unknown): readonly string[] {
  if (info instanceof Map) return [...new Set(Array.from(info.values(), namesIn).flat())];
  return Object.keys(info ?? {});
}
