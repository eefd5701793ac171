import { initJsPsych } from 'jspsych';
import { EMPTY, pipe, share } from 'rxjs';
import { actions, createRuntime, deliver, hidden$, stepWith, type ParallelStep } from 'rxgym';
import { RoundsPlugin, type RoundsParameters } from 'rxgym/jspsych';
import source from '../05-two-players/orchard.py';
import { indexURL } from '../shared/index-url.js';
import { end } from './end.js';
import { pad, you$ } from './pad.js';
import { consent, instructions, questionnaire, texts } from './pages.js';
import { partner } from './partner.js';
import { Visit, type Row } from './visit.js';

const study = 'orchard-study';
const visit = new Visit(study);
const collect = new URLSearchParams(location.search).get('collect');
const delivery$ = collect ? deliver(collect, { study }).pipe(share()) : EMPTY;
delivery$.subscribe();

const style = document.createElement('link');
Object.assign(style, { rel: 'stylesheet', href: new URL('jspsych/css/jspsych.css', import.meta.url).href });
document.head.prepend(style); // before the page's own rules

// Python boots while the participant reads. What fails is shown by the game, which can try again.
const orchard = createRuntime({ indexURL: indexURL() }).env<ParallelStep>({ source });
orchard.boot().subscribe({ error: () => undefined });

const play = pipe(
  actions(orchard, { you: you$, bot: partner }, { you: { idle: 0 }, bot: { every: 2 } }),
  stepWith(orchard, { onCrash: 'resume' }),
);
const rounds = (part: string, seconds: number, seed: number) => {
  const parameters: RoundsParameters<ParallelStep> = {
    env: () => orchard,
    play,
    seed,
    fps: 6,
    countdown: 3,
    timeLimit: seconds,
    resultTime: 2500,
    pauseWhen: () => hidden$(),
    ...{ width: 960, height: 540, prompt: pad, texts: texts(part) },
    persist: { key: `${study} ${visit.session} ${part}` },
    record: { study, session: visit.session, infos: ['basket'], meta: { part } },
  };
  return { type: RoundsPlugin, ...parameters };
};

const parts = {
  consent,
  instructions,
  practice: rounds('Practice', 10, 0),
  'round 1': rounds('Round 1 of 3', 40, 1),
  'round 2': rounds('Round 2 of 3', 40, 2),
  'round 3': rounds('Round 3 of 3', 40, 3),
  questionnaire,
};

const jsPsych = initJsPsych({
  display_element: 'study',
  on_data_update: (row: Row) => visit.add(row),
  on_finish: () => {
    void visit.kept.then(() => end(study, visit.rows, delivery$).subscribe());
    visit.end();
  },
});
const left = Object.entries(parts).filter(([part]) => !visit.isDone(part));
void jsPsych.run(left.map(([part, trial]) => ({ ...trial, data: { part } })));
