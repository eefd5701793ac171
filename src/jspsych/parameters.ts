import { isObservable, type Observable, type ObservableInput, type OperatorFunction } from 'rxjs';
import type { AnyStep, PaintConfig, PersistConfig, RoundsConfig, Seeds, Step } from '../index.js';
import { check, checkOptions, checkValue, flagRule, longestTimer, type Rule, type Rules } from '../check.js';
import type { TrialEnv, TrialRecordConfig } from './play-trial.js';
import type { RoundsView } from './rounds-view.js';
import { defaultTexts, type RoundsTexts } from './texts.js';

/**
 * The parameters of a trial of {@link RoundsPlugin}; those that {@link RoundsConfig} has, too, mean the same. jsPsych calls a
 * function that it is given as a parameter and takes what it returns, and it copies objects that it is given. So an env, an
 * Observable and a function of the round are each given by a function: `env: () => env`. `play` and `view` are functions
 * by themselves, and are not called by jsPsych.
 */
export interface RoundsParameters<S extends AnyStep = Step> {
  /** By a function: an env itself makes jsPsych fail with a `RangeError`, since it would copy it. */
  readonly env: () => TrialEnv<S>;
  /** From ticks to steps. It is subscribed once a round, when the view is on the page. */
  readonly play: OperatorFunction<unknown, S>;
  /** How many rounds; a whole number from 1. Default 1. */
  readonly count?: number;
  readonly seed?: number | (() => Seeds);
  readonly fps?: number | (() => number | Observable<unknown>);
  /** Begins a round in place of the start button. */
  readonly ready?: () => Observable<unknown> | ((round: number) => ObservableInput<unknown>);
  readonly countdown?: number | (() => number | ((round: number) => number));
  readonly maxSteps?: number;
  readonly timeLimit?: number;
  readonly between?: number | (() => number | ((round: number) => ObservableInput<unknown>));
  readonly pauseWhen?: () => Observable<boolean>;
  /** By a function, too: a state may have megabytes. */
  readonly from?: () => RoundsConfig['from'];
  /** Of the canvas, in pixels, from 1 to 16,384; frames of pixels set their own. Default 600. */
  readonly width?: number;
  /** Default 400. */
  readonly height?: number;
  /** Whether a button begins each round. Default true. */
  readonly button?: boolean;
  /** Words of the default view that are to be others. */
  readonly texts?: Partial<RoundsTexts>;
  /** HTML below the picture. */
  readonly prompt?: string;
  /** Makes a view of your own in the trial's element. Default: a line with the score, the picture, a curtain before it. */
  readonly view?: (element: HTMLElement, texts: RoundsTexts) => RoundsView;
  /** The options of `paint`: images, for instance, which `() => ({ images })` reads when the trial begins. */
  readonly paint?: PaintConfig | (() => PaintConfig);
  /** Records the trial by `record` with these options. Default: jsPsych's data only. */
  readonly record?: TrialRecordConfig | (() => TrialRecordConfig);
  /**
   * Keeps the trial by `persist` with these options, so that a page that is loaded again goes on in the middle of a round;
   * in place of `from`. Give each trial a key of its own, and `record` the same `session` after the reload. Default: not.
   */
  readonly persist?: PersistConfig | (() => PersistConfig);
  /** How long the last round's result is shown before the trial ends, in ms from 0 to 2,147,483,647. Default 0. */
  readonly resultTime?: number;
  /** How long the trial's end waits for its records to be stored, in ms from 0 to 2,147,483,647. Default 10,000. */
  readonly recordWait?: number;
  /** Whether the data have a row for each step, 100,000 at most. Default false. */
  readonly steps?: boolean;
}

/** What jsPsych hands to the plugin: each parameter, null where it has no value. */
export interface GivenParameters {
  readonly env: TrialEnv<AnyStep>;
  readonly play: OperatorFunction<unknown, AnyStep>;
  readonly count: number;
  readonly seed: Seeds | null;
  readonly fps: number | Observable<unknown>;
  readonly ready: RoundsConfig['ready'] | null;
  readonly countdown: NonNullable<RoundsConfig['countdown']>;
  readonly maxSteps: number | null;
  readonly timeLimit: number | null;
  readonly between: NonNullable<RoundsConfig['between']>;
  readonly pauseWhen: Observable<boolean> | null;
  readonly from: RoundsConfig['from'] | null;
  readonly width: number;
  readonly height: number;
  readonly button: boolean;
  readonly texts: Partial<RoundsTexts>;
  readonly prompt: string | null;
  readonly view: ((element: HTMLElement, texts: RoundsTexts) => RoundsView) | null;
  readonly paint: PaintConfig;
  readonly record: TrialRecordConfig | null;
  readonly persist: PersistConfig | null;
  readonly resultTime: number;
  readonly recordWait: number;
  readonly steps: boolean;
}

type Own = Pick<
  GivenParameters,
  'env' | 'count' | 'width' | 'height' | 'button' | 'prompt' | 'view' | 'resultTime' | 'recordWait' | 'steps'
>;

const sizeRule: Rule = { min: 1, max: 16_384, whole: true };
const textRule: Rule = {
  expected: 'a string or a function',
  fits: (text) => typeof text === 'string' || typeof text === 'function',
};
const ownRules = (): Rules<Own> => ({
  env: { expected: 'an env, given by a function: `env: () => env`', fits: isEnv },
  count: { min: 1, whole: true, max: 1_000_000 },
  width: sizeRule,
  height: sizeRule,
  button: flagRule,
  prompt: { expected: 'HTML as a string, or null', fits: (html) => html === null || typeof html === 'string' },
  view: { expected: 'a function, or null', fits: (view) => view === null || typeof view === 'function' },
  resultTime: { min: 0, max: longestTimer },
  recordWait: { min: 0, max: longestTimer },
  steps: flagRule,
});
const textRules = (): Rules<RoundsTexts> =>
  Object.fromEntries(Object.keys(defaultTexts).map((name) => [name, textRule])) as unknown as Rules<RoundsTexts>;

/** Throws a `UsageError` for the first of the plugin's own parameters that is bad; `rounds`, `paint` and `record` check theirs. */
export function checkParameters(given: GivenParameters): void {
  for (const [name, rule] of Object.entries(ownRules())) {
    checkValue(`jspsych.${name}`, given[name as keyof Own], rule);
  }
  const { persist, from } = given;
  check('jspsych.from', from, 'none beside `persist`, which brings its own', !persist || (from ?? null) === null);
  checkOptions('jspsych.texts', given.texts, textRules() as Rules<Partial<RoundsTexts>>);
}

/** The options of `rounds`; `start$` begins each round where nothing else is said to. */
export function roundsConfigOf(given: GivenParameters, start$: Observable<unknown>): RoundsConfig {
  const { count, seed, fps, countdown, maxSteps, timeLimit, between, pauseWhen, from } = given;
  const ready = given.ready ?? (given.button ? start$ : undefined);
  const options = { count, seed, fps, ready, countdown, maxSteps, timeLimit, between, pauseWhen, from };
  return Object.fromEntries(Object.entries(options).filter(([, value]) => (value ?? null) !== null));
}

const isEnv = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'reset' in value && 'frames$' in value && isObservable(value.frames$);
