import type { JsPsych } from 'jspsych';
import { Observable, takeUntil, tap } from 'rxjs';
import { defaultView } from './default-view.js';
import { info } from './info.js';
import { checkParameters, roundsConfigOf, type GivenParameters } from './parameters.js';
import { playTrial } from './play-trial.js';
import { defaultTexts } from './texts.js';
import { TrialData } from './trial-data.js';

/**
 * Rounds of a Python env as a trial of jsPsych 8: what {@link rounds} does, with its progress, its picture and its score on
 * the page. The parameters are {@link RoundsParameters}, the data {@link RoundsData}. The trial is finished when all rounds
 * are over and their records are stored.
 *
 * Boot Python while the instructions are read: `env.boot().subscribe()` before `jsPsych.run`.
 *
 * Errors: a failure of the game is shown, with a button to try again. `jsPsych.run` rejects with a `UsageError` for a bad
 * parameter, and with what else ends the game's stream, a `RecordError` for instance.
 * https://www.jspsych.org/v8/developers/plugin-development/
 *
 * @example
 * jsPsych.run([{ type: RoundsPlugin, env: () => env, play, count: 3, fps: 6, countdown: 3, timeLimit: 40 }])
 */
export class RoundsPlugin {
  static readonly info = info;
  readonly #jsPsych: JsPsych;

  constructor(jsPsych: JsPsych) {
    this.#jsPsych = jsPsych;
  }

  /** Called by jsPsych. */
  async trial(element: HTMLElement, trial: object, onLoad?: () => void): Promise<void> {
    const given = trial as GivenParameters;
    checkParameters(given);
    const texts = { ...defaultTexts, ...given.texts };
    const root = document.createElement('div');
    root.className = 'rxgym-trial';
    element.append(root);
    const button = given.button && given.ready === null;
    const view = given.view?.(root, texts) ?? defaultView(root, { ...given, texts, button });
    const { env, play, paint, record, persist, resultTime, recordWait, steps } = given;
    const config = roundsConfigOf(given, view.start$);
    const data$ = playTrial({ env, play, config, view, paint, record, persist, resultTime, recordWait, steps });
    onLoad?.();
    await new Promise<void>((resolve, reject) => {
      data$
        .pipe(tap({ error: (error: unknown) => view.broken?.(error) }), takeUntil(removed$(element, root)))
        .subscribe({ next: (data) => this.#jsPsych.finishTrial(data), error: reject, complete: resolve });
    });
  }

  /**
   * Called by jsPsych in a simulation. `'visual'` plays the rounds without a start button and without input of its own;
   * `'data-only'` makes the data of rounds without points.
   */
  async simulate(trial: object, mode: 'data-only' | 'visual', options: object, onLoad: () => void): Promise<void> {
    if (mode === 'visual') {
      await this.trial(this.#jsPsych.getDisplayElement(), { ...trial, ready: null, button: false }, onLoad);
      return;
    }
    onLoad();
    const { pluginAPI } = this.#jsPsych;
    this.#jsPsych.finishTrial(pluginAPI.mergeSimulationData(simulated(trial as GivenParameters), options) as object);
  }
}

/** What rounds would give in which nothing happened, up to their limit of steps. */
function simulated({ count, maxSteps, seed, steps }: GivenParameters): object {
  const data = new TrialData(steps);
  for (let round = 0; round < count; round += 1) {
    data.take({
      type: 'over',
      round,
      rounds: count,
      episode: round + 1,
      seed: typeof seed === 'number' ? seed + round : (seed?.(round) ?? null),
      begun: null,
      end: maxSteps === null ? 'truncated' : 'max-steps',
      steps: maxSteps ?? 100,
      return: 0,
    });
  }
  return data.of(null, null);
}

/** Emits when jsPsych has taken the element away: at the trial's end, also when the experiment is aborted. */
function removed$(parent: Element, element: Element): Observable<void> {
  return new Observable((subscriber) => {
    const observer = new MutationObserver(() => {
      if (!element.isConnected) subscriber.next();
    });
    observer.observe(parent, { childList: true });
    return () => observer.disconnect();
  });
}
