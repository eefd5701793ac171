import type { AgentId, Origin } from '../env/step.js';
import type { RoundEnd } from '../loop/round.js';

/** What every record says. */
export interface RecordHead {
  readonly study: string;
  /** Null where the study names none. */
  readonly participant: string | null;
  readonly session: string;
  /** Which record of the session it is, from 0 and without gaps. */
  readonly seq: number;
  /**
   * Which recorder of the session wrote it, from 1: a page that was loaded again is another one. 0 for a note while there
   * was no recorder.
   */
  readonly page: number;
  /** The wall clock (`Date.now()`): ms since the epoch. People and time servers set it; measure times by `at`. */
  readonly time: number;
  /** The clock of `performance.now()`, in ms since the page's `timeOrigin`, which the record `opened` has. */
  readonly at: number;
  /** Whether the page had the focus; null where there is no page. */
  readonly focus: boolean | null;
}

/** Which round and episode a record belongs to. */
export interface RecordPlace {
  /** From 0; null for steps that came without rounds. */
  readonly round: number | null;
  /** As in `step.episode`. */
  readonly episode: number;
}

/** A recorder begins: the page was opened, or opened again. */
export interface Opened {
  readonly type: 'opened';
  /** `performance.timeOrigin`, in ms since the epoch. */
  readonly timeOrigin: number;
  /** What the option `meta` gave; null without. */
  readonly meta: unknown;
}

/** How the env was made that the rounds behind it play; once for each set-up, and only with `env`. */
export interface EnvMade {
  readonly type: 'env';
  /** Of this record's fields, of `reset` in rounds, and of `digest`. */
  readonly format: 1;
  /** The env's spec, with its `entropy`, its addresses made absolute, and without what is no data (`input`). */
  readonly spec: Readonly<Record<string, unknown>>;
  /** Of its runtime; those of the spec come on top. */
  readonly packages: readonly string[];
  /** How many episodes it had before this set-up. */
  readonly episodes: number;
  readonly rxgym: string;
  /** Null where the runtime was not ready, as are Pyodide's. */
  readonly python: string | null;
  readonly pyodide: string | null;
}

/** The reset that began a round. */
export interface ResetMade {
  readonly seed: number | null;
  /** As `reset` was given them; null without. */
  readonly options: unknown;
  /** How many steps the episode before it had; null where that is not known. */
  readonly after: number | null;
  /** Of what it observed. */
  readonly digest: string;
}

/** A round, or an episode without rounds, begins. */
export interface RoundBegun extends RecordPlace {
  readonly type: 'round';
  /** How many rounds there are; null without rounds. */
  readonly rounds: number | null;
  /** The seed of its reset; null without one, or where it is not known. */
  readonly seed: number | null;
  /** What the reset observed, with `observations`. */
  readonly observation?: unknown;
  /** With `env`: null where the round's first step reset the env; not there where it is not known how it began. */
  readonly reset?: ResetMade | null;
}

/** Play begins, or goes on after a pause. */
export interface PlayBegun extends RecordPlace {
  readonly type: 'play';
}

/**
 * A step. Of envs with several agents, each field that is a Map by agent in the step is one here. Values are as they came
 * from Python: numbers, `NdArray`s, Maps, bigints.
 */
export interface Stepped extends RecordPlace {
  readonly type: 'step';
  readonly seed: number | null;
  /** As in `step.index`: from 1. */
  readonly index: number;
  readonly action: unknown;
  readonly reward: unknown;
  readonly terminated: unknown;
  readonly truncated: unknown;
  /** Of a turn-based env: who acts next; null when the episode is over. */
  readonly agent?: AgentId | null;
  /** Where the action comes from and when it was given, by agent where the action is; only after `actions`. */
  readonly origin?: Origin | ReadonlyMap<AgentId, Origin>;
  /** When the step was sent to Python, on the clock of `at`; only after `stepWith` and `episodes`. */
  readonly startedAt?: number;
  /** Those that `infos` names and the step has, or all. */
  readonly info?: unknown;
  /** With `observations`. */
  readonly observation?: unknown;
  /** Of observation, reward, flags and agent; with `env`. */
  readonly digest?: string;
}

/** The picture that shows a step was painted, at the record's `at`. A step without one was never seen by itself. */
export interface Painted extends RecordPlace {
  readonly type: 'painted';
  readonly index: number;
}

export interface PlayPaused extends RecordPlace {
  readonly type: 'paused';
}

/** A round, or an episode without rounds, is over. */
export interface RoundOver extends RecordPlace {
  readonly type: 'over';
  readonly seed: number | null;
  readonly end: RoundEnd;
  readonly steps: number;
  /** As in `step.return`. */
  readonly return: unknown;
}

/** All rounds are over. */
export interface RoundsFinished {
  readonly type: 'finished';
  readonly rounds: number;
}

/** The game failed, with this error's name and message. */
export interface GameFailed {
  readonly type: 'failed';
  readonly error: string;
}

/** The page got or lost the focus, or was shown or hidden. */
export interface FocusChanged {
  readonly type: 'focus';
  readonly visible: boolean;
}

/** What a study keeps beside the game: {@link note}. */
export interface Noted {
  readonly type: 'note';
  /** `performance.timeOrigin` of the page, in ms since the epoch: that of `at`. */
  readonly timeOrigin: number;
  readonly data: unknown;
}

/** Here so many records are missing: they came when more waited for storage than `limit`. */
export interface RecordsLost {
  readonly type: 'lost';
  readonly count: number;
}

/** What a record is about. */
export type RecordBody =
  | Opened
  | EnvMade
  | RoundBegun
  | PlayBegun
  | Stepped
  | Painted
  | PlayPaused
  | RoundOver
  | RoundsFinished
  | GameFailed
  | FocusChanged
  | Noted
  | RecordsLost;

/** One record of a study. `type` says which kind it is. */
export type StudyRecord = RecordHead & RecordBody;
