// A study of one trial, for the functions that a spec runs in the page.
import { initJsPsych } from 'jspsych';
import { of, pipe } from 'rxjs';
import { actions, createRuntime, readRecords, stepWith } from 'rxgym';
import { RoundsPlugin, type RoundsParameters } from 'rxgym/jspsych';
import source from '../../envs/counting-env.py';
import './bench.js';

type Mode = 'data-only' | 'visual';

const study = {
  env: createRuntime({ indexURL: '/pyodide/', restart: { snapshot: false } }).env({ source }),
  readRecords,
  jsPsych: undefined as unknown as ReturnType<typeof initJsPsych>,
  /** Of the study that runs or has run. */
  data: undefined as unknown,
  error: undefined as unknown,

  /** Runs a study of one trial, and keeps its data or its error. */
  run(parameters: Partial<RoundsParameters>, mode?: Mode): void {
    const { env } = study;
    const play = pipe(actions(env, of('go')), stepWith(env));
    const timeline = [{ type: RoundsPlugin, env: () => env, play, fps: 50, ...parameters }];
    Object.assign(study, { data: undefined, error: undefined });
    document.querySelector('#study')?.replaceChildren();
    const jsPsych = (study.jsPsych = initJsPsych({ display_element: 'study' }));
    const run = mode ? jsPsych.simulate(timeline, mode) : jsPsych.run(timeline);
    run.then(
      () => (study.data = JSON.parse(jsPsych.data.get().json()) as unknown),
      (error: unknown) => (study.error = String(error)),
    );
  },
};

declare global {
  var study: Study;
}
type Study = typeof study;
globalThis.study = study;
